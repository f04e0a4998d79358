"""Attributes that come to sizes which are known only where the model runs."""

from __future__ import annotations

import builtins
import symtable
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from graphcnn.backends import find
from graphcnn.backends.keras import engine as keras_engine
from graphcnn.backends.python.live import imported
from graphcnn.backends.pytorch.live import instantiate
from graphcnn.compiler import Model, compile_file
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.source import SourceFile
from graphcnn.verification import Settings, verify
from graphcnn.verification.sizes import choose, numbers, symbols_of
from tests.backends.size_draws import sized_specs
from tests.backends.symbolic_specs import SPECS
from tests.verification.runs import backends

#: what symbols are in one run after the other
RUNS: list[dict[str, int]] = [
    {"A": 3, "B": 6, "D": 2, "H": 4, "L": 9, "W": 5},
    {"A": 5, "B": 2, "D": 3, "H": 3, "L": 6, "W": 7},
    {"A": 1, "B": 1, "D": 1, "H": 1, "L": 1, "W": 1},
]


#: the same for drawn specs, whose attributes may need more cells
DRAWN: list[dict[str, int]] = [{"H": 4, "W": 5, "V": 3}, {"H": 3, "W": 2, "V": 6}]

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


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
@pytest.mark.parametrize("backend", ["pytorch", "keras", "onnx"])
def test_sizes_are_read_where_the_model_runs(name: str, backend: str) -> None:
    made = model(name)
    for run in RUNS:
        found = verify(made, backends(backend), Settings(sizes=sizes_of(made, run)))
        assert found.passed, (run, found.to_dict())


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("backend", ["pytorch", "keras"])
def test_emitted_text_reads_no_name_that_is_not_there(name: str, backend: str) -> None:
    text = find(backend).emit(model(name))
    assert isinstance(text, str)
    assert free_names(text) == set()


def test_free_names() -> None:
    assert free_names("import a\ndef f(x):\n    return a.b(x, H, size=(W, len(x)))\n") == {"H", "W"}


@pytest.mark.parametrize("name", ["pad", "split", "adaptive", "repeat", "handed to a block"])
def test_keras_models_are_saved_and_loaded(name: str, tmp_path: Path) -> None:
    keras = keras_engine.load()
    made = model(name)
    live = getattr(imported(made.name, str(find("keras").emit(made))), made.name)()
    live.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    for run in RUNS[:2]:
        arrays = [tensor.movedim(1, -1).numpy() for tensor in drawn(made, run)]
        given = arrays[0] if len(arrays) == 1 else arrays
        for a, b in zip(outputs(live(given)), outputs(loaded(given)), strict=True):
            np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5)


def drawn(made: Model, run: dict[str, int]) -> tuple[torch.Tensor, ...]:
    shapes = [value.shape or () for value in made.ir.inputs.values()]
    return tuple(torch.randn(2, *numbers(shape, sizes_of(made, run))) for shape in shapes)


def outputs(found: Any) -> list[Any]:
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


def holds(file: SourceFile) -> None:
    """What is built of a spec reads what it names, and computes what the spec means."""
    made = compile_file(file)
    for name in ("pytorch", "keras"):
        text = find(name).emit(made)
        assert isinstance(text, str)
        assert free_names(text) == set(), text
    with warnings.catch_warnings(action="ignore"):
        torch.jit.script(instantiate(made).eval())
    for run in DRAWN:
        sizes = {name: run[name] for name in symbols_of(made.ir)}
        try:
            choose(made.ir, sizes)
        except UsageError:
            continue
        found = verify(made, backends("pytorch", "keras", "onnx"), Settings(sizes=sizes))
        assert found.passed, (file.text, run, found.to_dict())


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("{conv: {out: 3, kernel: 3, padding: $image.height}}", ["pytorch", "keras"]),
        ("{conv: {out: 3, kernel: [$image.height, 1]}}", ["pytorch", "keras", "onnx"]),
        ("{layer_norm: {axes: [0, 1, 2]}}", ["pytorch", "keras", "onnx"]),
        ("{avg_pool: {kernel: [$(image.height // 2), 1], stride: 1}}", ["keras", "onnx"]),
        ("{max_pool: {kernel: 3, stride: 2, ceil: true}}", ["keras"]),
    ],
)
def test_what_is_fixed_before_a_size_is_known(statement: str, names: list[str]) -> None:
    head = "graphcnn: 1\nname: net\ninputs: {image: [3, 8*H, W + 8]}\ngraph:\n"
    made = compile_file(SourceFile("net.yaml", f"{head}  - {statement}\n"))
    for name in ("pytorch", "keras", "onnx"):
        if name not in names:
            find(name).emit(made)
            continue
        with pytest.raises(SpecError) as caught:
            find(name).emit(made)
        assert {one.span.begin_position.line for one in caught.value.diagnostics} == {5}
        codes = {one.code for one in caught.value.diagnostics}
        assert codes <= {"symbolic-weight", "unsupported-op"}


@settings(max_examples=8, suppress_health_check=SLOW, deadline=None)
@given(sized_specs())
def test_random_specs(file: SourceFile) -> None:
    holds(file)


@pytest.mark.exhaustive
@settings(max_examples=300, suppress_health_check=SLOW, deadline=None)
@given(sized_specs())
def test_more_random_specs(file: SourceFile) -> None:
    holds(file)
