"""JUnit XML of a run: one test case a requirement, with its id and reference as properties."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from isentrope_hil.requirements import BLOCKED, FAIL, Result


def write(path: Path, scenario: str, results: Sequence[Result], wall_seconds: float, error: str = "") -> None:
    """Write the file.

    A failed requirement is a failure, a blocked one an error; so is `error` (why the run ended early).
    """
    suite = ET.Element(
        "testsuite",
        name=f"isentrope.{scenario}",
        tests=str(len(results) + bool(error)),
        failures=str(sum(result.verdict == FAIL for result in results)),
        errors=str(sum(result.verdict == BLOCKED for result in results) + bool(error)),
        time=f"{wall_seconds:.3f}",
    )
    for result in results:
        case = ET.SubElement(
            suite, "testcase", classname=f"isentrope.{scenario}", name=f"{result.id}: {result.name}"
        )
        properties = ET.SubElement(case, "properties")
        for key in ("id", "ref"):
            if getattr(result, key):
                ET.SubElement(properties, "property", name=key, value=getattr(result, key))
        if result.verdict == FAIL:
            ET.SubElement(case, "failure", message=f"{measured(result)}; limit: {result.limit}")
        elif result.verdict == BLOCKED:
            ET.SubElement(case, "error", message=f"blocked: {result.note}")
        else:
            ET.SubElement(case, "system-out").text = f"{measured(result)}; limit: {result.limit}"
    if error:
        case = ET.SubElement(suite, "testcase", classname=f"isentrope.{scenario}", name="the run is complete")
        ET.SubElement(case, "error", message=error)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def measured(result: Result) -> str:
    """The measured value with its unit, or the note when there is none."""
    if result.value is None:
        return result.note or "no value"
    unit = "" if result.unit in ("", "1") else f" {result.unit}"
    return f"{result.value:.4g}{unit}"
