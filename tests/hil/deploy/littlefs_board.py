"""A board's file system as a littlefs in memory: every flash operation is kept, each state can be started."""

import subprocess
from zlib import crc32

import littlefs
from isentrope_hil.deploy import littlefs as images
from isentrope_hil.deploy.remote import Listing, Space, Stored
from isentrope_hil.targets.unix import executable

PAGE = 256  # what NOR flash programs at once
BLOCKS = 64
CHUNK = 200

# The unix port has no pins: this one says what is driven.
MACHINE = """
class Pin:
    OUT = 1
    def __init__(self, number, mode, value):
        print("pin", number, value)
"""


class Flash(littlefs.UserContext):
    """NOR flash that keeps (place, bytes) of every page programmed and every block erased."""

    def __init__(self, image):
        super().__init__(buffer=bytearray(image))
        self.done = []

    def prog(self, cfg, block, off, data):
        at = block * cfg.block_size + off
        for start in range(0, len(data), PAGE):
            page = bytes(data[start : start + PAGE])
            assert self.buffer[at + start : at + start + len(page)] == b"\xff" * len(page)
            self._put(at + start, page)
        return 0

    def erase(self, cfg, block):
        self._put(block * cfg.block_size, b"\xff" * cfg.block_size)
        return 0

    def _put(self, at, data):
        self.buffer[at : at + len(data)] = data
        self.done.append((at, data))


def blank(blocks=BLOCKS):
    return images.image({}, blocks=blocks)


class LittlefsRemote:
    """The operations of a deployment on an image; `spoil`: a file that does not keep what is written."""

    def __init__(self, image, spoil=None):
        self.before = bytes(image)
        self.flash = Flash(image)
        self.spoil = spoil
        count = len(image) // images.BLOCK
        self.fs = littlefs.LittleFS(
            self.flash, mount=False, block_size=images.BLOCK, block_count=count, **images.GEOMETRY
        )
        self.fs.mount()

    def states(self):
        """The image after each flash operation."""
        image = bytearray(self.before)
        for at, data in self.flash.done:
            image[at : at + len(data)] = data
            yield bytes(image)

    @property
    def image(self):
        return bytes(self.flash.buffer)

    def listing(self):
        files, folders = {}, set()
        for slot in {"a", "b"} & set(self.fs.listdir("/")):
            for folder, _, names in self.fs.walk("/" + slot):
                here = folder.strip("/")
                folders.add(here)
                files.update({f"{here}/{name}": self.stored(f"{here}/{name}") for name in names})
        return Listing(files, frozenset(folders))

    def space(self):
        return Space(images.BLOCK, self.fs.block_count, self.fs.block_count - self.fs.used_block_count)

    def stored(self, path):
        try:
            data = self.read(path)
        except FileNotFoundError:
            return None
        return Stored(len(data), crc32(data))

    def read(self, path):
        with self.fs.open("/" + path, "rb") as file:
            return bytes(file.read())

    def write(self, path, data, said):
        with self.fs.open("/" + path, "wb") as file:
            for start in range(0, len(data), CHUNK):
                piece = data[start : start + CHUNK]
                file.write(bytes(len(piece)) if path == self.spoil else piece)
                said(len(piece))

    def copy(self, old, new):
        self.write(new, self.read(old), lambda _: None)

    def rename(self, old, new):
        self.fs.rename("/" + old, "/" + new)

    def remove(self, path):
        self.fs.remove("/" + path)

    def mkdir(self, path):
        self.fs.mkdir("/" + path)

    def rmdir(self, path):
        self.fs.rmdir("/" + path)


def start(files, folder):
    """What MicroPython prints when it starts on these files: the levels driven first, then the rest.

    Without main.py it stays at the console: nothing.
    """
    if "main.py" not in files:
        return {}, ""
    for path, data in {**files, "machine.py": MACHINE.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    done = subprocess.run([executable(), "main.py"], cwd=folder, capture_output=True, text=True, timeout=10)
    lines = (done.stdout + done.stderr).splitlines()
    pins = {}
    while lines and lines[0].startswith("pin "):
        _, pin, level = lines.pop(0).split()
        pins[int(pin)] = int(level)
    return pins, lines[0] if lines else ""
