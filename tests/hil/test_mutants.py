"""Seeded defects: the list fits the firmware, and what must notice them does."""

from dataclasses import replace

import pytest
from isentrope_hil import resources
from isentrope_hil.mutation import mutants, work
from isentrope_sim.errors import InputError

LIST = mutants.read()
FIRMWARE = resources.root("firmware")
FAST = [each for each in LIST if each.probe.startswith("cell:heating")]
SAMPLE, SEED = 3, 2


def named(name):
    return next(each for each in LIST if each.name == name)


def test_there_are_sixty_and_each_fits_once():
    assert len(LIST) >= 60
    for mutant in LIST:
        text = mutants.changed(mutant, FIRMWARE)
        compile(text, mutant.file, "exec")


def test_a_list_that_has_rotted_is_an_error(tmp_path):
    good = LIST[0]
    for old in ("no such text", "self"):
        with pytest.raises(InputError, match=r"has its old text \d+ times, needed once"):
            mutants.changed(replace(good, old=old), FIRMWARE)
    with pytest.raises(InputError, match="No such file"):
        mutants.changed(replace(good, file="gone.py"), FIRMWARE)
    with pytest.raises(InputError, match="needed once"):
        mutants.changed(replace(good, new=good.old), FIRMWARE)
    file = tmp_path / "mutants.toml"
    row = '[[mutant]]\nname = "a"\nfile = "x"\nold = "y"\nnew = "z"\nwhat = ""\nprobe = "%s"\nreason = []\n'
    file.write_text(2 * (row % "cell:x"))
    with pytest.raises(InputError, match="two mutants are named a"):
        mutants.read(file)
    file.write_text(row % "guess:x")
    with pytest.raises(InputError, match="probe 'guess:x' is none"):
        mutants.read(file)


def test_the_copy_has_the_defect_and_the_firmware_has_not(tmp_path):
    mutant = LIST[0]
    made = mutants.apply(mutant, tmp_path)
    assert mutant.new in (made / "isentrope" / mutant.file).read_text()
    assert mutant.old in (FIRMWARE / "isentrope" / mutant.file).read_text()
    assert (made / "main.py").exists()


def test_a_drawn_sample_is_caught_for_the_right_reason_on_micropython():
    drawn = mutants.sample(FAST, SAMPLE, SEED)
    found = work.run(drawn, "unix", None, 1, lambda *_: None)
    assert [
        (row["name"], row["verdict"], row["said"]) for row in found["rows"] if row["verdict"] != "caught"
    ] == []
    assert found["verdict"] == "pass" and found["mutants"] == SAMPLE


def test_what_is_harmless_survives_and_another_reason_is_told_apart(monkeypatch):
    mutant = named("water-not-timed-out")
    harmless = replace(mutant, name="harmless", new=mutant.old + "  # seeded")
    other = replace(mutant, name="other", reason=("alarm 33 did not come",))
    assert work.judge(harmless, "cpython")["verdict"] == "survived"
    row = work.judge(other, "cpython")
    assert row["verdict"] == "caught otherwise" and row["said"]
    found = work.document([row], "cpython")
    assert (found["verdict"], found["caught"], found["caught_for_the_right_reason"]) == ("fail", 1, 0)
    monkeypatch.setattr(work, "probe", lambda *_: (True, ["it fails anyhow"]))
    assert work.run([mutant], "cpython", None, 1, lambda *_: None)["verdict"] == "blocked"


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--name", "nobody"], "unknown mutant 'nobody'"), (["--target", "rp2040"], "runs on cpython or unix")],
)
def test_bad_words_are_one_line(isentrope, words, message):
    code, _, err = isentrope("mutate", *words)
    assert code == 2 and message in err and err.count("\n") == 1
