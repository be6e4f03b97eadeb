"""The table of states has every transition that the sequence's source has, and no other."""

import ast

from isentrope_hil import catalogue, resources
from isentrope_hil.targets.firmware import imported

SOURCE = resources.root("firmware") / "isentrope" / "control" / "sequence.py"
SERVICE, RUNNING = "in service", "running"


def _methods():
    tree = ast.parse(SOURCE.read_text())
    sequence = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Sequence")
    return {node.name: node for node in sequence.body if isinstance(node, ast.FunctionDef)}


def _names(node):
    """The states an expression may be: `states.X`, `self.duty`, either of a conditional."""
    if isinstance(node, ast.IfExp):
        return _names(node.body) | _names(node.orelse)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "states":
        name = node.attr.lower().replace("_", " ")
        return {SERVICE if name in ("heating", "cooling", "hot water", "test") else name}
    if isinstance(node, ast.Attribute) and node.attr == "duty":
        return {SERVICE}
    assert isinstance(node, ast.Name) and node.id == "state", ast.dump(node)
    return {SERVICE}  # the local of _operate: test, or the duty


def _targets(nodes, methods):
    """Where these statements, and the methods of the sequence they call, may lead."""
    found = set()
    for call in (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name == "_enter":
            found |= _names(call.args[0])
        elif name == "_compressor_off":
            found |= _names(call.args[1])
        elif name in ("_idle", "_start", "_operate", "_follow"):
            found |= _targets(methods[name].body, methods)
    return found


def _source(test):
    """The state that a branch of `step` is for."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            return _names(node.comparators[0])
    return {RUNNING}  # `cut`


def transitions():
    methods = _methods()
    found = set()
    *_, stop, chain = methods["step"].body
    assert isinstance(stop, ast.If) and isinstance(chain, ast.If), "step ends with the alarms and the states"
    found |= {(RUNNING, target) for target in _targets(stop.body, methods)}
    while True:
        found |= {(a, b) for a in _source(chain.test) for b in _targets(chain.body, methods)}
        if len(chain.orelse) == 1 and isinstance(chain.orelse[0], ast.If):
            chain = chain.orelse[0]
            continue
        found |= {(SERVICE, target) for target in _targets(chain.orelse, methods)}
        break
    return {(a, b) for a, b in found if a != b}


def test_the_table_is_the_sequence_s():
    inner = {"heating", "cooling", "hot water", "test"}
    rows = {(a, b) for a, b, _ in catalogue.transitions()}
    assert {(a, b) for a, b in rows if not {a, b} <= inner} == transitions()


def test_what_is_inside_service_is_what_the_arbiter_allows():
    """No way between cooling and the others but through a stop."""
    rows = {(a, b) for a, b, _ in catalogue.transitions()}
    assert not {a for a, b in rows if b == "cooling"} - {"test"}
    assert not {b for a, b in rows if a == "cooling"} - {"test"}
    assert {("heating", "hot water"), ("hot water", "heating")} <= rows


def test_every_name_is_a_state_or_a_group():
    with imported() as firmware:
        name = firmware.module("control.states").name
        known = {name(n) for n in range(12)}
    groups = dict(catalogue.state_groups())
    known |= set(groups)
    for first, second, _ in catalogue.transitions():
        assert {first, second} <= known
    for members in groups.values():
        assert set(members.split(",")) <= known
