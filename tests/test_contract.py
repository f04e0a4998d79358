"""What every op and every backend owes: one test over all of them, that fails until it is there."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re

import pytest

from graphcnn.backends import Level, find, names
from graphcnn.compiler import check
from graphcnn.diagnostics import SpecError
from graphcnn.ops import BY_NAME, OPS
from graphcnn.ops.base import Attribute, Elementwise, Free, Op
from graphcnn.schema import document
from graphcnn.syntax import decode

GROUPS = {
    "convolution",
    "linear",
    "pooling",
    "normalisation",
    "activation",
    "regularisation",
    "merge",
    "shape",
    "reduction",
}

ops = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


@ops
def test_an_op_says_what_it_is(op: type[Op]) -> None:
    doc = inspect.getdoc(op) or ""
    first, _, rest = doc.partition("\n")
    assert first.endswith("."), "the first line says what it does"
    assert rest.strip(), "the rest gives the formula and the source"
    assert op.__dict__["name"] == op.name
    assert op.group in GROUPS
    assert re.fullmatch(r"[a-z][a-z0-9_]*", op.name)


@ops
def test_an_op_declares_its_attributes(op: type[Op]) -> None:
    assert dataclasses.is_dataclass(op)
    declared = op.attributes()
    assert list(declared) == [f.name for f in dataclasses.fields(op)]
    for attribute in declared.values():
        assert attribute.doc, attribute.name
        assert attribute.kind.describe()
        if not attribute.required and attribute.default is not None:
            attribute.kind.read(attribute.default)
    assert op.main is None or op.main in declared


@ops
def test_an_op_states_its_cost(op: type[Op]) -> None:
    """Nothing is free in silence: either the rules are the op's own, or it says `Free`."""
    for rule in ("weights", "macs"):
        home = next(base for base in op.__mro__ if rule in base.__dict__)
        assert home is not Op
        assert home not in (Free, Elementwise) or issubclass(op, Free)


@ops
def test_an_op_is_in_the_schema(op: type[Op]) -> None:
    definition = document()["$defs"][f"attributes_{op.name}"]
    assert set(definition["properties"]) == set(op.attributes())
    assert definition["additionalProperties"] is False


def _sample(attribute: Attribute) -> object:
    """A value that the attribute takes, other than its default where there is one."""
    for value in (2, [1], 0.5, True):
        try:
            attribute.kind.read(value)
        except ValueError:
            continue
        return value
    return attribute.default


def _said(op: type[Op], given: dict[str, object], shape: list[int]) -> list[str]:
    statement = json.dumps({op.name: given})
    text = f"graphcnn: 1\nname: net\ninputs: {{image: {shape}}}\ngraph: [{statement}]\n"
    try:
        return [one.code for one in check(decode(text.encode(), "net.yaml"))]
    except SpecError as error:
        return [one.code for one in error.diagnostics]


@ops
def test_an_attribute_that_is_not_known_is_one_mistake(op: type[Op]) -> None:
    declared = op.attributes()
    needed = {name: _sample(one) for name, one in declared.items() if one.required}
    for name in (None, *declared):
        given = needed if name is None else {**needed, name: _sample(declared[name])}
        for shape in ([8, 6, 6], [8]):
            found = _said(op, {**given, "zzqq": 1}, shape)
            assert "unknown-attribute" in found
            # whatever else is said holds without the attribute too
            assert set(found) - {"unknown-attribute"} <= set(_said(op, given, shape)), given


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(OPS)


@pytest.mark.parametrize("backend", names())
@ops
def test_a_backend_declares_every_op(backend: str, op: type[Op]) -> None:
    """Native, lowered, or unsupported with a reason; nothing is left to a framework's traceback."""
    found = find(backend).support(op)
    assert isinstance(found.level, Level)
    assert bool(found.reason) is (found.level is not Level.NATIVE)


@pytest.mark.parametrize("backend", names())
def test_a_backend_says_how_its_files_are_called(backend: str) -> None:
    found = find(backend)
    assert found.name == backend
    assert found.suffix.startswith(".")
