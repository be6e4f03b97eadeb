"""The examples of docs/scenarios.md are read by the loader itself."""

import re
import textwrap
from pathlib import Path

from isentrope_hil import requirements, scenario

DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"


def blocks() -> list[str]:
    """The indented blocks of the page, in order."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", DOCS.read_text(), flags=re.M)
    return [textwrap.dedent(block).strip() for block in found]


def test_the_example_with_every_kind_loads(tmp_path):
    whole = next(block for block in blocks() if block.startswith("description"))
    kinds = next(block for block in blocks() if block.startswith("[[requirement]]"))
    file = tmp_path / "example.toml"
    file.write_text(f"{whole}\n\n{kinds}\n")
    loaded = scenario.load(file)
    assert len(loaded.requirements) == 12
    named = {requirement.kind for requirement in loaded.requirements}
    assert set(requirements.KINDS) - named == {"max_duration_above"}  # the same as its twin


def test_every_kind_and_key_is_explained():
    text = DOCS.read_text()
    keys = {key for kind in requirements.KINDS.values() for key in (*kind.needs, *kind.may)}
    words = (*requirements.KINDS, *keys)
    assert [word for word in words if f"`{word}`" not in text and f"`{word} =" not in text] == []
