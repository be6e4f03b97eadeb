"""What retuning found is the package's data: whole, and read as it was written."""

import pytest
from isentrope_hil.compare import duties, tuned
from isentrope_hil.compare.laws import LAWS
from isentrope_sim.errors import InputError


def test_the_committed_parameters_are_whole(tmp_path):
    found = tuned.read()
    assert found
    for (machine, name), row in found.items():
        assert machine in duties.MACHINES
        assert row.trials >= 60 and row.cost <= row.default_cost
        for parameter in LAWS[name].parameters:
            assert parameter.low <= row.values[parameter.name] <= parameter.high
    copy = tmp_path / "tuned.toml"
    tuned.write(found, copy)
    assert tuned.read(copy) == found
    copy.write_text('["m".carel]\ncost = 1.0\nvalues = { gian = 1.0 }\n')
    with pytest.raises(InputError, match="gian"):
        tuned.read(copy)
