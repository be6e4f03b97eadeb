"""Every board with every machine and every valve driver: the declared verdict, pass or the named refusals."""

import re

import pytest
from isentrope_hil import board, fitting, mcu, profile, resources, wants
from isentrope_sim.errors import InputError
from isentrope_sim.machine import machine_names

INVERTER, FIXED, HYDRO = "ashp-r290-8kw", "ashp-r290-fixed", "ashp-r290-8kw-hydro"
EQUIPPED = "ashp-r290-8kw-equipped"
# With the signals of INVERTER, and a bipolar valve.
ALIKE = ("ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw")
AIR = ("minisplit-r32-3.5kw", "ptac-r32-2.6kw", "ducted-r454b-10kw")
PASS = ()
KIND = ("coil-kind",)
COILS = ("coil-driving",)
NO_WIRE = ("no-channel",)
SMALL = ("no-channel",) * 3  # thermistors, a second transducer, 0-10 V

# The inverter machine's valve is bipolar, the fixed-speed machine's and those of the air/air machines are
# unipolar.
VERDICTS = {
    # board, machine: bipolar, unipolar, step_dir
    ("esp32-devkit", INVERTER): (COILS, COILS, PASS),
    ("esp32-devkit", FIXED): ((*COILS, "no-channel"), (*COILS, "no-channel"), (*KIND, "no-channel")),
    ("esp32-s3", INVERTER): (COILS, COILS, PASS),
    ("esp32-s3", FIXED): (COILS, COILS, KIND),
    ("pico-full", INVERTER): (PASS, KIND, PASS),
    ("pico-full", FIXED): ((*KIND, *NO_WIRE), NO_WIRE, (*KIND, *NO_WIRE)),
    ("pico-minimal", INVERTER): (SMALL, (*KIND, *SMALL), SMALL),
    ("pico-minimal", FIXED): (KIND, PASS, KIND),
    ("pico-w", INVERTER): (PASS, KIND, PASS),
    # and its fifth contact
    ("pico-w", FIXED): ((*KIND, *NO_WIRE * 2), NO_WIRE * 2, (*KIND, *NO_WIRE * 2)),
    ("w5500-evb-pico", INVERTER): (PASS, KIND, PASS),
    ("w5500-evb-pico", FIXED): (KIND, PASS, KIND),
}
VERDICTS |= {
    (place, name): row for (place, machine), row in VERDICTS.items() if machine == INVERTER for name in ALIKE
}
# A tank sensor and three relays more: pico-minimal lacks one of the relays besides.
VERDICTS |= {
    (place, HYDRO): tuple((*codes, "no-channel") if place == "pico-minimal" else codes for codes in row)
    for (place, machine), row in VERDICTS.items()
    if machine == INVERTER
}
# Leak and water pressure sensors and the contacts of grid and separator beside them: for a full board.
VERDICTS |= {
    ("esp32-devkit", EQUIPPED): ((*COILS, *NO_WIRE), (*COILS, *NO_WIRE), NO_WIRE),
    ("esp32-s3", EQUIPPED): ((*COILS, *NO_WIRE), (*COILS, *NO_WIRE), NO_WIRE),
    ("pico-full", EQUIPPED): (PASS, KIND, PASS),
    ("pico-minimal", EQUIPPED): (NO_WIRE * 5, (*KIND, *NO_WIRE * 5), NO_WIRE * 5),
    ("pico-w", EQUIPPED): (NO_WIRE, (*KIND, *NO_WIRE), NO_WIRE),
    ("w5500-evb-pico", EQUIPPED): (NO_WIRE * 2, (*KIND, *NO_WIRE * 2), NO_WIRE * 2),
}
# The signals of the air/air machines are those of the inverter machine.
VERDICTS |= {
    (place, machine): row
    for machine in AIR
    for place, row in {
        "esp32-devkit": (COILS, COILS, KIND),
        "esp32-s3": (COILS, COILS, KIND),
        "pico-full": (KIND, PASS, KIND),
        "pico-minimal": ((*KIND, *SMALL), SMALL, (*KIND, *SMALL)),
        "pico-w": (KIND, PASS, KIND),
        "w5500-evb-pico": (KIND, PASS, KIND),
    }.items()
}
ROWS = [
    (place, machine, driver, codes)
    for (place, machine), row in VERDICTS.items()
    for driver, codes in zip(mcu.DRIVERS, row, strict=True)
]


def test_the_table_is_whole():
    assert sorted(VERDICTS) == sorted(
        (place, machine) for place in board.names() for machine in wants.names()
    )


@pytest.mark.parametrize(("place", "machine", "driver", "codes"), ROWS)
def test_verdict(place, machine, driver, codes):
    fitted = fitting.fit(board.read(place), wants.of(machine), driver)
    assert tuple(problem.code for problem in fitted.problems) == codes
    assert all("\n" not in problem.text for problem in fitted.problems)
    if not codes:
        assert fitted.driver == driver
        assert len(fitted.places) == len(fitted.wants.inputs) + len(fitted.wants.outputs)
        assert len({place.hw for place in fitted.places}) == len(fitted.places)
        assert all(row["free"] >= 0 for row in fitting.budget(fitted))


@pytest.mark.parametrize(
    ("place", "machine", "driver", "codes"), [row for row in ROWS if row[1] in machine_names()]
)
def test_the_profile_agrees_with_the_verdict(place, machine, driver, codes):
    if codes:
        with pytest.raises(InputError):
            profile.build(place, machine, driver=driver)
    else:
        made = profile.build(place, machine, driver=driver)
        motor = next(row for row in made["io"] if row["name"] == "eev_count")
        assert motor["hw"][0] == ("step_dir" if driver == "step_dir" else "stepper")


@pytest.mark.parametrize(
    ("place", "machine", "driver"),
    [
        ("pico-full", INVERTER, "bipolar"),
        ("pico-minimal", FIXED, "unipolar"),
        ("esp32-s3", INVERTER, "step_dir"),
    ],
)
def test_without_a_wish_the_first_driver_that_suits_is_taken(place, machine, driver):
    fitted = fitting.fit(board.read(place), wants.of(machine))
    assert (fitted.driver, fitted.problems) == (driver, ())


@pytest.mark.parametrize(
    ("place", "buses", "codes", "lines"),
    [
        ("pico-full", (), [], {}),
        (
            "pico-full",
            ("modbus-rtu", "drive", "meter"),
            [],
            {"modbus-rtu": "uart0", "drive and meter": "uart1"},
        ),
        ("pico-full", ("drive",), [], {"drive and meter": "uart1"}),
        ("pico-full", ("modbus-rtu", "mstp"), [], {"modbus-rtu": "uart0", "mstp": "uart1"}),
        ("pico-full", ("modbus-rtu", "mstp", "drive"), ["uarts"], None),
        ("esp32-s3", ("modbus-rtu", "mstp", "meter"), ["uarts"], None),
        ("pico-full", ("bacnet-ip",), ["no-network"], {}),
        ("pico-w", ("bacnet-ip", "modbus-tcp", "drive"), [], {"drive and meter": "uart1"}),
        ("w5500-evb-pico", ("modbus-tcp",), [], {}),
    ],
)
def test_serial_lines_and_networks(place, buses, codes, lines):
    fitted = fitting.fit(board.read(place), wants.of(INVERTER), None, buses)
    assert [problem.code for problem in fitted.problems] == codes
    if lines is not None:
        assert fitted.lines == lines


REFUSALS = [
    # board, machine, driver, buses, words of the first line
    ("esp32-s3", INVERTER, "bipolar", (), "coil driving is refused on the ESP32-S3, step_dir only: coll"),
    (
        "esp32-s3",
        FIXED,
        None,
        (),
        "has unipolar coils, which needs a unipolar driver; coil driving is refused",
    ),
    ("pico-full", INVERTER, "unipolar", (), "which a unipolar driver cannot turn: allowed bipolar, step_dir"),
    ("pico-full", FIXED, None, (), "needs 5 ds18b20 inputs, the board has 0; the first without a place is"),
    ("pico-minimal", INVERTER, None, (), "needs 7 ntc inputs, the board has 2; the first without a place is"),
    ("pico-full", INVERTER, None, ("bacnet-ip",), "bacnet-ip: board 'pico-full' has no network"),
    (
        "pico-full",
        INVERTER,
        None,
        ("modbus-rtu", "mstp", "drive"),
        "3 serial lines are wanted (modbus-rtu, mstp, drive and meter), board 'pico-full' has 2 RS-485 "
        "ports; drive the compressor by 0-10 V or PWM",
    ),
]


@pytest.mark.parametrize(("place", "machine", "driver", "buses", "line"), REFUSALS)
def test_each_refusal_says_what_and_why(place, machine, driver, buses, line):
    fitted = fitting.fit(board.read(place), wants.of(machine), driver, buses)
    assert line in fitted.problems[0].text


def test_a_driver_the_board_does_not_list(tmp_path):
    text = board.read("pico-full").path.read_text()
    path = tmp_path / "board.toml"
    path.write_text(text.replace('["bipolar", "unipolar", "step_dir"]', '["bipolar"]'))
    fitted = fitting.fit(board.read(path), wants.of(INVERTER), "step_dir")
    assert [problem.code for problem in fitted.problems] == ["no-driver"]
    fitted = fitting.fit(board.read(path), wants.of(FIXED))
    assert fitted.problems[0].code == "coil-kind"


def test_step_and_direction_take_the_first_two_winding_pins():
    fitted = fitting.fit(board.read("pico-full"), wants.of(INVERTER), "step_dir")
    assert next(place.hw for place in fitted.places if place.signal.name == "eev_count") == ("step_dir", 6, 7)
    pins = [next(row for row in fitting.budget(each) if row["resource"] == "pins")["used"]
            for each in (fitting.fit(board.read("pico-full"), wants.of(INVERTER)), fitted)]  # fmt: skip
    assert pins[0] - pins[1] == 2


def test_the_budget_counts_pins_and_machines():
    rows = {
        row["resource"]: row for row in fitting.budget(fitting.fit(board.read("pico-w"), wants.of(INVERTER)))
    }
    assert rows["PIO state machines"] == {"resource": "PIO state machines", "used": 4, "total": 8, "free": 4}
    assert rows["PIO 1 words"]["used"] == 6 and rows["DMA channels"]["used"] == 3
    assert rows["pins"]["total"] == 26 and rows["UARTs"]["free"] == 0


def test_the_programs_words_are_the_firmwares():
    ports = resources.root("firmware") / "isentrope/ports"
    programs = mcu.load("rp2040").programs
    for name, file in (("coils", "rp2_steps"), ("step_dir", "rp2_steps"), ("rs485", "rp2_rs485")):
        words = re.search(r"^WORDS = \((.*)\)$", (ports / f"{file}.py").read_text(), re.MULTILINE)
        assert words and len(words[1].split(",")) == programs[name].words


def test_the_budget_counts_the_memory_that_pulses_are_played_from():
    source = (resources.root("firmware") / "isentrope/ports/esp32_steps.py").read_text()
    assert f"SYMBOLS = const({fitting._PULSE_SYMBOLS})" in source
    for place, used, total in (("esp32-devkit", 3, 8), ("esp32-s3", 4, 4)):
        rows = fitting.budget(fitting.fit(board.read(place), wants.of(INVERTER)))
        rmt = next(row for row in rows if row["resource"] == "RMT channels")
        assert (rmt["used"], rmt["total"]) == (used, total)


DESCRIBED = """[machine]
description = "air/water monobloc, R290, fixed-speed scroll, for the bare Pico"
valve = "sanhua-dpf-500"
prior = "the smallest set that holds superheat, starts, stops and defrosts"

[[input]]
kind = "ratiometric"
names = ["evap_p"]

[[input]]
kind = "ntc"
names = ["suction_t", "discharge_t"]

[[input]]
kind = "ds18b20"
names = ["liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t"]

[[input]]
kind = "contact"
names = ["hp_switch", "motor_ok", "lp_switch", "water_flow", "supply_ok"]

[[output]]
kind = "stepper_count"
names = ["eev_count"]

[[output]]
kind = "level"
names = ["eev_coils"]

[[output]]
kind = "relay"
names = ["compressor_run", "reversing_valve", "crankcase_heater", "alarm", "fan_run", "pump_run"]
"""


def test_a_described_machine_is_read_strictly(tmp_path):
    """One whose plant is still to come: its signals' names and kinds alone."""
    text = DESCRIBED
    path = tmp_path / "mine.toml"
    path.write_text(text)
    described, whole = (
        sorted((signal.name, signal.kind) for signal in wants.of(each).inputs) for each in (path, FIXED)
    )
    assert described == whole
    for old, new, message in (
        ('kind = "ntc"', 'kind = "nct"', "did you mean 'ntc'"),
        ('"pump_run"', '"alarm"', "signal 'alarm' is listed twice"),
        ('names = ["evap_p"]', "names = []", "a list of signal names is wanted"),
        ("sanhua-dpf-500", "sanhua-dpf-501", "did you mean 'sanhua-dpf-500'"),
    ):
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(InputError, match=message):
            wants.of(path)
