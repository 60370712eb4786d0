"""The SIP2 face: 93 99 97 23 63 11 29 09 17 35 37 19 and their answers, strictly by SIP 2.00.

`server.py` owns sockets and threads, `conversation.py` is one connection without either (bytes in, bytes
out), `answers.py` and its neighbours turn requests into answers, `texts.py` words them in Chinese and
English.

What other servers get wrong is kept out here: nothing before the login, nothing without a terminator,
nothing twice, no answer of another connection, no empty identifier.
"""
