"""The journal, its cases and the ledger for staff and library IT: listed, verified, backed up, exported, closed.

`over_socket.py` is what a running terminal answers on its control socket, `on_file.py` the same without a running
terminal; `asked.py` checks what is asked, `saying.py` puts what is answered into JSON, and `tables.py` makes lines to
read of that.  The ledger of the machine is `ledger.py`, asked of a running terminal by `ledger_over_socket.py`;
`ledger_tables.py` is its CSV, `ledger_lines.py` what is read.

Nothing here tells who a patron is: a mask is all that leaves.
"""
