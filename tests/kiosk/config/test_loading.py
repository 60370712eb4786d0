"""One TOML file becomes typed settings, or a list of everything that is wrong with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.printer.escpos_printer import EscposPrinterSettings
from drivers.rfid.obid_settings import ObidPadSettings
from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load
from kiosk.config.screen import screen_size
from kiosk.config.summary import summary
from kiosk.runtime.session_settings import session_settings
from kiosk.workflow.settings import ScannedItem
from sync.journal.keys import create_keys
from sync.rules.offline import OfflineLending, OfflinePolicy

EXAMPLE = Path(__file__).parents[3] / "systemd" / "kiosk.example.toml"

GOOD = """
[terminal]
name = "kiosk-01"
library = "Example"
[session]
[pad]
driver = "obid-pad"
link = "serial:/dev/pad"
[server]
url = "tcp://127.0.0.1:6001"
login_user = "kiosk"
password_file = "password"
[journal]
path = "journal.db"
key_file = "journal.key"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the secret that the good configuration refers to."""
    secret(tmp_path / "password")
    return tmp_path


def secret(path: Path, text: str = "s3cret\n", mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def complaints(folder: Path, text: str) -> tuple[str, ...]:
    """What is wrong with *text* as a configuration in *folder*."""
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationWrong) as caught:
        load(file)
    return caught.value.complaints


def changed(section: str, line: str) -> str:
    """The good configuration with *line* in *section*."""
    assert f"[{section}]\n" in GOOD
    return GOOD.replace(f"[{section}]\n", f"[{section}]\n{line}\n")


def test_the_shipped_example_can_be_used(tmp_path: Path) -> None:
    """The example configuration is complete and right but for the secret it names, which is made here."""
    file = tmp_path / "kiosk.toml"
    file.write_bytes(EXAMPLE.read_bytes())
    secret(tmp_path / "kiosk-01.secret")

    configuration = load(file)

    assert configuration.terminal.owners == ("CN-",)
    assert configuration.journal.path == tmp_path / "journal.db"
    assert "this configuration can be used" in list(summary(configuration))


def test_every_default_in_the_shipped_example_is_the_real_one(tmp_path: Path) -> None:
    """A setting shown as a comment is what holds without it: with all comments opened nothing changes.

    Left out are those that have no default: files, and the limit that only counts once it is set.
    """
    text = EXAMPLE.read_text(encoding="utf-8")
    opened = "\n".join(
        line.removeprefix("# ")
        if line.startswith("# ") and " = " in line and "_file = " not in line and "loans_max" not in line
        else line
        for line in text.splitlines()
    )
    assert opened.count("\n# ") <= 11
    secret(tmp_path / "kiosk-01.secret")
    (tmp_path / "plain.toml").write_text(text, encoding="utf-8")
    (tmp_path / "opened.toml").write_text(opened, encoding="utf-8")

    assert load(tmp_path / "opened.toml") == load(tmp_path / "plain.toml")


def test_the_strip_unit_of_the_shipped_example_can_be_used(tmp_path: Path) -> None:
    """With its section opened and strips said to be there, the example is complete and right."""
    text = EXAMPLE.read_text(encoding="utf-8").replace('# strips = "none"', 'strips = "all"')
    text = text.replace("# reads_extensions = false", "reads_extensions = true")
    lines = [line[1:] if re.match(r"#[a-z\[]", line) else line for line in text.splitlines()]
    (tmp_path / "kiosk.toml").write_text("\n".join(lines), encoding="utf-8")
    secret(tmp_path / "kiosk-01.secret")

    configuration = load(tmp_path / "kiosk.toml")

    assert configuration.strip_unit is not None
    assert configuration.strip_unit.settings == BookCheckSettings()
    assert [line for line in summary(configuration) if line.startswith("strip")] == [
        "strip unit   bookcheck at usb:0d2c:03ae",
        "strips       of every item",
    ]


def test_a_driver_gets_its_own_settings_as_its_own_type(folder: Path) -> None:
    """What stands under [pad.settings] becomes the driver's dataclass, enumerations included."""
    file = folder / "kiosk.toml"
    file.write_text(GOOD + '[pad.settings]\nframe = "advanced"\nreleased_afi = 0x9E\n', encoding="utf-8")

    pad = load(file).pad

    assert pad is not None
    assert isinstance(pad.settings, ObidPadSettings)
    assert (pad.settings.frame.value, pad.settings.released_afi) == ("advanced", 0x9E)


def test_the_session_gets_what_the_file_says(folder: Path) -> None:
    """Settings of the session and which devices there are reach the session's own values."""
    file = folder / "kiosk.toml"
    file.write_text(
        changed("session", 'pin = "off"\nidle_seconds = 90\nscanned_item = "lend"'), encoding="utf-8"
    )

    settings = session_settings(load(file))

    assert (settings.needs_pin, settings.idle_seconds, settings.scanned_item) == (False, 90, ScannedItem.LEND)
    assert (settings.has_pad, settings.has_scanner, settings.has_card_reader) == (True, False, False)


@pytest.mark.parametrize(
    ("section", "line", "sentence"),
    [
        ("session", "idle_seconds = 3", "[session] idle_seconds: 3 is too small, allowed 10 to 600"),
        ("session", "idle_seconds = 601", "[session] idle_seconds: 601 is too great, allowed 10 to 600"),
        ("session", 'idle_seconds = "45"', "[session] idle_seconds: '45' does not fit, allowed 10 to 600"),
        ("session", "idle_second = 45", "[session] idle_second: unknown key; did you mean idle_seconds?"),
        ("session", 'pin = "maybe"', "[session] pin: 'maybe' does not fit, allowed is 'required', 'off'"),
        ("session", "number_pad = 1", "[session] number_pad: 1 does not fit, allowed is a boolean"),
        (
            "session",
            'strips = "some"',
            "[session] strips: 'some' does not fit, allowed is 'none', 'untagged', 'all'",
        ),
        (
            "session",
            "strips = true",
            "[session] strips: True does not fit, allowed is 'none', 'untagged', 'all'",
        ),
        ("session", "strip_seconds = 4", "[session] strip_seconds: 4 is too small, allowed 5 to 300"),
        ("session", "strip_seconds = 301", "[session] strip_seconds: 301 is too great, allowed 5 to 300"),
        ("session", "strip_seconds = 1e9", "[session] strip_seconds: 1000000000.0 does not fit"),
        ("session", "idle_seconds = 2026-01-01", "[session] idle_seconds: '2026-01-01' does not fit"),
        ("session", "idle_seconds = nan", "[session] idle_seconds: nan does not fit"),
        ("session", "item_number_pattern = '('", "[session] item_number_pattern: is no regular expression"),
        (
            "terminal",
            'languages = ["de"]',
            "[terminal] languages.0: 'de' does not fit, allowed is 'zh_CN', 'en'",
        ),
        ("terminal", 'languages = ["en"]', "[terminal] language: 'zh_CN' is not among languages (en)"),
        (
            "terminal",
            "owners = 'CN-'",
            "[terminal] owners: 'CN-' does not fit, allowed is a list of 0 to 20 values",
        ),
        ("server", 'profile = "kohaa"', "[server] profile: SIP2 profile 'kohaa' is not known; there are: "),
        ("server", 'time_zone = "Mars/Base"', "[server] time_zone: 'Mars/Base' is no time zone"),
        ("server", 'terminal_password_file = "none"', "[server] terminal_password_file: "),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    folder: Path, section: str, line: str, sentence: str
) -> None:
    """Section, key, what was found and what is allowed stand in one sentence, and it is the only one."""
    [complaint] = complaints(folder, changed(section, line))

    assert complaint.startswith(sentence)


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        (
            'library = "Example"\n',
            "",
            "[terminal] library: is missing; allowed is a text of 1 to 120 characters",
        ),
        ("[session]", "[sesion]", "[sesion]: unknown section; did you mean [session]?"),
        ("[session]", "[gardening]", "[gardening]: unknown section; known are [book_drop], "),
        ('"obid-pad"', '"obid"', "[pad] driver: driver 'obid' is not known; a pad can be: "),
        ('"obid-pad"', '"pcsc-card"', "[pad] driver: driver 'pcsc-card' is no pad but: card reader"),
        (
            '"serial:/dev/pad"',
            '"pcsc:pad"',
            "[pad] link 'pcsc:pad': unknown kind 'pcsc'; allowed here: serial, tcp, tls",
        ),
        (
            '"serial:/dev/pad"',
            '"serial:/dev/pad?baud=1"',
            "[pad] link 'serial:/dev/pad?baud=1': baud=1 has to be a whole number from 300 to 4000000",
        ),
        (
            '"serial:/dev/pad"',
            '"tcp://pad"',
            "[pad] link 'tcp://pad': has to read tcp://HOST:PORT",
        ),
        (
            "tcp://127.0.0.1:6001",
            "tcp://127.0.0.1:99999",
            "[server] url: link 'tcp://127.0.0.1:99999': has to read tcp://HOST:PORT with a port from 1 to 65535",
        ),
        (
            'password_file = "password"\n',
            "",
            "[server] login_user and password_file: either both are set or neither",
        ),
        (
            "tcp://127.0.0.1",
            "tcp://192.0.2.1",
            "[server] url: 'tcp://192.0.2.1:6001' would send patrons' numbers",
        ),
        (
            "tcp://127.0.0.1",
            "ftp://192.0.2.1",
            "[server] url: 'ftp://192.0.2.1:6001' has to begin with tls://",
        ),
        ('"journal.db"', '"none/journal.db"', "[journal] path: the folder "),
        ('driver = "obid-pad"\nlink = "serial:/dev/pad"', "", "[pad] driver: is missing"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong(folder: Path, found: str, put: str, sentence: str) -> None:
    """Missing, misspelt and impossible things are named one by one."""
    assert found in GOOD

    first = complaints(folder, GOOD.replace(found, put))[0]

    assert first.startswith(sentence)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("bus_adress = 1", "[pad.settings] bus_adress: unknown key; did you mean bus_address?"),
        ("bus_address = 300", "[pad.settings] bus_address = 300: allowed is 0 to 255"),
        ("bus_address = 'one'", "[pad.settings] bus_address: 'one' does not fit, allowed is an integer"),
        ("frame = 'long'", "[pad.settings] frame: 'long' does not fit, allowed is 'standard', 'advanced'"),
        ("secured_afi = 0xC2", "[pad.settings] secured_afi and released_afi are both 194; they must differ"),
    ],
)
def test_a_drivers_settings_are_judged_by_the_driver(folder: Path, settings: str, sentence: str) -> None:
    """The driver's own keys, kinds and limits hold, without any device being there."""
    [complaint] = complaints(folder, f"{GOOD}[pad.settings]\n{settings}\n")

    assert complaint.startswith(sentence)


def test_limits_that_only_a_driver_knows_are_checked_without_its_device(folder: Path) -> None:
    """A scanner's rules contradict each other: found although nothing is plugged in."""
    scanner = '[scanner]\ndriver = "serial-scanner"\nlink = "serial:/dev/s"\n'
    text = f"{GOOD}{scanner}[scanner.settings]\nsilence_seconds = 60\n"

    [complaint] = complaints(folder, text)

    assert complaint == "[scanner.settings] silence_seconds is 60.0, allowed is 0.02 to 10"


def test_all_faults_are_told_at_once(folder: Path) -> None:
    """Nobody mends one fault to be told the next: four wrong things are four sentences."""
    text = (
        changed("session", "idle_seconds = 3\nwarning_second = 5").replace("obid-pad", "obid") + "[spare]\n"
    )

    assert len(complaints(folder, text)) == 4


def test_toml_that_is_none_is_told_with_its_line(folder: Path) -> None:
    """A slip of the pen is found by its line."""
    [complaint] = complaints(folder, GOOD + "\nidle_seconds == 3\n")

    assert "is no TOML" in complaint
    assert "(at line 17, " in complaint


@pytest.mark.parametrize("content", [b"\xff\xfe[terminal]", b"#" * 300_000])
def test_a_file_that_is_no_configuration_is_refused(folder: Path, content: bytes) -> None:
    """Another charset and a file of absurd size end in one sentence, not in a traceback."""
    file = folder / "kiosk.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigurationWrong) as caught:
        load(file)

    assert len(caught.value.complaints) == 1


@pytest.mark.parametrize(
    "text", ["terminal = 3", "[[terminal]]", "[terminal.name]", "pad = 'x'", "[server]\nurl = []"]
)
def test_sections_of_the_wrong_shape_are_complained_about(folder: Path, text: str) -> None:
    """Whatever stands where a section belongs gets a sentence that names it."""
    name = text.replace("[", "").replace("]", " ").split()[0].partition(".")[0]

    assert any(name in complaint for complaint in complaints(folder, text))


@pytest.mark.parametrize(
    ("text", "mode", "what"),
    [
        ("s3cret\n", 0o644, "is open to others (mode 0644), allowed is 0600 or 0400"),
        ("s3cret\n", 0o640, "is open to others (mode 0640)"),
        ("", 0o600, "has to hold one line"),
        ("s3cret\ns3cret\n", 0o600, "has to hold one line"),
        ("s3cret" * 50, 0o600, "has to hold one line"),
    ],
)
def test_a_secret_file_that_cannot_be_one_is_refused(folder: Path, text: str, mode: int, what: str) -> None:
    """Open to others, empty, too long: the file is named, and its content never."""
    secret(folder / "password", text, mode)

    [complaint] = complaints(folder, GOOD)

    assert what in complaint
    assert "password_file" in complaint
    assert "s3cret" not in complaint


def test_a_missing_secret_file_is_named(folder: Path) -> None:
    """The file that is not there is named with the key that asks for it."""
    (folder / "password").unlink()

    [complaint] = complaints(folder, GOOD)

    assert (
        complaint == f"[server] password_file: {folder}/password cannot be read (No such file or directory)"
    )


def test_a_journal_without_its_key_is_noticed_before_the_start(folder: Path) -> None:
    """Where a journal lies its key must be there too; where neither does, both will be made."""
    (folder / "journal.db").write_bytes(b"")
    [complaint] = complaints(folder, GOOD)
    assert complaint.startswith("[journal] key_file: ")

    create_keys(folder / "journal.key")

    assert load(folder / "kiosk.toml").journal.key_file == folder / "journal.key"


def test_the_windows_size_is_known_before_pydantic_is_loaded(folder: Path) -> None:
    """The first frame does not wait for the rest of the file to be judged."""
    file = folder / "kiosk.toml"
    file.write_text(GOOD + "[screen]\nwidth = 1920\nheight = 1080\nfullscreen = false\n", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from kiosk.config.screen import screen_size;"
        "print(screen_size(Path(sys.argv[1])), 'pydantic' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True, env=os.environ
    ).stdout

    assert said.strip() == "ScreenSize(width=1920, height=1080, is_fullscreen=False) False"


@pytest.mark.parametrize(
    "text", ["", "[screen", "screen = 1", "[screen]\nwidth = 5\nheight = true\nfullscreen = 2"]
)
def test_a_window_opens_whatever_the_file_says(tmp_path: Path, text: str) -> None:
    """A wrong configuration is complained about later; until then the usual size is taken."""
    (tmp_path / "kiosk.toml").write_text(text, encoding="utf-8")

    assert screen_size(tmp_path / "kiosk.toml") == screen_size(tmp_path / "missing.toml")


CENTRAL = GOOD.replace("tcp://127.0.0.1:6001", "https://central.example.org").replace(
    'login_user = "kiosk"\npassword_file = "password"\n', 'token_file = "token"\n'
)
OFFLINE = """
[offline]
lend = "within-limits"
snapshot_file = "snapshot"
snapshot_key_file = "snapshot.key"
pin_pepper_file = "pepper"
central_public_key_file = "central.pub"
"""


def loaded(folder: Path, text: str) -> Configuration:
    """What *text* means as a configuration in *folder*."""
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_central_is_told_by_its_address(folder: Path) -> None:
    """With https:// the terminal is known by its token, and the summary says that it speaks to central."""
    secret(folder / "token")

    configuration = loaded(folder, CENTRAL)

    assert configuration.server.token_file == folder / "token"
    assert "server       https://central.example.org, central" in list(summary(configuration))


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        (
            'token_file = "token"\n',
            "",
            "[server] token_file: is missing; central knows a terminal by its token",
        ),
        ('token_file = "token"\n', 'token_file = "none"\n', "[server] token_file: "),
        (
            'token_file = "token"\n',
            'token_file = "token"\nprofile = "koha"\n',
            "[server] profile: is of SIP2 only",
        ),
        (
            'token_file = "token"\n',
            'token_file = "token"\nca_file = "none.pem"\n',
            "[server] ca_file: ",
        ),
        (
            "https://central",
            "http://central",
            "[server] url: 'http://central.example.org' would send patrons'",
        ),
        (
            "example.org",
            "example.org/v1",
            "[server] url: 'https://central.example.org/v1' has to read https://HOST",
        ),
        ("example.org", "example.org:99999", "[server] url: 'https://central.example.org:99999' has to read"),
    ],
)
def test_a_wrong_way_to_central_is_named(folder: Path, found: str, put: str, sentence: str) -> None:
    """Keys of the other protocol, a token that is not there, an address that is none: one sentence each."""
    secret(folder / "token")
    assert found in CENTRAL

    [complaint] = complaints(folder, CENTRAL.replace(found, put))

    assert complaint.startswith(sentence)


def test_the_token_is_of_central_only(folder: Path) -> None:
    """Who speaks SIP2 has a password, and is told so when there is a token."""
    secret(folder / "token")

    [complaint] = complaints(folder, changed("server", 'token_file = "token"'))

    assert complaint == "[server] token_file: is of central only, told by https://"


def test_lending_without_the_server_needs_all_of_its_files(folder: Path) -> None:
    """Each of the four that is missing is named; nobody finds out in the next outage."""
    for name in ("snapshot_file", "snapshot_key_file", "pin_pepper_file", "central_public_key_file"):
        text = "\n".join(line for line in OFFLINE.splitlines() if not line.startswith(name))
        [complaint] = complaints(folder, GOOD + text)
        assert complaint == f'[offline] {name}: is needed for lend = "within-limits"'


def test_what_lending_without_the_server_needs_is_looked_at(folder: Path) -> None:
    """A key that is not there or open to others is found before the first outage; the snapshot may come later."""
    secret(folder / "snapshot.key", mode=0o644)

    found = complaints(folder, GOOD + OFFLINE)

    assert [complaint.partition(":")[0] for complaint in found] == [
        "[offline] snapshot_key_file",
        "[offline] pin_pepper_file",
        "[offline] central_public_key_file",
    ]


def test_the_session_gets_the_offline_policy(folder: Path) -> None:
    """What the library allows without the server reaches the session's settings, and a printer is known to be there."""
    for name in ("snapshot.key", "pepper", "central.pub"):
        secret(folder / name, "7f" * 32 + "\n")
    printer = '[printer]\ndriver = "escpos-printer"\nlink = "serial:/dev/p"\n'

    settings = session_settings(
        loaded(folder, f"{GOOD}{OFFLINE}snapshot_hours_max = 6\nloans_max = 3\n{printer}")
    )

    assert settings.offline == OfflinePolicy(OfflineLending.WITHIN_LIMITS, 6, 3)
    assert settings.has_printer


def test_nothing_is_lent_without_the_server_unless_the_library_says_so(folder: Path) -> None:
    """The default is caution, and where the sockets and files of a bare configuration are is known."""
    configuration = loaded(folder, GOOD)

    assert session_settings(configuration).offline == OfflinePolicy()
    assert configuration.control.folder == folder / "control"


def test_a_file_that_a_driver_needs_counts_from_the_configurations_folder(folder: Path) -> None:
    """The printer's font is found wherever the terminal is started, and a missing one is said with its whole path."""
    font = Path(__file__).parents[3] / "ui" / "fonts" / "NotoSansSC-Regular.otf"
    (folder / "fonts").mkdir()
    (folder / "fonts" / "slip.otf").symlink_to(font)
    printer = (
        '[printer]\ndriver = "escpos-printer"\nlink = "serial:/dev/p"\n'
        '[printer.settings]\nchinese = "raster"\nfont = "fonts/{}"\n'
    )

    settings = loaded(folder, GOOD + printer.format("slip.otf")).printer
    assert settings is not None
    assert isinstance(settings.settings, EscposPrinterSettings)
    assert settings.settings.font == str(folder / "fonts" / "slip.otf")
    [complaint] = complaints(folder, GOOD + printer.format("missing.otf"))
    assert str(folder / "fonts" / "missing.otf") in complaint


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        (
            'snapshot_file = "journal.db"',
            'snapshot_file = "snapshot"',
            "[offline] snapshot_file: {} is [journal] path",
        ),
        ('key_file = "journal.db"', 'key_file = "journal.key"', "[journal] key_file: {} is [journal] path"),
    ],
)
def test_no_file_is_written_over_by_another(folder: Path, wrong: str, right: str, complaint: str) -> None:
    """A snapshot or a key that would take the journal's place is found before anything is written."""
    for name in ("snapshot.key", "pepper", "central.pub"):
        secret(folder / name, "7f" * 32 + "\n")
    assert right in GOOD + OFFLINE

    found = complaints(folder, (GOOD + OFFLINE).replace(right, wrong))

    assert complaint.format(folder / "journal.db") + " already" in found
