"""One emitted file and one file of numbers, in every backend of Keras that is there.

TensorFlow writes; processes of their own read, which know nothing of the compiler.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from graphcnn.compiler import Model, compile_file
from tests.backends import keras_process
from tests.backends.emitted import variants, written
from tests.backends.interpreter import random_inputs, random_weights, sizes_of
from tests.backends.keras_models import (
    Array,
    built,
    channels_last,
    compare_numbers,
    emit,
    filled,
    outputs_of,
)
from tests.backends.op_uses import USES
from tests.backends.test_keras_zoo import small
from tests.verification.small import families
from tests.verification.small import small as small_version

OTHERS = [name for name in ("jax", "torch") if find_spec(name) is not None]

ZOO = ("lenet5", "squeezenet1_1")
SPECS = ("attention", "inputs_outputs", "recursion", "reuse_in_block", "training_outputs")


def prepare(model: Model, folder: Path, *, whole: bool = False) -> dict[str, Array]:
    """Put a model and its inputs into a folder; the outputs that its graph has come back.

    ``whole`` saves it as Keras does, without the emitted file.
    """
    folder.mkdir()
    graph, text, weights = model.ir, emit(model), random_weights(model.ir)
    live = built(model, text)
    filled(live, model, weights)
    if whole:
        live.save(folder / "model.keras")
    else:
        live.save_weights(folder / "model.weights.h5")
        (folder / "model.py").write_text(text, encoding="utf-8")
        (folder / "function").write_text(model.name, encoding="utf-8")
    sizes = sizes_of(graph)
    inputs = random_inputs(graph, sizes, batch=2)
    images = channels_last([x.float().numpy() for x in inputs], graph.inputs.values())
    np.savez(folder / "inputs.npz", *images)
    expected = outputs_of(graph, weights, inputs, sizes)
    values = [graph.outputs[name].value for name in expected]
    names = expected if len(expected) > 1 else ["output"]
    return dict(zip(names, channels_last(expected.values(), values), strict=True))


def agree(backend: str, expected: Mapping[Path, Mapping[str, Array]]) -> None:
    """Let another process make outputs of what lies in folders, and compare."""
    done = subprocess.run(
        [sys.executable, keras_process.__file__, *map(str, expected)],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [backend]
    for folder, arrays in expected.items():
        found = np.load(folder / "outputs.npz")
        assert set(found) == set(arrays)
        for name, wanted in arrays.items():
            compare_numbers(found[name], wanted, f"{folder.name}: {name}")


@pytest.mark.parametrize("backend", OTHERS)
def test_models_are_the_same_function(backend: str, tmp_path: Path) -> None:
    models = {name: small(name) for name in ZOO}
    models |= {name: variants(written(name))[0] for name in SPECS}
    agree(backend, {tmp_path / n: prepare(model, tmp_path / n) for n, model in models.items()})


@pytest.mark.exhaustive
@pytest.mark.parametrize("backend", OTHERS)
def test_a_small_version_of_each_family_is(backend: str, tmp_path: Path) -> None:
    models = {family: small_version(family) for family in families()}
    agree(backend, {tmp_path / n: prepare(model, tmp_path / n) for n, model in models.items()})


@pytest.mark.exhaustive
@pytest.mark.parametrize("backend", OTHERS)
def test_all_ops_are(backend: str, tmp_path: Path) -> None:
    folders = {tmp_path / f"{n}_{uses.op}": uses for n, uses in enumerate(USES)}
    agree(
        backend,
        {folder: prepare(compile_file(u.in_graph()), folder) for folder, u in folders.items()},
    )


@pytest.mark.parametrize("backend", ["tensorflow", *OTHERS])
def test_saved_models_load_without_their_file(backend: str, tmp_path: Path) -> None:
    """Where Keras has all the layers, `load_model` needs nothing that is not Keras'."""
    models = {name: small(name) for name in ZOO}
    models |= {name: variants(written(name))[0] for name in ("reuse_in_block", "training_outputs")}
    models["resnet_cifar"] = small_version("resnet_cifar")  # with functions beside layers
    assert not [name for name, model in models.items() if "\nclass " in emit(model)]
    agree(
        backend,
        {tmp_path / n: prepare(model, tmp_path / n, whole=True) for n, model in models.items()},
    )
