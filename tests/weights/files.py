"""Files of weights to convert, and a model that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphcnn.compiler import Model
from graphcnn.convert import reading, written
from graphcnn.weights import Held, canonical
from graphcnn.weights.rules import read_rules
from tests.inline import model, spec

Arrays = dict[str, NDArray[Any]]

SUFFIXES = (".safetensors", ".pt", ".pth", ".weights.h5", ".keras", ".onnx")

#: every layout that a weight can have elsewhere
GRAPH = """
- {conv: {out: 8, kernel: 3, groups: 1}, id: stem}
- {batch_norm: {}, id: norm}
- {conv: {out: 8, kernel: 3, groups: 8, padding: 1}, id: each}
- {conv: {out: 8, kernel: [1, 3], groups: 2, padding: [0, 1]}, id: grouped}
- {depthwise_conv: {kernel: 3, multiplier: 2}, id: depthwise}
- {separable_conv: {out: 8, kernel: 3}, id: separable}
- {conv_transpose: {out: 6, kernel: 2, stride: 2}, id: up}
- {prelu: {}, id: slope}
- {batch_norm: {scale: false}, id: shift}
- reshape: [6, 576]
- permute: [1, 0]
- {attention: {heads: 2}, id: mixed}
- {layer_norm: {}, id: level}
- flatten
- {linear: 5, id: fc}
"""


def net(graph: str = GRAPH, image: str = "[3, 18, 18]") -> Model:
    return model(spec(graph, image=image))


def drawn(graph: Model, seed: int = 0) -> Arrays:
    """Weights that all differ, so that none can be taken for another."""
    generator = np.random.default_rng(seed)
    return {
        name: generator.standard_normal(entry.shape).astype(np.float32)
        for name, entry in canonical(graph.ir).items()
    }


def put(path: Path, model: Model, weights: Mapping[str, NDArray[Any]]) -> Path:
    """Write a file of any kind."""
    for file in written(Held(weights), str(path), model):
        (path.parent / file.name).write_bytes(b"".join(file.chunks))
    return path


def got(path: Path, model: Model, **options: Any) -> Arrays:
    """The weights in a file of any kind."""
    if isinstance(rules := options.pop("rules", None), Path):
        options["rules"] = read_rules(rules)
    assert rules is None or "rules" in options
    with reading(str(path), model, **options) as found:
        return {name: found.weights[name] for name in found.weights}


def same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert list(found) == list(expected)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
