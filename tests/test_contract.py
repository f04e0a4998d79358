"""What every op and every backend owes: one test over all of them, that fails until it is there."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest

from graphcnn.backends import Level, find, names
from graphcnn.ops import BY_NAME, OPS
from graphcnn.ops.base import Elementwise, Free, Op
from graphcnn.schema import document

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
