"""Builds the virtual machine of the grab and boots it: `python -m tests.drivers.link.grab.machine` says what held."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import evdev

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "build" / "grab"
MODULES = ("evdev.ko", "uinput.ko")
BOOT_SECONDS = 540
LEFT_OUT = (
    "__pycache__",
    "test",
    "tkinter",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "dist-packages",
    "site-packages",
    "config-3*",
)
GUEST = "tests/drivers/link/grab/guest.py"


class MachineMissing(Exception):
    """Something that the machine is made of is not there; the text says what."""


def kernel(folder: Path) -> tuple[Path, Path]:
    """Debian's kernel and the folder of its two modules, fetched once into *folder*.  Raises `MachineMissing`."""
    image, modules = folder / "vmlinuz", folder / "modules"
    if image.exists() and all((modules / name).exists() for name in MODULES):
        return image, modules
    folder.mkdir(parents=True, exist_ok=True)
    depends = subprocess.run(
        ["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"Depends: (linux-image-[\w.+-]+)", depends)
    if match is None:
        raise MachineMissing("apt-cache knows no linux-image-amd64; run apt-get update")
    fetched = subprocess.run(
        ["apt-get", "download", match[1]], cwd=folder, capture_output=True, text=True, check=False
    )
    packages = sorted(folder.glob("linux-image-*.deb"))
    if fetched.returncode != 0 or not packages:
        raise MachineMissing(f"{match[1]} cannot be fetched: {fetched.stderr.strip()}")
    unpacked = folder / "unpacked"
    subprocess.run(["dpkg-deb", "--extract", packages[-1], unpacked], check=True)
    modules.mkdir(exist_ok=True)
    for name in MODULES:
        found = next(unpacked.rglob(name), None)
        if found is None:
            raise MachineMissing(f"{packages[-1].name} has no {name}")
        shutil.copy(found, modules / name)
    shutil.copy(next((unpacked / "boot").glob("vmlinuz-*")), image)
    shutil.rmtree(unpacked)
    for package in packages:
        package.unlink()
    return image, modules


def libraries(*programs: Path) -> set[Path]:
    """The shared libraries that *programs* are linked with, the loader too."""
    told = "".join(
        subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for program in programs
    )
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", told)}


def tree(folder: Path, modules: Path) -> Path:
    """What the machine finds at its root: this interpreter, its library, evdev, the drivers and the guest."""
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    python, stdlib = Path(sys.executable).resolve(), Path(sysconfig.get_paths()["stdlib"])
    package = Path(evdev.__file__).parent
    without = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(stdlib, root / stdlib.relative_to("/"), ignore=without)
    shutil.copytree(package, root / "product" / "evdev", ignore=without)
    shutil.copytree(ROOT / "drivers", root / "product" / "drivers", ignore=without)
    shutil.copytree(modules, root / "modules")
    extensions = [*root.rglob("*.so")]
    for file in {python, *libraries(python, *extensions)}:
        if not file.is_relative_to(root):
            place = root / file.relative_to("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    init = root / "init"
    init.write_text(f"#!{python} -s\n" + (ROOT / GUEST).read_text(encoding="utf-8"), encoding="utf-8")
    init.chmod(0o755)
    (root / "dev").mkdir()
    return root


def archive(root: Path) -> Iterator[bytes]:
    """*root* as an initial file system: cpio in the form "newc" (kernel: early-userspace/buffer-format.rst)."""
    entries = [(str(path.relative_to(root)), path) for path in sorted(root.rglob("*"))]
    for number, (name, path) in enumerate([*entries, ("TRAILER!!!", None)]):
        mode, content = 0, b""
        if path is not None:
            mode = path.stat().st_mode
            content = path.read_bytes() if path.is_file() else b""
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        yield head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def boot(folder: Path = FOLDER) -> dict[str, str]:
    """Boots the machine; what failed, by scenario, empty where all of it held.

    Raises `MachineMissing`, and `RuntimeError` with the end of the console when the machine said nothing.
    """
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is None:
        raise MachineMissing("qemu-system-x86_64 is not there: install qemu-system-x86")
    image, modules = kernel(folder)
    disk, said, console = folder / "initrd", folder / "said", folder / "console"
    with disk.open("wb") as out:
        out.writelines(archive(tree(folder, modules)))
    command = [
        qemu,
        "-machine",
        "pc,accel=tcg",
        "-m",
        "768",
        "-display",
        "none",
        "-monitor",
        "none",
        "-no-reboot",
    ]
    # What the kernel does not know and has a = in it becomes the environment of process one.
    words = "console=ttyS0 quiet panic=-1 random.trust_cpu=on PYTHONHASHSEED=0 PYTHONPATH=/product"
    command += ["-cpu", "max", "-kernel", str(image), "-initrd", str(disk), "-append", words]
    command += ["-serial", f"file:{console}", "-serial", f"file:{said}", "-nic", "none"]
    try:
        subprocess.run(command, timeout=BOOT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"did not end in {BOOT_SECONDS} s: {_end_of(console)}") from error
    told = [json.loads(line) for line in said.read_text().splitlines() if line.startswith("{")]
    if not told:
        raise RuntimeError(_end_of(console))
    return {one["scenario"]: one["failure"] for one in told}


def _end_of(console: Path) -> str:
    return console.read_text(errors="replace")[-4000:] if console.exists() else "no console"


if __name__ == "__main__":
    for scenario, failure in boot().items():
        print(f"{scenario}: {failure or 'held'}")
