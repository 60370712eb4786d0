"""kill -9 at every system call that writes, syncs, sends, receives or unlinks.

`witness.py` keeps what devices and screen show where no kill reaches it, `kiosk.py` is a whole terminal in one thread
over a real socket and a real file, `tracing.py` lets strace kill a process at its n-th call.
"""
