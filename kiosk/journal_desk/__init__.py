"""The journal and its cases for staff and library IT: listed, verified, backed up, exported, closed.

`over_socket.py` is what a running terminal answers on its control socket, `on_file.py` the same without a running
terminal; `asked.py` checks what is asked, `saying.py` puts what is answered into JSON, and `tables.py` makes lines to
read of that.

Nothing here tells who a patron is: a mask is all that leaves.
"""
