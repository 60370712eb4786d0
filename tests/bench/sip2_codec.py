"""A checkout on the wire: encode the request, decode the response, checksums made and checked."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from pysip2.codec import decode_message, encode_message
from pysip2.models import CheckoutRequest as PeerRequest

from drivers.masked import Secret
from sync.entries import item_id, patron_id
from sync.servers.sip2.framing import Checksum, deframe, enframe
from sync.servers.sip2.messages import Checkout, CheckoutResponse, decode, encode
from tests.bench.figures import Figure
from tests.bench.pairs import ratios

PATRON = patron_id("21234000000011")
ITEM = item_id("30000000000012")
NO_PASSWORD = Secret("")
AT = datetime(2026, 11, 22, 16, 4, 52)
WIRE_DATE = "20261122    160452"
RESPONSE = enframe(
    f"121NNY{WIRE_DATE}AOLIB|AA21234000000011|AB30000000000012|AJ红楼梦 Dream of the Red Chamber|"
    "AH20261220    235900|CK001|",
    "utf-8",
    "1",
    error_detection=True,
)[:-1]


def ours() -> object:
    """Typed values out, typed values in."""
    request = Checkout(
        may_renew=False,
        no_block=False,
        at=AT,
        no_block_due=None,
        institution="LIB",
        patron=PATRON,
        item=ITEM,
        terminal_password=NO_PASSWORD,
    )
    enframe(encode(request), "utf-8", "1", error_detection=True)
    frame = deframe(RESPONSE, "utf-8")
    response = decode(frame.text)
    if frame.checksum is not Checksum.GOOD or not isinstance(response, CheckoutResponse) or not response.ok:
        raise AssertionError("the response was not understood")
    return response


def by_hand() -> object:
    """What somebody would write who needs just this: join, sum, split, slice, a dictionary of strings."""
    date = AT.strftime("%Y%m%d    %H%M%S")
    body = "|".join(
        ["11NN" + date + " " * 18 + "AOLIB", "AA21234000000011", "AB30000000000012", "AC", "AY1AZ"]
    ).encode()
    _ = body + b"%04X\r" % (-sum(body) & 0xFFFF)
    if (sum(RESPONSE[:-4]) + int(RESPONSE[-4:], 16)) & 0xFFFF:
        raise AssertionError("wrong checksum")
    text = RESPONSE.decode()
    fields = {part[:2]: part[2:] for part in text[24:].split("|") if part}
    ok, renewal, magnetic, desensitize = text[2] == "1", text[3] == "Y", text[4] == "Y", text[5] == "Y"
    return ok, renewal, magnetic, desensitize, text[6:24], fields


def pysip2() -> object:
    """The same with pysip2's own models."""
    request = PeerRequest(
        sc_renewal_policy="N",
        no_block="N",
        transaction_date=WIRE_DATE,
        nb_due_date=WIRE_DATE,
        institution_id="LIB",
        patron_identifier="21234000000011",
        item_identifier="30000000000012",
        terminal_password="",
    )
    encode_message(request, sequence_number=1, checksum=True, encoding="utf-8")
    return decode_message(RESPONSE + b"\r", encoding="utf-8")


def figures(pairs: int, repeat: int) -> list[Figure]:
    """The codec's figure: *pairs* ratios of *repeat* checkouts each."""
    peer = median(ratios(pysip2, by_hand, pairs=max(3, pairs // 4), repeat=repeat))
    samples = ratios(ours, by_hand, pairs=pairs, repeat=repeat)
    return [
        Figure(
            "SIP2 checkout, encode + decode",
            samples,
            "times",
            "hand-written join, split and sum",
            2.0,
            peers={"pysip2": peer},
        )
    ]
