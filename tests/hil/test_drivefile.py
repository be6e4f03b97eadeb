"""Options and drives: from a machine's file to profile.json, and what is refused."""

import pytest
from isentrope_hil import board, drivefile, profile
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine, machine_path
from isentrope_sim.site import site_data

INVERTER = """
[controller.inverter]
drive = "optidrive-eco"
pole_pairs = { value = 2, unit = "1", prior = "test" }
unit = { value = 1, unit = "1", prior = "test" }
baud = { value = 19200, unit = "Bd", prior = "test" }
parity = "even"
stop_bits = { value = 1, unit = "1", prior = "test" }
timeout = { value = 200, unit = "ms", prior = "test" }
retries = { value = 2, unit = "1", prior = "test" }
lost = { value = 5000, unit = "ms", prior = "test" }
current_hold = { value = 9, unit = "A", prior = "test" }
current_reduce = { value = 10, unit = "A", prior = "test" }
bus_hold = { value = 340, unit = "V", prior = "test" }
bus_reduce = { value = 330, unit = "V", prior = "test" }
"""
OPTIONS = """
[[controller.skip]]
from = { value = 34, unit = "1/s", prior = "test" }
to = { value = 38, unit = "1/s", prior = "test" }

[controller.oil]
below = { value = 42, unit = "1/s", prior = "test" }
after = { value = 6, unit = "h", prior = "test" }
speed = { value = 60, unit = "1/s", prior = "test" }
time = { value = 300, unit = "s", prior = "test" }
"""
CRANKCASE = """\
crankcase_below = { value = 20, unit = "degC", prior = "test" }
crankcase_warm = { value = 12, unit = "K", prior = "test" }
"""
PHASES = "[controller.phases]\n"
NOMINAL = 'nominal = { value = 230, unit = "V", prior = "test" }\n'


def machine(folder, more, base="ashp-r290-8kw", **replaced):
    text = machine_path(base).read_text(encoding="utf-8")
    for old, new in replaced.values():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / f"{base}.toml"
    path.write_text(text + more)
    return path


def test_every_described_drive_is_sound():
    assert "optidrive-eco" in drivefile.names()
    for name in drivefile.names():
        drive = drivefile.read(name)
        assert all(1 <= kind <= 3 and 0 < code < 256 for code, kind in drive["faults"])
        assert len({code for code, _ in drive["faults"]}) == len(drive["faults"])


def test_a_machines_drive_is_in_its_profile(tmp_path):
    made = profile.build("pico-full", machine(tmp_path, INVERTER))
    drive = made["drive"]
    assert drive["bus"] == "uart1" and drive["parity"] == 0 and drive["unit"] == 1
    assert drive["speed"] == [1, 20.0], "0.1 Hz of two pole pairs for each rps"
    assert drive["speed_rps"][:2] == [6, 0.05]
    assert drive["limits"] == [["current_a", 9.0, 10.0], ["bus_v", 340.0, 330.0]]


def test_options_are_in_the_profile(tmp_path):
    made = profile.build("pico-full", machine(tmp_path, OPTIONS))
    assert made["compressor"]["skip"] == [[34.0, 38.0]]
    assert made["compressor"]["oil"] == {"below_rps": 42.0, "after_h": 6.0, "rps": 60.0, "for_s": 300.0}
    assert "phases" not in made


def test_crankcase_heat_is_the_compressors(tmp_path):
    given = "[controller]\n", "[controller]\n" + CRANKCASE
    made = profile.build("pico-full", machine(tmp_path, "", given=given))["compressor"]
    assert made["crankcase_below_c"] == 20.0 and made["crankcase_warm_k"] == 12.0
    assert "crankcase_below_c" not in profile.build("pico-full", "ashp-r290-8kw")["compressor"]


def test_a_phase_monitor_is_a_contact_or_voltages(tmp_path):
    made = site_data(load_machine(machine(tmp_path, PHASES)))
    assert made.options == {"phases": {}}
    assert [row.kind for row in made.inputs if row.name == "phase_ok"] == ["contact"]
    made = site_data(load_machine(machine(tmp_path, PHASES + NOMINAL)))
    assert made.options == {"phases": {"nominal_v": 230.0}}
    assert "phase_ok" not in [row.name for row in made.inputs]


def test_limits_that_not_every_machine_has(tmp_path):
    limits = ("[limits]\n", '[limits]\nmin_lift_k = { value = 8.0, unit = "K", prior = "test" }\n')
    made = profile.build("pico-full", machine(tmp_path, "", limits=limits))
    assert made["limits"]["min_lift_k"] == 8.0
    assert "min_lift_k" not in profile.build("pico-full", "ashp-r290-8kw")["limits"]


def test_a_shell_sensor(tmp_path):
    shell = ("[controller.thermistors]\n", '[controller.thermistors]\nshell_t = "ntc-50k-3977"\n')
    made = site_data(load_machine(machine(tmp_path, OPTIONS, shell=shell)))
    assert made.sensors["shell_t"].source == "t_shell"
    assert [row.kind for row in made.inputs if row.name == "shell_t"] == ["ntc"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (INVERTER.replace("optidrive-eco", "optidrive-ecco"), "optidrive-eco"),
        (INVERTER.replace('parity = "even"', 'parity = "mark"'), "inverter.parity"),
        (INVERTER + 'colour = "red"\n', "inverter.colour"),
        (OPTIONS.replace("value = 38", "value = 33"), "skip"),
        (OPTIONS.replace("value = 300", "value = 3"), "oil.time"),
    ],
)
def test_what_cannot_be_is_named(tmp_path, more, message):
    with pytest.raises(InputError, match=message):
        profile.build("pico-full", machine(tmp_path, more))


def test_a_board_without_a_port_for_it(tmp_path):
    inverter = site_data(load_machine(machine(tmp_path, INVERTER))).inverter
    small = board.load("pico-minimal")
    with pytest.raises(InputError, match="pico-minimal has no RS-485 port for a drive"):
        drivefile.profile(inverter, small.buses, small.name)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("write = 6 ", "write = 5 ", "write"),
        ("running = [5, 0x0001, 0x0001]", "running = [9, 1, 1]", "register 9"),
        ("run = [0, 1] ", "run = [0] ", "run"),
        ("bus_v = [", "bus_kv = [", "bus_kv"),
    ],
)
def test_a_bad_description_is_named(tmp_path, monkeypatch, old, new, message):
    text = (drivefile.FOLDER / "optidrive-eco.toml").read_text()
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new))
    monkeypatch.setattr(drivefile, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=message):
        drivefile.read("bad")


def test_modes_of_a_machine_reach_the_profile(tmp_path):
    scan = "[controller]\n"
    sensor = 'return_t = "ntc-10k-3435"\n'
    for more, modes in (("", None), ("cooling = true\n", ["cooling"]), ("cooling = false\n", None),
                        ("hot_water = true\ncooling = true\n", ["cooling", "hot_water"])):  # fmt: skip
        tank = sensor + 'tank_t = "ntc-10k-3435"\n' if "hot_water" in more else sensor
        path = machine(tmp_path, "", modes=(scan, scan + more), tank=(sensor, tank))
        assert profile.build("pico-full", path).get("modes") == modes
    path = machine(tmp_path, "", modes=(scan, scan + "hot_water = true\n"))
    with pytest.raises(InputError, match=r"hot_water: true needs the tank's sensor, thermistors.tank_t is m"):
        profile.build("pico-full", path)
    path = machine(tmp_path, "", modes=(scan, scan + "cooling = 1\n"))
    with pytest.raises(InputError, match=r"controller.cooling is 1, allowed true or false"):
        profile.build("pico-full", path)
