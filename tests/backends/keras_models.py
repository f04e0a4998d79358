"""What must hold of every emitted Keras file, whatever the spec."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import torch
from numpy.typing import NDArray
from ruff.__main__ import find_ruff_bin

from graphcnn import counts
from graphcnn.backends.keras import backend
from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.names import is_generated, keras_name, layer_names, parts_of
from graphcnn.backends.keras.spelling import builder_name
from graphcnn.backends.keras.weights import assign, collect
from graphcnn.compiler import Model
from graphcnn.ir import Graph, Value
from tests.backends.emitted import imported
from tests.backends.interpreter import (
    Interpreter,
    Weights,
    bound,
    random_inputs,
    random_weights,
    sizes_of,
)

Array = NDArray[Any]

#: as far as two outputs may lie apart, of the largest cell
TOLERANCE = 1e-4


def emit(model: Model) -> str:
    text = backend.emit(model)
    assert backend.emit(model) == text
    return text


def built(model: Model, text: str | None = None) -> Any:
    """The live model of an emitted file, with all of its outputs."""
    # The names; to collect garbage takes longer than all else, and is for models of gigabytes.
    keras.backend.clear_session(free_memory=counts.costs(model.ir.nodes).params > 20_000_000)
    module = imported(backend.emit(model) if text is None else text, f"emitted_{model.name}")
    build = getattr(module, builder_name(model.name))
    return build(training_outputs=True) if has_training(model.ir) else build()


def has_training(graph: Graph) -> bool:
    return any(output.training_only for output in graph.outputs.values())


def check(model: Model) -> str:
    """Hold an emitted file against its graph: weights and outputs; its text comes back."""
    text = emit(model)
    clean(text)
    live = built(model, text)
    called(live, model.ir)
    weights = random_weights(model.ir)
    filled(live, model, weights)
    compare(live, model, weights)
    return text


def clean(text: str) -> None:
    """Formatted and free of lint, by ruff's own defaults; and no word of the compiler's."""
    for command in (["check", "--no-cache"], ["format", "--check"]):
        done = subprocess.run(
            [find_ruff_bin(), *command, "--isolated", "--stdin-filename", "model.py", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] == "graphcnn"]


def called(live: Any, graph: Graph) -> None:
    """Layers are called as the graph says, or as no layer of the author's ever is."""
    names = {
        keras_name(name + part)
        for node, name in layer_names(graph).items()
        for part in parts_of(node)
    }
    waiting = [live]
    while waiting:
        for made in waiting.pop().operations:
            if isinstance(made, keras.Model):
                waiting.append(made)
            elif made.name not in graph.inputs:
                assert (made.name in names) is not is_generated(made.name), made.name


def filled(live: Any, model: Model, weights: Weights) -> None:
    """Weights go in and come out as they were, and there are no others."""
    numbers = {name: tensor.float().numpy() for name, tensor in weights.items()}
    assign(live, model.ir, numbers)
    found = collect(live, model.ir)
    for name, value in found.items():
        np.testing.assert_array_equal(value, numbers[name], err_msg=name)
    if found.keys() == numbers.keys():  # every weight leads to an output
        summary = model.summary()
        assert counted(live.trainable_variables) == summary.params
        kept = [v for v in live.non_trainable_variables if "seed_generator" not in v.path]
        assert counted(kept) == summary.buffers


def counted(variables: list[Any]) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


def compare(live: Any, model: Model, weights: Weights) -> None:
    """Every output of a live model is what the graph, run node by node, comes to."""
    graph = model.ir
    sizes = sizes_of(graph)
    inputs = random_inputs(graph, sizes, batch=2)
    expected = outputs_of(graph, weights, inputs, sizes)
    found = outputs(live, graph, [x.float().numpy() for x in inputs])
    assert set(found) == set(expected)
    for name, value in expected.items():
        shape = bound(graph.outputs[name].value.shape or (), sizes)
        assert found[name].shape == value.shape == (2, *shape), name
        compare_numbers(found[name], value, name)


def compare_numbers(found: Array, expected: Array, name: str = "") -> None:
    """Two outputs that are the same but for rounding."""
    assert found.shape == expected.shape, name
    scale = max(float(np.abs(expected).max()), 1e-6)
    assert float(np.abs(found - expected).max()) < TOLERANCE * scale, name


def outputs_of(
    graph: Graph, weights: Weights, inputs: list[torch.Tensor], sizes: Mapping[str, int]
) -> dict[str, Array]:
    """All outputs, those of training among them, with norms and dropout as in inference."""
    oracle = Interpreter(graph, weights, sizes).eval()
    oracle.training = True  # of the graph alone: its parts stay in evaluation mode
    with torch.no_grad():
        return {name: tensor.detach().numpy() for name, tensor in oracle(*inputs).items()}


def outputs(live: Any, graph: Graph, inputs: list[Array]) -> dict[str, Array]:
    """What a live model makes of inputs that are channels first, channels first again."""
    turned = channels_last(inputs, graph.inputs.values())
    result = live(turned[0] if len(turned) == 1 else turned, training=False)
    if not isinstance(result, dict):
        result = {next(iter(graph.outputs)): result}
    found = {}
    for name, tensor in result.items():
        value = np.asarray(keras.ops.convert_to_numpy(tensor))
        last = is_last(graph.outputs[name].value)
        found[name] = np.moveaxis(value, -1, 1) if last else value
    return found


def channels_last(arrays: Iterable[Array], values: Iterable[Value]) -> list[Array]:
    """Inputs or outputs of a model as Keras has them."""
    pairs = zip(arrays, values, strict=True)
    return [np.moveaxis(x, 1, -1) if is_last(value) else x for x, value in pairs]


def is_last(value: Value) -> bool:
    return boundary(value) is Layout.LAST
