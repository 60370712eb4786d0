"""The grab of an input device by a real kernel: a virtual machine with /dev/uinput, booted by the soak.

`guest.py` is what runs in the machine: keyboards made through uinput, the real adapter, an eavesdropper and the
console.  `machine.py` packs it with this interpreter and two modules of Debian's kernel into an initial file system,
boots that under qemu without hardware acceleration, and gives back what the guest said.

It needs qemu-system-x86, and Debian's kernel package, which it fetches with apt-get once.  Nothing is installed.
"""
