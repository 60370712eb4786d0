"""The texts that the configuration of the demo's terminal is put together from."""

from __future__ import annotations

BEGINNING = """\
# Written by `kiosk demo`; written anew each time.

[terminal]
name = "{terminal}"
library = {library}
language = "{language}"
owners = ["CN-"]
time_zone = "{zone}"

[pad]
driver = "obid-pad"
link = "{pad}"
[pad.settings]
frame = "{frame}"

[printer]
driver = "escpos-printer"
link = "{printer}"
"""

STAND = """
[session]
services = ["borrow", "return", "account", "pay", "care"]
patron_number_pattern = '2\\d{{13}}'
item_number_pattern = '3\\d{{13}}'
scanned_item = "lend"
strips = "untagged"

[scanner]
driver = "serial-scanner"
link = "{scanner}"

[card_reader]
driver = "pcsc-card"
link = "{card_reader}"
[card_reader.settings]
source = "ndef"

[strip_unit]
driver = "bookcheck"
link = "{strip_unit}"
[strip_unit.settings]
unwatched_seconds_max = 1.0

[payment_terminal]
driver = "zvt-terminal"
link = "{card_terminal}"
[payment_terminal.settings]
password_file = "till.secret"
currency = "{currency}"

[payment]
qr_url = "{payment_backend}"
token_file = "payment.secret"
poll_seconds = 0.5
"""
"""A terminal that people stand at, with every service."""

DROP = """
[session]
drop_done_seconds = 2
item_number_pattern = '3\\d{{13}}'

[book_drop]
driver = "line-book-drop"
link = "{book_drop}"
[book_drop.settings]
entry = 22
passed = 23
bin_full = 24
flap_shut = 25
flap = 5
diverters = {{ "2" = 6 }}
active_low = [22, 23, 24, 25]
full_seconds = 1.0
"""
"""An unattended book drop."""

END = """
[sorting]
branch = "{branch}"
by_code = {{ "1" = "1", "2" = "1", "3" = "1" }}
[sorting.by_route]
shelf = "1"
new = "1"
hold-here = "2"
hold-elsewhere = "2"
other-branch = "2"
damaged = "2"
staff = "2"
[sorting.bins.1]
place = "上架 Back to the shelves"
colour = "green"
[sorting.bins.2]
place = "工作人员 For staff"
colour = "orange"

[server]
status_seconds = 5.0
{server}
[journal]
path = "journal.db"
key_file = "journal.key"

[control]
folder = "service"

[screen]
width = 1080
height = 1920
fullscreen = false
"""

SIP2 = """\
url = "{network}"
profile = "central"
institution = "{institution}"
login_user = "{terminal}"
password_file = "{terminal}.secret"
time_zone = "{zone}"
currency = "{currency}"
"""

CENTRAL = """\
url = "{network}"
token_file = "{identity}/server.token"
currency = "{currency}"

[offline]
lend = "within-limits"
snapshot_file = "snapshot.box"
snapshot_key_file = "{identity}/snapshot.key"
pin_pepper_file = "{identity}/snapshot.pepper"
central_public_key_file = "{identity}/central.pub"
refresh_minutes = 1
"""
