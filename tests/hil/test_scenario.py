from pathlib import Path

import pytest
from isentrope_hil import scenario
from isentrope_hil.signals import Signal
from isentrope_hil.timeline import Timeline
from isentrope_hil.tomlread import duration_s
from isentrope_sim.errors import InputError

HEAD = 'machine = "ashp-r290-8kw"\nboard = "pico-full"\nduration = "10min"\n'
SIGNALS = (
    Signal("enable", "point", "u8", 0, "1", 1, 0, 1, True),
    Signal("flow_setpoint_c", "point", "s16", -2, "degC", 2, 2000, 6500, True),
    Signal("superheat_k", "point", "s16", -2, "K", 3, -5000, 5000, False),
    Signal("superheat_setpoint", "setting", "s16", -1, "K", 0x4000, 20, 200, True),
)


def load(tmp_path: Path, text: str) -> scenario.Scenario:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    return scenario.load(file)


def test_a_whole_scenario(tmp_path):
    loaded = load(
        tmp_path,
        HEAD + "seed = 7\n"
        "[initial]\noutdoor_c = 2.0\nrh = 0.84\nwater_c = 30\ncarry_over = true\n"
        "[settings]\nsuperheat_setpoint = 6.0\n"
        '[[timeline]]\nat = "2min"\nname = "warmer"\nplant = { outdoor_c = 9.0 }\nover = "60 s"\n'
        "[[timeline]]\nat = 5\nwrite = { enable = 1, flow_setpoint_c = 40.0 }\n"
        '[[requirement]]\nid = "R-1"\nkind = "range"\nsignal = "superheat_k"\nlo = 3\n'
        'from = "event:warmer + 30 s"\n',
    )
    assert (loaded.name, loaded.seed, loaded.duration_s) == ("mine", 7, 600.0)
    assert loaded.initial == scenario.Initial(2.0, 0.84, 30.0, carry_over=True)
    assert [event.at_s for event in loaded.timeline] == [5.0, 120.0]
    assert loaded.event_times_s()["warmer"] == 120.0
    assert loaded.settings == {"superheat_setpoint": 6.0}
    assert loaded.requirements[0].start.event == "warmer"
    assert loaded.problems(SIGNALS) == []


@pytest.mark.parametrize("name", scenario.names())
def test_every_scenario_that_comes_with_the_package_loads(name):
    loaded = scenario.load(name)
    assert loaded.requirements and loaded.timeline
    anchors = [a for r in loaded.requirements for a in (r.start, r.end)]
    assert {a.event for a in anchors if a.event} <= set(loaded.event_times_s())


def test_the_three_scenarios_are_there():
    assert {"demo", "start-stop", "pump-down"} <= set(scenario.names())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "sed = 3\n", "line 4: sed = 3: unknown key; did you mean 'seed'"),
        (HEAD + 'seed = "3"\n', "line 4: seed = '3': a whole number is wanted, 0 to 4294967295"),
        (HEAD + "seed = true\n", "a whole number is wanted"),
        (HEAD + "name = 3\n", "name = 3: a text is wanted"),
        (HEAD.replace('"10min"', "0"), "line 3: duration = 0: allowed 1 to"),
        (HEAD.replace('"10min"', '"ten"'), "duration = 'ten': a duration is seconds or text"),
        (
            HEAD.replace("ashp-r290-8kw", "ashp-r290-8k"),
            "line 1: machine = 'ashp-r290-8k': unknown machine",
        ),
        (
            HEAD.replace("pico-full", "pico"),
            "line 2: board = 'pico': unknown board; did you mean 'pico-w' or",
        ),
        (HEAD.replace('"pico-full"', '"other/board.toml"'), "board = 'other/board.toml': no such file"),
        ('board = "pico-full"\nduration = 60\n', "machine: the key is missing"),
        (HEAD + "[initial]\nrh = 87\n", "line 5: initial.rh = 87: allowed 0 to 1"),
        (HEAD + "[initial]\noutdoor = 3\n", "did you mean 'outdoor_c'"),
        (HEAD + "[initial]\ncarry_over = 1\n", "initial.carry_over = 1: true or false is wanted"),
        (HEAD + "[settings]\nsuperheat_setpoint = 'high'\n", "a number is wanted"),
        (HEAD + "initial = 3\n", "a table is wanted"),
        (HEAD + "timeline = 3\n", "an array of tables [[timeline]] is wanted"),
        (HEAD + "[[timeline]]\nat = 5\nplant = { outdoor_d = 3 }\n", "unknown knob of the rig; did you mean"),
        (
            HEAD + "[[timeline]]\nat = 5\nplant = { outdoor_c = 300 }\n",
            "line 6: timeline[0].plant.outdoor_c = 300",
        ),
        (HEAD + "[[timeline]]\nat = 5\n", "line 4: timeline[0]: the event does nothing"),
        (
            HEAD + '[[timeline]]\nat = "11min"\nwrite = { enable = 1 }\n',
            "timeline[0].at = '11min': allowed 0 to 600 s",
        ),
        (
            HEAD + '[[timeline]]\nat = 5\nover = "9 s"\nwrite = { enable = 1 }\n',
            "ramps the knobs under 'plant' only",
        ),
        (
            HEAD + '[[timeline]]\nat = 5\nname = "a"\nwrite = { b = 1 }\n' * 2,
            "name = 'a': used twice",
        ),
        (
            HEAD + '[[requirement]]\nid = "a"\nkind = "range"\nsignal = "x"\nlo = 1\n' * 2,
            "line 10: requirement[1].id = 'a': used twice",
        ),
        (HEAD + "duration = 3\n", "Cannot overwrite a value (at line 4"),
        (HEAD + "[initial\n", "not TOML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "mine.toml"))
    assert "\n" not in str(caught.value)


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(InputError, match="did you mean demo"):
        scenario.load("demos")


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.toml: (cannot be read|not UTF-8)"):
        scenario.load(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[settings]\nsuperheat_setpont = 6\n",
            "no setting 'superheat_setpont'; did you mean 'superheat_setpoint'",
        ),
        ("[settings]\nsuperheat_setpoint = 60\n", "outside 2 to 20 K"),
        ("[[timeline]]\nat = 5\nwrite = { enabel = 1 }\n", "no point 'enabel'; did you mean 'enable'"),
        ("[[timeline]]\nat = 5\nwrite = { superheat_k = 1 }\n", "point 'superheat_k' is read-only"),
        ("[[timeline]]\nat = 5\nwrite = { flow_setpoint_c = 90 }\n", "outside 20 to 65 degC"),
    ],
)
def test_what_the_device_does_not_have_is_told_before_the_run(tmp_path, text, message):
    problems = load(tmp_path, HEAD + text).problems(SIGNALS)
    assert len(problems) == 1
    assert message in problems[0]


FAULT = '[[timeline]]\nat = 5\nname = "drift"\nfault = { on = "evap_p", verb = "drift", by_kpa_h = 30 }\n'


def test_faults_and_their_end(tmp_path):
    loaded = load(
        tmp_path, HEAD + FAULT + '[[timeline]]\nat = "2min"\nclear = "evap_p"\nplant = { load_w = 100 }\n'
    )
    drift, repair = loaded.timeline
    assert (drift.fault.target, drift.fault.verb, dict(drift.fault.values)) == (
        "evap_p",
        "drift",
        {"by_kpa_h": 30},
    )
    assert repair.clear == ("evap_p",)
    line = Timeline(loaded.timeline, lambda knob: 0.0)
    assert line.faults(4.5) == []
    assert line.faults(5.0) == [drift]
    assert line.faults(300.0) == [repair]
    assert line.due(300.0) == ([("load_w", 100.0)], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fault = { on = "evap", verb = "open" }', "line 6.*no such target; known: plant, suction_t"),
        ('fault = { on = "evap_p", verb = "bent" }', "line 6.*a transducer knows open, off, short"),
        ('fault = { on = "evap_p", verb = "offset" }', "line 6.*by_kpa is missing, -5000 to 5000 kPa"),
        ('fault = { on = "evap_p", verb = "offset", by_k = 1 }', "unknown parameter 'by_k'; known: by_kpa"),
        ('fault = { on = "coil_t", verb = "offset", by_k = 200 }', "by_k = 200, allowed -100 to 100 K"),
        ('fault = { verb = "open" }', "timeline.*on: the key is missing"),
        ('clear = "evap"', "line 6.*clear = 'evap': unknown target 'evap'; did you mean 'evap_p'"),
    ],
)
def test_a_fault_that_is_none_is_told_before_the_run(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load(tmp_path, HEAD + f"[[timeline]]\nat = 5\n{text}\n")


def test_what_was_not_applied_blocks(tmp_path):
    loaded = load(tmp_path, HEAD + FAULT)
    assert loaded.blocked({}) == []
    (result,) = loaded.blocked({"drift": "the run ended before it"})
    assert (result.id, result.verdict, result.note) == ("fault:drift", "blocked", "the run ended before it")


WORLD = '[weather]\nfile = "humid-cold-week"\nstart = "30h"\n[building]\nemitter = "radiator"\n'


def test_a_world(tmp_path):
    loaded = load(tmp_path, HEAD + WORLD + '[hot_water]\nprofile = "M"\n')
    assert loaded.world.weather == "humid-cold-week" and loaded.world.start_s == 30 * 3600.0
    assert loaded.world.building == {"emitter": "radiator"}
    built = loaded.world.build(loaded.duration_s)
    assert built.clock_s == 6 * 3600.0
    assert built.house.emitter.exponent == 1.3 and built.house.tank.volume_l == 250.0
    assert load(tmp_path, HEAD + "requirement = []\n").world is None
    short = load(tmp_path, 'weather = "humid-cold-week"\n' + HEAD)
    assert short.world.building is None
    day = load(tmp_path, HEAD + '[weather]\ndry_bulb_c = -10\nclock = "06:30"\n').world
    assert day.design_day == (-10.0, 0.9, 0.0) and day.clock_s == 6.5 * 3600.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[weather]\nfile = "humid-week"\n', "line 4: weather.*no such file.*did you mean 'humid-cold-week'"),
        (
            '[weather]\nfile = "humid-cold-week"\nstart = "8h"\nstop = 3\n',
            "line 7: weather.stop = 3: unknown key",
        ),
        ('[weather]\nfile = "humid-cold-week"\nstart = "168h"\n', "reaches 168 h; the run needs 168.167 h"),
        ("[weather]\ndry_bulb_c = -60\n", "dry_bulb_c = -60: allowed -40 to 50"),
        ('[weather]\ndry_bulb_c = -6\nclock = "24:30"\n', 'a time of day is wanted, "00:00" to "23:59"'),
        ('[building]\nemitter = "stove"\n', "emitter = 'stove': unknown; known: floor, radiator, fan-coil"),
        ("[building]\nheat_lost_w_k = 3\n", "unknown key; did you mean 'heat_loss_w_k'"),
        ("[building]\nheat_loss_w_k = 9000\n", "heat_loss_w_k = 9000: allowed 10 to 5000"),
        ("[building]\nfloor_m2 = 20\nemitter_w = 9000\n", "9000 W at 35/30 degC is more than 17 m2 can give"),
        ("[hot_water]\nvolume_l = 200\n", "hot_water needs a building"),
        (
            WORLD + "[initial]\noutdoor_c = 3\n",
            "initial.outdoor_c = 3: the weather humid-cold-week.csv sets it",
        ),
        (WORLD + "[[timeline]]\nat = 5\nplant = { outdoor_c = 3 }\n", "outdoor_c = 3: the weather"),
        (
            WORLD + "[[timeline]]\nat = 5\nplant = { load_w = 3 }\n",
            "load_w = 3: the building has its own load",
        ),
        (WORLD + "[[timeline]]\nat = 5\nplant = { tap_kg_s = 0.1 }\n", "unknown knob of the rig"),
        ("[[timeline]]\nat = 5\nplant = { room_setpoint_c = 21 }\n", "unknown knob of the rig"),
    ],
)
def test_a_world_that_cannot_be(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load(tmp_path, HEAD + text)


def test_weather_of_ones_own_is_found_from_the_scenarios_folder(tmp_path):
    rows = [f"2026-02-01T{hour:02d}:00:00,{hour}.5,0.9,0,0" for hour in range(1, 9)]
    (tmp_path / "mine.csv").write_text("time,dry_bulb_c,rh,ghi_w_m2,vertical_w_m2\n" + "\n".join(rows))
    loaded = load(tmp_path, 'weather = "mine.csv"\n' + HEAD)
    assert loaded.world.build().weather.at(3600.0)[0] == 1.5
    (tmp_path / "mine.csv").write_text("time,dry_bulb_c,rh,ghi_w_m2,vertical_w_m2\n" + "\n".join(rows[::2]))
    with pytest.raises(InputError, match=r"mine.toml, line 1: weather.*mine.csv, line 3: the hour from"):
        load(tmp_path, 'weather = "mine.csv"\n' + HEAD)


def test_the_timeline_acts_once_and_in_order(tmp_path):
    events = load(
        tmp_path,
        HEAD
        + "[[timeline]]\nat = 1.2\nplant = { outdoor_c = 3 }\nwrite = { enable = 1, flow_setpoint_c = 40 }\n"
        "[[timeline]]\nat = 0\nwrite = { enable = 0 }\n",
    ).timeline
    line = Timeline(events, lambda knob: 0.0)
    assert line.due(0.0) == ([], [("enable", 0.0)])
    assert line.due(0.5) == line.due(1.0) == ([], [])
    assert line.due(1.5) == ([("outdoor_c", 3.0)], [("enable", 1.0), ("flow_setpoint_c", 40.0)])
    assert line.due(2.0) == ([], [])


def test_a_ramp_starts_where_the_knob_stands_and_ends_on_its_value(tmp_path):
    events = load(
        tmp_path, HEAD + '[[timeline]]\nat = 10\nover = "20 s"\nplant = { outdoor_c = 3 }\n'
    ).timeline
    line = Timeline(events, {"outdoor_c": 7.0}.__getitem__)
    values = {t: dict(line.due(t)[0]).get("outdoor_c") for t in (9.5, 10.0, 15.0, 25.0, 30.0, 30.5)}
    assert values == {9.5: None, 10.0: 7.0, 15.0: 6.0, 25.0: 4.0, 30.0: 3.0, 30.5: None}


def test_a_later_setting_ends_a_ramp(tmp_path):
    events = load(
        tmp_path,
        HEAD + '[[timeline]]\nat = 10\nover = "20 s"\nplant = { outdoor_c = 3 }\n'
        "[[timeline]]\nat = 15\nplant = { outdoor_c = 9 }\n",
    ).timeline
    line = Timeline(events, lambda knob: 7.0)
    line.due(10.0)
    assert line.due(15.0) == ([("outdoor_c", 9.0)], [])
    assert line.due(20.0) == ([], [])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 s", 90), ("1h05m", 3900), ("20min", 1200), ("1h 5min 30s", 3930), (5, 5), ("0.5s", 0.5)],
)
def test_durations(text, seconds):
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["5", "5ms", "", "h", "1x", None, True, float("nan"), "-5 s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="a duration is"):
        duration_s(text)
