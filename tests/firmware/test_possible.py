"""Machines that cannot be are refused at the start, with the key that is missing."""

from isentrope import possible

MODES = ["cooling", "hot_water"]
# What is asked for, what is there for it, and what the refusal says once one of that is taken away.
IMPOSSIBLE = (
    ({"modes": MODES}, ("tank_t", "hot_water_valve"), "modes has hot_water, but %s is missing in io"),
    ({"backup": {"stage_w": [3000], "rise_k": [2]}}, ("backup_1",), "backup is set, but %s is missing in io"),
    (
        {"backup": {"stage_w": [3000, 3000], "rise_k": [2, 2]}},
        ("backup_2",),
        "backup is set, but %s is missing in io",
    ),
    ({"thermostat": {}}, ("y",), "thermostat is set, but %s is missing in io"),
    ({"leak": {"class": "A2L"}}, ("leak_ok",), "leak is set, but leak_ok or leak_lfl is missing in io"),
    ({"separator": {}}, ("water_p",), "separator is set, but separator_ok or water_p is missing in io"),
    (
        {"drive": {"kind": "stages", "second_rps": 60}},
        ("compressor_run_2",),
        "drive.second_rps is set, but %s is missing in io",
    ),
    (
        {"settings": {"grid_signals": 3}},
        ("utility_block",),
        "settings.grid_signals is set, but %s is missing in io",
    ),
    ({"wired": ["sg_1"]}, ("sg_1",), "wired has sg_1, but %s is missing in io"),
)
WITHOUT = (
    ({"modes": ["cooling"]}, "modes has cooling, but reversing is missing"),
    ({"settings": {"defrost": 2}}, "settings.defrost is set, but reversing is missing"),
    ({"wired": ["y2"]}, "wired has y2, but thermostat is missing"),
    ({"wired": ["leak_sensor_ok"]}, "wired has leak_sensor_ok, but leak is missing"),
    ({"backup": {"stage_w": []}}, "backup is there, but backup.stage_w is empty"),
)


def refusal(profile, *signals):
    try:
        possible.check(dict(profile, io=[{"name": name} for name in signals]))
    except ValueError as error:
        return str(error)
    return ""


def test_each_function_names_the_signal_that_it_lacks():
    for asked, needs, said in IMPOSSIBLE:
        whole = dict(asked, reversing={})
        has = ("reversing_valve", "coil_t", "tank_t", "hot_water_valve", "backup_1") + needs
        assert refusal(whole, *has) == "", asked
        for lacking in needs:
            left = [name for name in has if name != lacking]
            text = said % lacking if "%s" in said else said
            assert refusal(whole, *left) == "profile.json: " + text


def test_each_function_names_the_key_that_it_lacks():
    for asked, said in WITHOUT:
        assert refusal(asked, "y2", "leak_sensor_ok", "backup_1") == "profile.json: " + said
    assert refusal({"reversing": {}}, "coil_t") == (
        "profile.json: reversing is set, but reversing_valve is missing in io"
    )
    assert refusal({"reversing": {}}, "reversing_valve") == (
        "profile.json: reversing is set, but coil_t is missing in io"
    )
