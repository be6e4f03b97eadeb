"""Names shortened for a board: only those that nobody else can mean, every line in its place."""

import ast

import pytest
from isentrope_hil import resources
from isentrope_hil.deploy.folding import folded
from isentrope_hil.deploy.shortening import shortened


def short(*sources):
    done = shortened({f"p/m{n}.py": source for n, source in enumerate(sources)})
    return [done[f"p/m{n}.py"] for n in range(len(sources))]


def test_what_a_module_keeps_to_itself_gets_a_short_name():
    source = "def _count(self):\n    self._total = 1\n    return _count\n"
    assert short(source) == ["def _a(self):\n    self._b = 1\n    return _a\n"]


def test_every_module_uses_the_same_short_names():
    first = "class A:\n    def f(self):\n        self._port = 1\n"
    second = "class B:\n    def f(self):\n        self._lines = 2\n        self._port = 3\n"
    assert short(first, second) == [
        first.replace("_port", "_a"),
        second.replace("_lines", "_a").replace("_port", "_b"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        "def f(it):\n    return it._total\n",  # does not bind it: means the other module's
        "class B:\n    def f(self, it):\n        self._total = it._total\n",  # may mean either
        "NAME = '_total'\n",  # getattr
    ],
)
def test_a_name_that_another_module_may_mean_stays(other):
    source = "class A:\n    def f(self):\n        self._total = 1\n"
    assert short(source, other)[0] == source


def test_names_of_a_module_with_parent_and_child_stay():
    source = "class B(A):\n    def f(self):\n        self._total = 1\n"
    assert short(source) == [source]


def test_dunders_constants_and_the_bare_underscore_stay():
    source = "_SIZE = const(4)\n\n\ndef __f__():\n    for _ in range(_SIZE):\n        pass\n"
    assert short(source) == [source]


def test_short_names_that_are_taken_are_passed_over():
    assert short("_a = 1\n_long = _a\n", "def f(it):\n    return it._a\n")[0] == "_a = 1\n_b = _a\n"


def test_parameters_become_letters():
    source = (
        "def f(self, value: int, step=a, *, by=2):\n    a = value + step\n    return self.value + a * by\n"
    )
    assert short(source, "f(1, by=3)\n")[0] == (
        "def f(self, b: int, c=a, *, by=2):\n    a = b + c\n    return self.value + a * by\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "def f(value):\n    return lambda: value\n",
        "def f(value):\n    def g():\n        return value\n\n    return g\n",
        "def f(error):\n    try:\n        g(error)\n    except E as error:\n        pass\n",
    ],
)
def test_parameters_that_have_more_than_one_scope_stay(source):
    assert short(source) == [source]


def test_what_does_not_parse_is_left_to_the_compiler():
    assert short("def f(:\n", "_long = 1\n") == ["def f(:\n", "_long = 1\n"]


@pytest.fixture(scope="module")
def firmware():
    root = resources.root("firmware")
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.glob("isentrope/**/*.py")}


def test_the_firmware_keeps_its_lines_and_its_shape(firmware):
    done = shortened(folded(firmware))
    before = folded(firmware)
    for path, source in before.items():
        assert done[path].count("\n") == source.count("\n"), path
        kinds = [[type(node) for node in ast.walk(ast.parse(text, path))] for text in (source, done[path])]
        assert kinds[0] == kinds[1], path


def test_the_firmware_has_fewer_names(firmware):
    counts = [
        len({node.attr for text in sources.values() for node in ast.walk(ast.parse(text))
             if isinstance(node, ast.Attribute) and node.attr.startswith("_")})
        for sources in (firmware, shortened(firmware))
    ]  # fmt: skip
    assert counts[1] < 0.5 * counts[0]
