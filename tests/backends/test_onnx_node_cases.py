"""The onnx package's node tests, posed as specs: shapes and numbers in every backend."""

from __future__ import annotations

import pytest
import torch

from graphcnn.backends.keras.weights import assign
from graphcnn.compiler import Model, compile_file
from tests.backends import keras_models
from tests.backends.emitted import emit, imported
from tests.backends.onnx_nodes import page
from tests.backends.onnx_nodes.cases import collected
from tests.backends.onnx_nodes.exported import exported
from tests.backends.onnx_nodes.node import Array, Posed
from tests.backends.onnx_nodes.table import FOREIGN, LACKING, TRANSLATIONS
from tests.backends.onnx_runs import close, file_of, message, run

CASES = (*collected(), *exported())
TRIED = [(case.name, case.posed) for case in CASES if case.posed is not None]

#: written with four digits, so held to the tolerance of the onnx package itself
ROUNDED = "test_averagepool_2d_ceil_last_window_starts_on_pad"


def model_of(name: str, posed: Posed) -> Model:
    """The compiled model, whose shapes are those of the case."""
    model = compile_file(posed.spec(name))
    shapes = {key: output.value.shape for key, output in model.ir.outputs.items()}
    assert shapes == {key: y.shape[1:] for key, y in posed.results.items()}
    weights = {key: weight.shape for node in model.ir.nodes for key, weight in node.weights()}
    assert weights == {key: value.shape for key, value in posed.weights.items()}
    return model


def in_pytorch(model: Model, posed: Posed) -> dict[str, Array]:
    module = getattr(imported(emit(model)), model.name)()
    weights = {name: torch.tensor(value) for name, value in posed.weights.items()}
    missing, unexpected = module.load_state_dict(weights, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    with torch.no_grad():
        found = module.eval()(*map(torch.tensor, posed.inputs))
    outputs = found if isinstance(found, dict) else {next(iter(model.ir.outputs)): found}
    return {name: tensor.numpy() for name, tensor in outputs.items()}


def in_keras(model: Model, posed: Posed) -> dict[str, Array]:
    live = keras_models.built(model)
    assign(live, model.ir, posed.weights)
    return keras_models.outputs(live, model.ir, [*posed.inputs])


def in_onnx(model: Model, posed: Posed) -> dict[str, Array]:
    data = file_of(model, posed.weights)
    message(data)
    return run(data, dict(zip(posed.names, posed.inputs, strict=True)))


RUNS = {"pytorch": in_pytorch, "keras": in_keras, "onnx": in_onnx}


@pytest.mark.parametrize("backend", RUNS)
@pytest.mark.parametrize(("name", "posed"), TRIED, ids=[name for name, _ in TRIED])
def test_shapes_and_numbers_are_those_of_the_case(name: str, posed: Posed, backend: str) -> None:
    found = RUNS[backend](model_of(name, posed), posed)
    assert list(found) == list(posed.results)
    for key, expected in posed.results.items():
        close(found[key], expected, key, tolerance=1e-3 if name == ROUNDED else 1e-4)


def test_every_operator_is_in_one_of_the_tables() -> None:
    """Those that have no cases any more are not."""
    listed = [*TRANSLATIONS, *LACKING, *(name for names in FOREIGN.values() for name in names)]
    assert sorted(listed) == sorted({case.operator for case in collected()})


def test_a_case_is_tried_or_has_its_reason() -> None:
    assert all((case.posed is None) == bool(case.reason) for case in CASES)


def test_the_page_says_how_many() -> None:
    """`make docs` writes it anew."""
    assert page.PAGE.read_text(encoding="utf-8") == page.text()
