"""A library's own lists: all of them or nothing, every mistake named."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from drivers.link import SettingsError
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.importer import ImportRefused, Problem, import_lists
from sync.central.lists import FORMS, heading
from sync.central.settings import CentralSettings
from sync.central.stocking import import_folder
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId

ITEMS = "number,title,item_type,collection\n"
PATRONS = "number,name,category,pin\n"


def refused(store: Store, library: Library, judge: SecretJudge, **files: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ImportRefused) as caught:
        import_lists(store, library, judge, files)
    return caught.value.problems


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_charsets_libraries_use(
    store: Store, library: Library, judge: SecretJudge, charset: str
) -> None:
    """UTF-8 with and without byte order mark and GB18030 give the same items."""
    text = ITEMS + "N1,新书通报 𠮷,book,general\r\n"

    counts = import_lists(store, library, judge, {"items": text.encode(charset)})

    with store.reading() as connection:
        item = queries.find_item(connection, ItemId("N1"))
    assert counts == {"items": 1}
    assert item is not None
    assert item.title == "新书通报 𠮷"


def test_every_mistake_is_named_by_line_column_and_reason(
    file_store: Store, library: Library, judge: SecretJudge
) -> None:
    """One bad file tells all its mistakes at once, each where it is, and none repeats what stood there."""
    text = (
        "number,title,item_type,collection,price,parts,condition,lend_incomplete\n"
        "N1,Good,book,general,12.50,2,in-place,yes\n"
        "N1,Twice,book,general,,,,\n"
        ",No number,book,general,,,,\n"
        "N|3,Secret-Text,book,general,12.345,0,eaten,perhaps\n"
        "N4,Short line,book\n"
        "N5,No type,no-such-type,general,,,,\n"
    )

    problems = refused(file_store, library, judge, items=text.encode())

    assert [(problem.line, problem.column) for problem in problems] == [
        (3, "number"),
        (4, "number"),
        (5, "number"),
        (5, "price"),
        (5, "parts"),
        (5, "lend_incomplete"),
        (5, "condition"),
        (6, ""),
    ]
    assert not any("Secret-Text" in str(problem) or "eaten" in str(problem) for problem in problems)


def test_nothing_is_imported_when_one_line_is_wrong(
    store: Store, library: Library, judge: SecretJudge
) -> None:
    """A mistake in the second list keeps the first list out too."""
    problems = refused(
        store,
        library,
        judge,
        items=(ITEMS + "N1,Good,book,general\n").encode(),
        loans=b"item,patron,lent_on,due_on\nN1,nobody,2026-01-01,2026-02-01\n",
    )

    with store.reading() as connection:
        assert queries.find_item(connection, ItemId("N1")) is None
    assert problems == (Problem("loans", 2, "patron", "it is not in the list of patrons"),)
    assert str(problems[0]) == "loans line 2, column patron: it is not in the list of patrons"


@pytest.mark.parametrize(
    ("name", "content", "column", "reason"),
    [
        ("items", b"", "number", "this column is missing"),
        ("items", b"number,title,item_type,collection,colour\n", "colour", "there is no such column"),
        ("items", b"number,number,title,item_type,collection\n", "number", "more than once"),
        ("books", b"number\n", "", "there is no such list"),
        ("items", b"\xff\xff\xff\x80", "", "neither UTF-8 nor GB18030"),
        ("items", ITEMS.encode() + b'N1,"open,book,general\n', "", "this is not CSV"),
        ("items", ITEMS.encode() + b"N1,a\x00b,book,general\n", "title", "control characters"),
        ("items", ITEMS.encode() + b"N1," + b"x" * 501 + b",book,general\n", "title", "at most 500"),
        ("patrons", PATRONS.encode() + b"P1,Name,adult,12\n", "pin", "4 to 32"),
        ("patrons", PATRONS.encode() + b"P1,Name,adult,12|45\n", "pin", "4 to 32"),
        ("loan_terms", b"category,item_type,loan_days\nadult,book,-3\n", "loan_days", "whole number"),
        ("closed_days", b"day\n2026-02-30\n", "day", "YYYY-MM-DD"),
        ("closed_days", b"day\ntoday+999999999\n", "day", "YYYY-MM-DD"),
        ("closed_weekdays", b"weekday\n7\n", "weekday", "from 0 (Monday)"),
        (
            "fees",
            b"patron,kind,amount,charged_on\n20999000000017,other,0.00,today\n",
            "amount",
            "more than zero",
        ),
        (
            "fees",
            b"patron,kind,amount,charged_on\n20999000000017,other,-1,today\n",
            "amount",
            "an amount like",
        ),
        ("fees", b"patron,kind,amount,charged_on\n20999000000017,bribe,1,today\n", "kind", "must be one of"),
        (
            "loans",
            b"item,patron,lent_on,due_on\n30999000000213,20999000000017,today,today\n",
            "item",
            "among the open loans already",
        ),
        (
            "loans",
            b"item,patron,lent_on,due_on\n30999000010030,20999000000017,today,today-9\n",
            "due_on",
            "before the day of the loan",
        ),
    ],
)
def test_hostile_and_mistaken_files_are_refused_with_a_sentence(
    file_store: Store,
    library: Library,
    judge: SecretJudge,
    name: str,
    content: bytes,
    column: str,
    reason: str,
) -> None:
    """Whatever is wrong with a file, the answer says where and what."""
    problems = refused(file_store, library, judge, **{name: content})

    assert any(problem.column == column and reason in problem.reason for problem in problems)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FORMS)),
    body=st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore"))
    ),
)
def test_no_bytes_at_all_break_the_import(
    file_store: Store, library: Library, judge: SecretJudge, name: str, body: bytes
) -> None:
    """Any content under a right header is imported or refused with problems; nothing else happens."""
    header = ",".join(heading(column) for column in FORMS[name].columns).encode() + b"\n"
    with contextlib.suppress(ImportRefused):
        import_lists(file_store, library, judge, {name: header + body})
    with file_store.reading() as connection:
        assert queries.count_items(connection) >= 340


def test_importing_again_changes_what_is_known_and_keeps_pins_and_loans(
    store: Store, library: Library, judge: SecretJudge
) -> None:
    """A newer list of patrons without PINs renames them, and their PINs and loans stay."""
    row = f"{demo.READER_WITH_LOAN},测试读者改名,senior,\n"

    import_lists(store, library, judge, {"patrons": (PATRONS + row).encode()})

    with store.reading() as connection:
        patron = queries.find_patron(connection, PatronId(demo.READER_WITH_LOAN))
        loans = queries.open_loans_of_patron(connection, PatronId(demo.READER_WITH_LOAN))
    assert patron is not None
    assert (patron.name, patron.category) == ("测试读者改名", "senior")
    assert judge.is_right(patron.pin_hash, Secret(demo.PIN))
    assert len(loans) == 2


def test_no_pin_is_stored_as_it_is(store: Store) -> None:
    """Every stored PIN is an Argon2id hash."""
    with store.reading() as connection:
        hashes = connection.execute(select(t.patrons.c.pin_hash)).scalars().all()

    assert sum(hashed is None for hashed in hashes) == 1
    assert all(hashed.startswith("$argon2id$") for hashed in hashes if hashed is not None)
    assert len(set(hashes)) == len(hashes)


def test_a_folder_of_lists_is_imported_in_one_go(tmp_path: Path) -> None:
    """Every list in the folder is taken, other files are left alone, and a folder without lists is refused."""
    settings = CentralSettings(f"sqlite:///{tmp_path / 'own.db'}", hash_cost=CHEAP)
    folder = tmp_path / "lists"
    folder.mkdir()
    with pytest.raises(SettingsError, match=r"there is no list in .*items\.csv"):
        import_folder(settings, folder)
    for name, content in demo.library().items():
        (folder / f"{name}.csv").write_bytes(content)
    (folder / "notes.txt").write_text("not a list")

    counts = import_folder(settings, folder)

    assert set(counts) == set(FORMS)
    assert counts["items"] >= 300


def test_every_column_is_documented() -> None:
    """The guide for librarians names every list and every column."""
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "import.md").read_text("utf-8")

    for form in FORMS.values():
        section = guide.partition(f"## {form.name}.csv\n")[2].partition("\n## ")[0]
        assert [f"`{heading(column)}`" in section for column in form.columns] == [True] * len(form.columns)
