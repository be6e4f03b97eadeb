"""Storage in blocks that littlefs keeps for it: neither of them, nor a power cut, hurts the other."""

from fake_flash import BLOCK, Board, Device, cuts, started
from flash import FIRST, SECOND, Firmware
from isentrope.ports.flash import Flash
from isentrope.ports.ram import Ram

FILES = {"profile.json": b"p" * 5000, "active": b"a", "main.py": b"m" * 900}


def formatted():
    """The content of a device with the files of a deployment."""
    device = Device()
    board = Board(device, blank=True)
    for name in sorted(FILES):
        board.put(name, FILES[name])
    board.off()
    return device.data


def whole(board):
    for name in sorted(FILES):
        assert board.get(name) == FILES[name], name
    for place in range(4):
        assert len(board.get("store.%d" % place)) == BLOCK


def copied(medium):
    """Everything that is on a medium."""
    found = bytearray(medium.size)
    for at in range(0, medium.size, 256):
        page = bytearray(256)
        medium.read(at, page)
        found[at : at + 256] = page
    return found


def test_a_new_board_has_a_blank_medium():
    device = Device(data=formatted())
    board, medium = started(device)
    assert medium.size == 4 * 3840 and medium.sector == 3840
    assert copied(medium) == b"\xff" * medium.size
    whole(board)
    board.off()
    # A second start changes nothing.
    device.journal.clear()
    board, _ = started(device)
    assert not device.journal
    board.off()


def test_it_behaves_as_the_medium_in_ram_does():
    board, medium = started(Device(data=formatted()))
    ram = Ram(medium.size, medium.sector)
    seed = 1
    for turn in range(400):
        seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
        at = (seed >> 8) % medium.size
        if turn % 50 == 49:
            medium.erase(at - at % medium.sector)
            ram.erase(at - at % medium.sector)
        else:
            size = min(1 + (seed >> 4) % 700, medium.sector - at % medium.sector)
            data = bytes([(seed >> 3) + n & 0xFF for n in range(size)])
            medium.write(at, data)
            ram.write(at, data)
    assert copied(medium) == ram.data
    board.off()


def test_what_was_written_is_there_after_the_next_start_and_in_no_other_file():
    device = Device(data=formatted())
    board, medium = started(device)
    medium.write(0, b"first")
    medium.erase(medium.sector)
    medium.write(3 * medium.sector + 300, b"last")
    expected = copied(medium)
    for turn in range(30):  # littlefs goes round the whole device
        board.put("other.%d" % (turn % 3), bytes([turn]) * 5000)
    whole(board)
    board.off()
    board, medium = started(device)
    assert copied(medium) == expected
    whole(board)
    assert board.get("other.2") == bytes([29]) * 5000
    board.off()


def test_power_cut_in_every_operation_of_the_first_start():
    data = formatted()
    device = Device(data=data)
    started(device)[0].off()
    assert len(device.journal) > 60
    for cut in cuts(data, device.journal):
        board, medium = started(Device(data=cut))
        assert copied(medium) == b"\xff" * medium.size
        whole(board)
        medium.write(0, b"works")
        board.off()


def test_power_cut_in_every_operation_of_use():
    """Of settings saved, sectors erased and files written: old or new, and every other file whole."""
    device = Device(data=formatted())
    board, medium = started(device)
    firmware = Firmware(medium)
    firmware.put(FIRST, 100)
    firmware.put(SECOND, 200)
    firmware.scan(40)
    board.off()
    data = bytes(device.data)
    device = Device(data=data)
    board, medium = started(device)
    firmware = Firmware(medium)
    firmware.put(FIRST, 101)
    firmware.put(SECOND, 201)
    firmware.scan(12)
    board.put("upload", b"u" * 3000)
    firmware.scan(10)
    for at in range(medium.sector, medium.size, medium.sector):
        medium.erase(at)
    board.put("upload", b"v" * 6000)
    board.off()
    assert len(device.journal) > 40
    repaired = 0
    for cut in cuts(data, device.journal):
        device = Device(data=cut)
        old_or_new(device)
        repaired += len(device.journal)
        for again in cuts(
            cut, device.journal, (0, 100)
        ):  # and the power goes once more while that is put right
            old_or_new(Device(data=again))
    assert repaired > 50


def old_or_new(device):
    board, medium = started(device)
    found = Firmware(medium)
    assert (found.raw(FIRST), found.raw(SECOND)) in ((100, 200), (101, 201))
    assert not found.alarms.stop
    whole(board)
    board.off()


def test_a_file_that_somebody_deleted_or_cut_short_is_made_anew():
    device = Device(data=formatted())
    board, medium = started(device)
    medium.write(0, b"kept")
    board.remove(board.folder + "store.1")
    board.put("store.2", b"short")
    for turn in range(20):
        board.put("other", bytes([turn]) * 8000)
    board.off()
    board, medium = started(device)
    assert copied(medium)[:4] == b"kept"
    for at in range(0, medium.size, medium.sector):
        medium.erase(at)
    whole(board)
    assert board.get("other") == bytes([19]) * 8000
    board.off()


def test_files_that_somebody_copied_keep_their_content_and_get_blocks_of_their_own():
    device = Device(data=formatted())
    board, medium = started(device)
    medium.write(5, b"mine")
    saved = board.get("store.0")
    for name in (
        "store.0",
        "other",
    ):  # as a backup would be played back: the old block still has the same head
        board.put(name, saved)
    board.off()
    board, medium = started(device)
    assert copied(medium)[5:9] == b"mine"
    medium.erase(0)
    medium.write(0, b"new")
    assert board.get("other") == saved
    assert board.get("store.0")[256:259] == b"new"
    board.off()


def test_files_of_another_board_are_taken_as_they_are():
    device = Device(data=formatted())
    board, medium = started(device)
    medium.write(5, b"theirs")
    files = [board.get("store.%d" % place) for place in range(4)]
    board.off()
    device = Device(data=formatted())
    board = Board(device)
    board.put("different", b"d" * 12000)
    for place in range(4):
        board.put("store.%d" % place, files[place])
    board.off()
    board, medium = started(device)
    assert copied(medium)[5:11] == b"theirs"
    for at in range(0, medium.size, medium.sector):
        medium.erase(at)
    whole(board)
    assert board.get("different") == b"d" * 12000
    board.off()


def raises(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        return error


def test_a_full_file_system_is_an_error():
    device = Device(data=formatted())
    board = Board(device)
    n = 0
    while raises(board.put, "ballast.%d" % n, b"b" * 4000) is None:
        n += 1
    board.off()
    board = Board(device)
    error = raises(Flash, device, board.folder)
    assert isinstance(error, OSError) or "NOSPC" in str(error), error  # littlefs-python has its own
    for name in FILES:
        assert board.get(name) == FILES[name]
    board.off()


def test_blocks_of_another_size_are_refused():
    device = Device(data=formatted())
    board = Board(device)
    device.ioctl = lambda request, argument: 512 if request == 5 else 20
    error = raises(Flash, device, board.folder)
    assert isinstance(error, ValueError) and "4096" in str(error)
    board.off()
