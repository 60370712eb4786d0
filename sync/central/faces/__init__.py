"""How central is spoken to: `sip2/` for terminals of any maker, `rest/` for our own and for other programs.

A face understands, asks a service of `../circulation/` within one transaction, and words the answer.  It
holds no state beyond one connection and never touches a table.
"""
