"""An emulated Pico behind a pseudo-terminal that loses power: python emulated_port.py IMAGE FLASH CUT

Prints the port's name. FLASH, its file system, is written back when power goes, which is just before flash
operation number CUT, or at SIGTERM.
"""

import signal
import sys
from pathlib import Path

from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.flashchip import PowerCut
from isentrope_hil.emulator.serve import PseudoTerminal, serve


def main():
    image, flash, cut = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    board = Board(image, flash=flash.read_bytes() if flash.exists() else None)

    def ask(kind, address, data):
        if board.flash_chip.operations == cut:
            raise PowerCut

    def end(number, frame):
        raise KeyboardInterrupt

    board.flash_chip.on_flash = ask
    signal.signal(signal.SIGTERM, end)
    port = PseudoTerminal()
    print(port.path, flush=True)
    try:
        serve(board, port)
    except (PowerCut, KeyboardInterrupt):
        flash.write_bytes(board.flash_fs)
        print(board.flash_chip.operations, flush=True)


main()
