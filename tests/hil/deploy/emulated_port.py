"""An emulated Pico behind a pseudo-terminal: python emulated_port.py IMAGE FLASH LINK [CUT]

IMAGE is MicroPython, FLASH a file with the file system, which is written back at the end ("" line on standard
input, or power lost before flash operation number CUT); LINK becomes the port. Emulated time is real time
where the emulator keeps up.
"""

import os
import select
import sys
import time
import tty
from pathlib import Path

from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.flashchip import PowerCut

SLICE_MS = 20.0


def serve(board, master):
    """Until standard input has a line."""
    began = time.monotonic()
    board.on_serial = lambda data: os.write(master, data)
    while True:
        ahead = board.ms / 1000 - (time.monotonic() - began)
        ready, _, _ = select.select([master, sys.stdin], [], [], max(0.0, min(ahead, SLICE_MS / 1000)))
        if sys.stdin in ready:
            return
        if master in ready:
            board.send(os.read(master, 4096))
        if ahead <= 0 or ready:
            board.run(SLICE_MS)


def main():
    image, flash, link, *cut = sys.argv[1:]
    path = Path(flash)
    board = Board(image, flash=path.read_bytes() if path.exists() else None)
    master, slave = os.openpty()  # the other end stays open, so that the port outlives its users
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)

    def ask(kind, address, data):
        if board.flash_chip.operations == int(cut[0]):
            raise PowerCut

    if cut:
        board.flash_chip.on_flash = ask
    try:
        serve(board, master)
    except PowerCut:
        print("cut", flush=True)
    path.write_bytes(board.flash_fs)
    print(f"operations {board.flash_chip.operations}", flush=True)


main()
