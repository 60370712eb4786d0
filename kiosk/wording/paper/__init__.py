"""What is printed for readers and staff, by templates that a library can change.

Start with `printing.py`: `Paper.document` makes a document of a receipt or a routing slip.  `facts.py` is what a
template is told, `templates/` are ours (Jinja2), `rendering.py` runs one in a sandbox and says what is wrong with it,
`markup.py` turns the text that comes out into a document, `checking.py` looks at templates before they are used, by the
invented receipts of `samples.py`.

A template is told about items, days and amounts, and never about a person.  One that fails when it is needed is
replaced by ours: nobody waits for paper because of a comma.
"""
