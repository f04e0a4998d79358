"""Attributes that come to sizes which are known only where the model runs."""

from __future__ import annotations

import builtins
import symtable
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from graphcnn.backends import find
from graphcnn.backends.pytorch.live import instantiate
from graphcnn.compiler import Model, compile_file
from graphcnn.source import SourceFile
from graphcnn.verification import Settings, verify
from graphcnn.verification.sizes import numbers, symbols_of
from tests.backends.symbolic_specs import SPECS
from tests.verification.runs import backends

#: what symbols are in one run after the other
RUNS: list[dict[str, int]] = [
    {"A": 3, "B": 6, "D": 2, "H": 4, "L": 9, "W": 5},
    {"A": 5, "B": 2, "D": 3, "H": 3, "L": 6, "W": 7},
    {"A": 1, "B": 1, "D": 1, "H": 1, "L": 1, "W": 1},
]


def model(name: str) -> Model:
    return compile_file(SourceFile("net.yaml", SPECS[name]))


def free_names(text: str) -> set[str]:
    """The names that a text reads and nothing in it, nor Python, has."""
    table = symtable.symtable(text, "emitted.py", "exec")
    known = {*table.get_identifiers(), *dir(builtins), "__name__", "__file__"}
    return {name for one in _tables(table) for name in _read(one) if name not in known}


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_global() and symbol.is_referenced() and not symbol.is_assigned():
            yield symbol.get_name()


def sizes_of(made: Model, run: dict[str, int]) -> dict[str, int]:
    return {name: run[name] for name in symbols_of(made.ir)}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("backend", ["pytorch", "onnx"])
def test_sizes_are_read_where_the_model_runs(name: str, backend: str) -> None:
    made = model(name)
    for run in RUNS:
        found = verify(made, backends(backend), Settings(sizes=sizes_of(made, run)))
        assert found.passed, (run, found.to_dict())


@pytest.mark.parametrize("name", SPECS)
def test_emitted_text_reads_no_name_that_is_not_there(name: str) -> None:
    text = find("pytorch").emit(model(name))
    assert isinstance(text, str)
    assert free_names(text) == set()


def test_free_names() -> None:
    assert free_names("import a\ndef f(x):\n    return a.b(x, H, size=(W, len(x)))\n") == {"H", "W"}


def drawn(made: Model, run: dict[str, int]) -> tuple[torch.Tensor, ...]:
    shapes = [value.shape or () for value in made.ir.inputs.values()]
    return tuple(torch.randn(2, *numbers(shape, sizes_of(made, run))) for shape in shapes)


def outputs(found: Any) -> list[torch.Tensor]:
    return [*found.values()] if isinstance(found, dict) else [found]


@pytest.mark.parametrize("name", SPECS)
def test_modules_are_scripted(name: str) -> None:
    made = model(name)
    module = instantiate(made).eval()
    with warnings.catch_warnings(action="ignore"):
        scripted = torch.jit.script(module)
    for run in RUNS:
        given = drawn(made, run)
        for a, b in zip(outputs(module(*given)), outputs(scripted(*given)), strict=True):
            torch.testing.assert_close(a, b)


#: Those of which no size is a guard in PyTorch's own shape rules.
EXPORTED = ["grids", "slice", "split", "tile", "reshape", "handed to a block", "branches", "chain"]


@pytest.mark.parametrize("name", EXPORTED)
def test_modules_are_exported_with_dynamic_shapes(name: str) -> None:
    made = model(name)
    module = instantiate(made).eval()
    dims = dict.fromkeys(range(4), torch.export.Dim.AUTO)
    shapes = tuple(
        {
            axis: dims[axis]
            for axis in range(len(value.shape or ()) + 1)
            if not axis or not isinstance((value.shape or ())[axis - 1], int)
        }
        for value in made.ir.inputs.values()
    )
    given = drawn(made, RUNS[0])
    exported = torch.export.export(module, given, dynamic_shapes=shapes).module()
    for run in RUNS[:2]:
        given = drawn(made, run)
        for a, b in zip(outputs(module(*given)), outputs(exported(*given)), strict=True):
            torch.testing.assert_close(a, b)
