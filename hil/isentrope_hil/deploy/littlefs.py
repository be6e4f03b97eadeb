"""littlefs images with the geometry of MicroPython's RP2040 port.

`ports/rp2/rp2_flash.c` (blocks of 4096), `ports/rp2/modules/_boot.py` (program size 256), `extmod/vfs_lfs.c`
(read and lookahead size 32), `extmod/vfs_lfsx.c` (a cache of four programs). Images are made in disk version
2.0, which every MicroPython with littlefs 2 reads; boards that format their flash themselves have 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from isentrope_hil.deploy import library
from isentrope_hil.errors import InputError

BLOCK = 4096
GEOMETRY: dict[str, int] = {
    "prog_size": 256,
    "read_size": 32,
    "lookahead_size": 32,
    "cache_size": 1024,
}
DISK_VERSION = 0x00020000


def image(files: Mapping[str, bytes], *, blocks: int, block_size: int = BLOCK) -> bytes:
    """A file system of `blocks` blocks that holds these files (paths from the root, "a/profile.json").

    Raises:
        InputError: they do not fit.
        TargetMissing: littlefs-python is not installed.
    """
    lfs = library("littlefs", "littlefs-python")
    fs = lfs.LittleFS(block_size=block_size, block_count=blocks, disk_version=DISK_VERSION, **GEOMETRY)
    try:
        for path, data in sorted(files.items()):
            fs.makedirs(str(PurePosixPath("/", path).parent), exist_ok=True)
            with fs.open("/" + path, "wb") as file:
                file.write(data)
    except lfs.LittleFSError:
        total = sum(map(len, files.values()))
        raise InputError(
            f"{len(files)} files of {total} bytes do not fit into a file system of {blocks} blocks"
        ) from None
    return bytes(fs.context.buffer)


def files(image: bytes, block_size: int = BLOCK) -> dict[str, bytes]:
    """Every file of an image by its path.

    Raises:
        InputError: it is no littlefs file system.
        TargetMissing: littlefs-python is not installed.
    """
    fs = mounted(image, block_size)
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = str(PurePosixPath(folder, name))
            with fs.open(path, "rb") as file:
                found[path.lstrip("/")] = bytes(file.read())
    return found


def mounted(image: bytes, block_size: int = BLOCK) -> Any:
    """The image as a `littlefs.LittleFS` on a copy of it; errors as `files`."""
    lfs = library("littlefs", "littlefs-python")
    context = lfs.UserContext(buffer=bytearray(image))
    count = len(image) // block_size
    fs = lfs.LittleFS(context, mount=False, block_size=block_size, block_count=count, **GEOMETRY)
    try:
        fs.mount()
    except lfs.LittleFSError:
        raise InputError(f"no littlefs file system in these {len(image)} bytes") from None
    return fs
