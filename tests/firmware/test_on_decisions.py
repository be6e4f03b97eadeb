"""No limit and no refusal without a decision: the control code is walked for paths that say nothing.

Rules, for every module of `control`:

- a block that lowers a cap on the speed or raises its floor says why in the same block
- a block that takes a speed's target away from what is wanted says which limit acts
- a gate (a function that lets the compressor start, or that returns whether it may) says in every branch what
  it waits for, unless nobody calls for heat or the branch acts
- the machine's state is set in one place, and every change of it is logged
- a code that nobody uses is none
"""

import ast
from pathlib import Path

import pytest
from isentrope import alarms, decisions

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware" / "isentrope"
CONTROL = sorted((FIRMWARE / "control").glob("*.py"))

LIMITS = {"cap_rps": "cap_why", "floor_rps": "floor_why"}
LOOSENS = "_CAP_RETURN"  # a cap or floor that comes back
AT_REST = ("off", "__init__")
SAYS = ("_say", "_explain", "raise_", "_block")
ACTS = ("_enter", "_compressor_start", "_compressor_off")
REASONS = ("why", "limit", *LIMITS.values())


def said(node):
    """A decision is made somewhere in this node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            name, owner = each.func.attr, each.func.value
            nothing = each.args and isinstance(each.args[0], ast.Constant) and each.args[0].value == 0
            if name in SAYS and not nothing:
                return True
            if name == "add" and isinstance(owner, ast.Attribute) and owner.attr.strip("_") == "log":
                return True
        if isinstance(each, ast.Assign) and not isinstance(each.value, ast.Constant):
            names = [target.attr for target in each.targets if isinstance(target, ast.Attribute)]
            if set(names) & set(REASONS):
                return True
    return False


def acts(node):
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in ACTS
        for each in ast.walk(node)
    )


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def blocks(function):
    """Every list of statements in it."""
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            found = getattr(node, field, None)
            if isinstance(found, list) and found and isinstance(found[0], ast.stmt):
                yield found


def assigned(block):
    """(name of an attribute or variable, statement) of what a block itself assigns."""
    for statement in block:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AugAssign):
            targets = [statement.target]
        for target in targets:
            if isinstance(target, ast.Attribute):
                yield target.attr, statement
            elif isinstance(target, ast.Name):
                yield target.id, statement


def silent_limits(tree):
    for function in functions(tree):
        for block in blocks(function):
            names = dict(assigned(block))
            for limit, why in LIMITS.items():
                if limit not in names or why in names or function.name in AT_REST:
                    continue
                if LOOSENS not in ast.unparse(names[limit]):
                    yield names[limit], f"{limit} changes without {why}"


def silent_targets(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            for block in (node.body, node.orelse):
                names = dict(assigned(block))
                deeper = any(isinstance(each, ast.If) for each in block)
                if "target" in names and "limit" not in names and not deeper:
                    yield names["target"], "a target is limited, no limit named"


def gates(tree):
    """Functions that let the compressor start, and those that return whether it may."""
    for function in functions(tree):
        starts = [
            each
            for each in ast.walk(function)
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and (each.func.attr == "_compressor_start" or "STARTING" in ast.unparse(each))
        ]
        if function.name.endswith("allowed") or (starts and function.name in ("_idle", "_start")):
            yield function


def silent_gates(tree):
    for gate in gates(tree):
        tests = [node for node in ast.walk(gate) if isinstance(node, ast.If)]
        unasked = [node for node in tests if ast.unparse(node.test) == "not call"]
        left_alone = {id(each) for node in unasked for part in node.body for each in ast.walk(part)}
        for node in tests:
            if node in unasked or id(node) in left_alone:
                continue
            for block in (node.body, node.orelse):
                module = ast.Module(block, [])
                if block and not said(module) and not acts(module) and not _assigns_only(block):
                    yield block[0], f"{gate.name} refuses without a decision"


def _assigns_only(block):
    return all(isinstance(statement, ast.Assign | ast.AugAssign) for statement in block)


RULES = (silent_limits, silent_targets, silent_gates)


def offences(path, source):
    tree = ast.parse(source)
    found = []
    for rule in RULES:
        if rule is silent_targets and path.name != "speed.py":
            continue
        found += [f"{path.name}:{node.lineno}: {what}" for node, what in rule(tree)]
    return found


@pytest.mark.parametrize("path", CONTROL, ids=lambda path: path.stem)
def test_no_limit_and_no_refusal_is_silent(path):
    assert not offences(path, path.read_text())


def test_there_is_something_to_judge():
    trees = {path.stem: ast.parse(path.read_text()) for path in CONTROL}
    assert {gate.name for gate in gates(trees["sequence"])} >= {"start_allowed", "_idle", "_start"}
    assert "cap_rps" in dict(
        pair for f in functions(trees["limits"]) for b in blocks(f) for pair in assigned(b)
    )


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("sequence", "self._say(d.WAIT_OFF_TIME, int(self._v[s.MIN_OFF]))"),
        ("sequence", "self._say(d.WAIT_STARTS, int(gap))"),
        ("sequence", "self._say(d.WAIT_DISCHARGE, int(inp.discharge_c))"),
        ("sequence", "self._say(d.WAIT_FAN)"),
        ("sequence", "self._say(d.WAIT_PRESSURE, int(inp.cond_kpa - inp.evap_kpa))"),
        ("limits", "self.cap_why = why"),
        ("limits", "self.floor_why = d.RAISE_ENVELOPE if outside else d.HOLD_ENVELOPE"),
        ("speed", "self.limit = limits.cap_why"),
        ("speed", "self.limit = limits.floor_why"),
        ("speed", "self.limit = d.HOLD_SUPERHEAT"),
    ],
)
def test_the_walk_sees_a_decision_that_is_missing(name, statement):
    path = FIRMWARE / "control" / f"{name}.py"
    source = path.read_text()
    assert source.count(statement) == 1, "the code has changed: take another statement"
    assert offences(path, source.replace(statement, "pass"))


def test_the_state_changes_in_one_place_and_is_logged():
    """`Sequence._enter` sets it, `Controller._report` logs what has changed."""
    setters = []
    for path in CONTROL:
        for function in functions(ast.parse(path.read_text())):
            if function.name != "__init__" and "state" in dict(
                pair for block in blocks(function) for pair in assigned(block) if _of_self(pair[1])
            ):
                setters.append((path.stem, function.name))
    assert setters == [("controller", "_report"), ("sequence", "_enter")]
    report = next(
        f
        for f in functions(ast.parse((FIRMWARE / "control" / "controller.py").read_text()))
        if f.name == "_report"
    )
    assert "self.log.add(now_ms, d.STATE, self.state)" in ast.unparse(report)


def _of_self(statement):
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets)


def _codes(module, but=()):
    return {name for name in dir(module) if name.isupper() and name[0] != "_" and name not in but}


def test_every_code_is_used_and_none_is_used_that_is_not_there():
    text = "\n".join(path.read_text() for path in FIRMWARE.rglob("*.py"))
    words = {ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    names = {word.rpartition(".")[2] for word in words}
    imported = {
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # Those by number: an alarm a bit of Inputs.bad, a refused write by its result.
    by_number = {"DISCHARGE_T", "LIQUID_T", "COIL_T", "OUTDOOR_T", "FLOW_T", "RETURN_T", "EVAP_P", "COND_P"}
    by_number |= {"SETTING_NOT_NOW", "SETTING_LOCKED", "FIRST_WARNING"}
    assert _codes(decisions) - names - imported <= by_number
    assert _codes(alarms) - names - imported <= by_number
    for prefix, module in (("d", decisions), ("a", alarms)):
        used = {word[2:] for word in words if word.startswith(f"{prefix}.") and word[2:].isupper()}
        assert used and used <= _codes(module) | {"ALARM"}, used - _codes(module)
