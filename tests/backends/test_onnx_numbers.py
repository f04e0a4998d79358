"""How exact onnxruntime is, in float32, where an operator adds up many or nearly equal cells."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.onnx_runs import departure, file_of, message, run
from tests.inline import model, spec


def operators(graph: str, image: str) -> list[str]:
    found = message(file_of(model(spec(graph, image=image)), {}))
    return [node.op_type for node in found.graph.node if node.op_type != "Constant"]


@pytest.mark.parametrize(
    "graph",
    [
        "- global_avg_pool",
        "- {global_avg_pool: {keepdims: false}}",
        "- adaptive_avg_pool: 1",
        "- mean: [-2, -1]",
    ],
)
def test_the_mean_of_many_cells_that_are_nearly_equal(graph: str) -> None:
    each = model(spec(graph, image="[2, 300, 300]"))
    x = np.full((1, 2, 300, 300), 0.3, np.float32)
    (y,) = run(file_of(each, {}), {"image": x}).values()
    assert departure(np.full_like(y, x[0, 0, 0, 0]), y) < 2e-6


def test_the_mean_of_some_cells_is_one_operator() -> None:
    assert operators("- global_avg_pool", "[2, 128, 128]") == ["GlobalAveragePool"]
    assert operators("- global_avg_pool", "[2, H, W]") == ["GlobalAveragePool"]
    assert operators("- global_avg_pool", "[2, 128, 129]") == ["ReduceMean", "ReduceMean"]


@pytest.mark.parametrize(
    ("norm", "rows"),
    [
        ("{group_norm: {groups: 3, scale: false, shift: false}}", 3),
        ("{instance_norm: {scale: false, shift: false}}", 6),
        ("{layer_norm: {axes: [1, 2], scale: false, shift: false}}", 6),
    ],
)
def test_norms_of_cells_far_from_0(norm: str, rows: int) -> None:
    x = (10 + 0.1 * np.random.default_rng(0).standard_normal((2, 6, 9, 9))).astype(np.float32)
    each = model(spec(f"- {norm}", image="[6, 9, 9]"))
    (y,) = run(file_of(each, {}), {"image": x}).values()
    cells = x.astype(float).reshape(2, rows, -1)
    centred = cells - cells.mean(-1, keepdims=True)
    wanted = (centred / np.sqrt(cells.var(-1, keepdims=True) + 1e-5)).reshape(x.shape)
    assert departure(wanted, y) < 2e-5
