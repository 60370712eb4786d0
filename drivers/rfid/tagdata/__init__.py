"""What a tag's memory means, apart from any reader: pure functions from bytes to the values of
`drivers.rfid`.

Start with `decode.py`, which knows in which order the data models are tried; each model is a module of its
own (`iso28560_3.py`).  Nothing here reads or writes a tag.
"""
