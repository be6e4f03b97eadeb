"""What `make bench` says of the firmware's footprint on the unix port."""

import os

import pytest
from isentrope_hil import benchmark, resources


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_time_bytes_and_heap_of_a_scan(monkeypatch):
    monkeypatch.setattr(benchmark, "RECORDED_STEPS", 600)
    monkeypatch.delenv("ISENTROPE_UF2", raising=False)
    figures = {figure.what: figure for figure in benchmark.footprint()}
    time, taken, graph, free, emulated = figures.values()
    assert emulated.beside.startswith("not run: needs a MicroPython image")
    assert time.unit == "us" and 10.0 < time.value < 100_000.0
    assert taken.unit == graph.unit == free.unit == "B"
    assert 500.0 < taken.value < 30_000.0 and "p99" in taken.beside
    assert graph.value + free.value < 512 * 1024 and free.value > 100_000.0


def test_bytecode_of_every_module():
    total, *modules = benchmark.bytecode()
    names = {figure.what.strip(): figure.value for figure in modules}
    root = resources.root("firmware")
    assert set(names) == {str(path.relative_to(root)) for path in root.rglob("*.py")}
    assert total.value == sum(names.values()) and min(names.values()) > 0


@pytest.mark.skipif(os.name != "posix", reason="needs the unix port")
def test_cost_of_a_request_on_the_buses(monkeypatch):
    monkeypatch.delenv("ISENTROPE_UF2", raising=False)
    figures = {figure.what: figure for figure in benchmark.buses()}
    assert len(figures) == 5
    largest = figures["Modbus, FC3 of 125 registers on unix"]
    assert largest.unit == "us" and 1.0 < largest.value < 10_000.0
    taken = int(largest.beside.split(" B ")[0])
    assert taken <= 256, "a block of registers costs no heap beside its bookkeeping"
