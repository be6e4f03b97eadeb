"""A setting's way into flash on the emulated chip, the supply cut at every flash operation of it."""

import pytest
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.flashchip import PowerCut
from repl import Repl

# A deployed board has constants folded into its code: settings and alarms by number.
STORAGE_LOST, STORAGE_NEWER = 13, 14
START = """
import sys
sys.path.insert(0, "a")
import pack
pack.mount("a")
from isentrope.ports import rp2
from isentrope import alarms as a, settings as s
from isentrope.ledger import Ledger
from isentrope.storage import Storage
class Hours:
    starts = run_s = 0
    def restore(self, starts, run_s):
        self.starts, self.run_s = starts, run_s
settings = s.Settings()
alarms = a.Alarms()
storage = Storage(rp2.Port().medium({}), settings, alarms, Hours(), Ledger())
storage.begin(0, 1)
at = 0  # the first setting
def save(more):
    settings.set_raw(settings.identity(at), settings.raw[at] + more)
    for scan in range(1, 30):
        storage.step(500 * scan, False)
"""
READ = f"print(settings.raw[at], alarms.is_active({STORAGE_LOST}) or alarms.is_active({STORAGE_NEWER}))"


def begun(uf2, flash):
    """A board with this file system, its storage open at the prompt."""
    board = Board(uf2, flash=flash)
    board.boot()
    board.run(300)
    repl = Repl(board)
    repl.run(START)
    return board, repl


def kept(uf2, flash):
    """The setting as the next start finds it, and whether it misses anything."""
    raw, alarm = begun(uf2, flash)[1].run(READ).split()
    assert alarm == "False"
    return int(raw)


@pytest.fixture(scope="module")
def saved_once(uf2, pico_full):
    """A file system whose storage holds a setting, with no firmware running."""
    pointerless = {path: data for path, data in tree.build(pico_full).items() if path != "main.py"}
    blank = littlefs.image(pointerless, blocks=Board(uf2).image.sectors)
    board, repl = begun(uf2, blank)
    before = int(repl.run(READ).split()[0])
    repl.run("save(5)")
    assert kept(uf2, board.flash_fs) == before + 5
    return before + 5, board.flash_fs


def operations(uf2, flash):
    """The flash operations of saving a setting, as (kind, size)."""
    board, repl = begun(uf2, flash)
    seen = []
    board.flash_chip.on_flash = lambda kind, address, data: seen.append((kind, len(data)))
    repl.run("save(10)")
    return seen, board.flash_fs


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_power_cut_in_every_operation_of_a_settings_write(uf2, saved_once, share):
    old, flash = saved_once
    seen, after = operations(uf2, flash)
    assert ("program", 256) in seen
    assert kept(uf2, after) == old + 10
    found = []
    for last in range(len(seen)):
        board, repl = begun(uf2, flash)
        done = 0

        def cut(kind, address, data, last=last):
            nonlocal done
            if done == last:
                raise PowerCut(int(share * len(data)))
            done += 1

        board.flash_chip.on_flash = cut
        with pytest.raises(PowerCut):
            repl.run("save(10)")
        found.append(kept(uf2, board.flash_fs))
    assert set(found) <= {old, old + 10}
    assert found == sorted(found)  # once new, it stays
