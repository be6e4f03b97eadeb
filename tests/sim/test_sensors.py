"""Sensor models: the electrical chain there and back, noise, lag, limits, contacts."""

import math

import numpy as np
import pytest
from isentrope_sim import sensors
from isentrope_sim.errors import InputError
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.sensors import SensorData, Sensors, ntc_curve, ntc_curves, ntc_resistance

NTC_ROW = {
    "name": "suction_t",
    "kind": "ntc",
    "bits": 12,
    "pullup_ohm": 10_000.0,
    "sh": ntc_curve("ntc-10k-3435"),
}
PRESSURE_ROW = {
    "name": "evap_p",
    "kind": "ratiometric",
    "bits": 12,
    "min_kpa": 0.0,
    "max_kpa": 1730.0,
    "gauge": True,
    "lo_ratio": 0.1,
    "hi_ratio": 0.9,
}
SWITCH_ROW = {"name": "hp_switch", "kind": "contact", "active": 0}
FLOW_ROW = {"name": "water_flow", "kind": "contact", "active": 0}
TRUTH = ("t_suction", "p_suction", "p_discharge", "water_kg_s")
DATA = {
    "suction_t": SensorData("t_suction", lag_s=10.0, noise=0.1),
    "evap_p": SensorData("p_suction", lag_s=0.1, noise=0.002),
    "hp_switch": SensorData("p_discharge", open_at=3.35e6, close_at=2.7e6),
    "water_flow": SensorData("water_kg_s", open_at=0.08, close_at=0.1),
}


def site(*rows, noise=False, perturbation=None, seed=1):
    return Sensors(rows, DATA, TRUTH, perturbation or Perturbation(), noise=noise, seed=seed)


def truth(kelvin=280.0, pascal=5e5, high=1.5e6, flow=0.27):
    return np.array([kelvin, pascal, high, flow])


def kelvin_of(count, row=NTC_ROW):
    """The controller's view: count -> ohm -> Steinhart-Hart."""
    ratio = count / 2 ** row["bits"]
    log = math.log(row["pullup_ohm"] * ratio / (1.0 - ratio))
    a, b, c = row["sh"]
    return 1.0 / (a + b * log + c * log**3)


def pascal_of(count, row=PRESSURE_ROW):
    part = (count / 2 ** row["bits"] - row["lo_ratio"]) / (row["hi_ratio"] - row["lo_ratio"])
    return (row["min_kpa"] + part * (row["max_kpa"] - row["min_kpa"])) * 1e3 + sensors.ATMOSPHERE_PA


@pytest.mark.parametrize("name", ntc_curves())
def test_curve_meets_the_makers_table(name):
    a, b, c = ntc_curve(name)
    for celsius, ohm in ntc_curves()[name]["fit"] + ntc_curves()[name]["check"]:
        log = math.log(ohm)
        assert 1.0 / (a + b * log + c * log**3) - 273.15 == pytest.approx(celsius, abs=0.2)


@pytest.mark.parametrize("name", ntc_curves())
def test_resistance_inverts_steinhart_hart(name):
    a, b, c = ntc_curve(name)
    low, high = ntc_curves()[name]["range_c"]
    for celsius in np.linspace(low, high, 41):
        log = math.log(ntc_resistance(celsius + 273.15, a, b, c))
        assert 1.0 / (a + b * log + c * log**3) == pytest.approx(celsius + 273.15, abs=1e-9)


def test_count_comes_back_as_the_temperature_within_half_a_count():
    part = site(NTC_ROW)
    for celsius in np.linspace(-30.0, 80.0, 111):
        part.reset(truth(kelvin=celsius + 273.15))
        count = int(part.raw[0])
        step = abs(kelvin_of(count + 1) - kelvin_of(count - 1)) / 2.0
        assert abs(kelvin_of(count) - celsius - 273.15) <= 0.51 * step
        assert step < 0.15


def test_count_comes_back_as_the_pressure_within_half_a_count():
    part = site(PRESSURE_ROW)
    for pascal in np.linspace(1.1e5, 1.8e6, 50):
        part.reset(truth(pascal=pascal))
        assert abs(pascal_of(int(part.raw[0])) - pascal) <= 0.51 * 1.73e6 / (0.8 * 4096)


def test_an_absolute_transducer_reads_without_the_atmosphere():
    part = site({**PRESSURE_ROW, "gauge": False})
    part.reset(truth(pascal=5e5))
    assert pascal_of(int(part.raw[0])) - sensors.ATMOSPHERE_PA == pytest.approx(5e5, abs=600)


def test_noise_has_the_stated_deviation():
    part = site(NTC_ROW, PRESSURE_ROW, noise=True)
    part.reset(truth())
    seen = []
    for _ in range(4000):
        part.sense(truth(), 0.5)
        seen.append((kelvin_of(int(part.raw[0])), pascal_of(int(part.raw[1]))))
    deviation = np.std(seen, axis=0)
    assert deviation[0] == pytest.approx(0.1, rel=0.06)
    assert deviation[1] == pytest.approx(0.002 * 1.73e6, rel=0.06)
    mean = np.mean(seen, axis=0)
    assert mean[0] == pytest.approx(280.0, abs=0.02)
    assert mean[1] == pytest.approx(5e5, abs=400.0)


def test_noise_repeats_after_reset_and_differs_between_seeds():
    def trace(part):
        part.reset(truth())
        return [part.sense(truth(), 0.5) or part.raw.tolist() for _ in range(20)]

    part = site(NTC_ROW, PRESSURE_ROW, noise=True)
    assert trace(part) == trace(part)
    assert trace(part) != trace(site(NTC_ROW, PRESSURE_ROW, noise=True, seed=2))


def test_thermistor_lags_ten_seconds_whatever_the_step():
    for dt_s in (0.1, 0.5, 2.0):
        part = site(NTC_ROW)
        part.reset(truth(kelvin=280.0))
        for _ in range(round(10.0 / dt_s)):
            part.sense(truth(kelvin=290.0), dt_s)
        assert part.state[0] - 280.0 == pytest.approx(10.0 * (1.0 - math.exp(-1.0)), abs=1e-9)


def test_transducer_has_settled_after_one_scan():
    part = site(PRESSURE_ROW)
    part.reset(truth(pascal=5e5))
    part.sense(truth(pascal=6e5), 0.5)
    assert part.state[0] == pytest.approx(6e5, abs=1000)


def test_offsets_of_the_unit_reach_the_counts():
    unit = Perturbation(ntc_k={"suction_t": 1.0}, pressure_fs={"evap_p": -0.01})
    part = site(NTC_ROW, PRESSURE_ROW, perturbation=unit)
    part.reset(truth())
    assert kelvin_of(int(part.raw[0])) == pytest.approx(281.0, abs=0.02)
    assert pascal_of(int(part.raw[1])) == pytest.approx(5e5 - 17_300, abs=600)


def test_over_and_under_pressure_saturate_inside_the_broken_wire_limits():
    part = site(PRESSURE_ROW)
    part.reset(truth(pascal=5e6))
    assert 0.9 < part.raw[0] / 4096 < 0.94
    part.reset(truth(pascal=0.0))
    assert 0.06 < part.raw[0] / 4096 < 0.1


def test_pressure_switch_opens_and_resets_with_hysteresis():
    part = site(SWITCH_ROW)
    part.reset(truth())
    levels = []
    for high in (3.3e6, 3.4e6, 3.0e6, 2.6e6, 3.3e6):
        part.sense(truth(high=high), 0.5)
        levels.append(int(part.raw[0]))
    assert levels == [0, 1, 1, 0, 0]  # active 0: low is closed, healthy


def test_flow_switch_closes_on_flow():
    part = site(FLOW_ROW)
    part.reset(truth(flow=0.0))
    levels = [int(part.raw[0])]
    for flow in (0.09, 0.2, 0.09, 0.05):
        part.sense(truth(flow=flow), 0.5)
        levels.append(int(part.raw[0]))
    assert levels == [1, 1, 0, 0, 1]


def test_errors_name_the_sensor():
    with pytest.raises(InputError, match="no sensor 'room_t'"):
        site({**NTC_ROW, "name": "room_t"})
    with pytest.raises(InputError, match="unknown kind 'pt1000'"):
        site({**NTC_ROW, "kind": "pt1000"})
    with pytest.raises(InputError, match="unknown thermistor curve 'ntc-11k'"):
        ntc_curve("ntc-11k")
