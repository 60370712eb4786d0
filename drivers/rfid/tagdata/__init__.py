"""What a tag's memory means, apart from any reader: pure functions from bytes to the values of
`drivers.rfid`.

Start with `decode.py`, which knows in which order the data models are tried and what each has to prove.  A model is a
module: `iso28560_3.py` (fixed layout with a CRC), `iso28560_2.py` (objects; `iso15962.py` finds and unpacks them,
`isil.py` their owner), `legacy_3m.py`, `iso28560_4.py` (UHF; `urn40.py`) and `cn_university.py` (UHF);
`in_the_clear.py` is for tags without a model.  `meaning.py` makes the answer of every model's fields.

Nothing here reads or writes a tag, and nothing here can make a tag's content: what simulated tags hold is made in
`drivers/sim/`.
"""
