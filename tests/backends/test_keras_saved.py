"""Emitted Keras models are saved, loaded and cloned, and compute what they did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from graphcnn.backends.keras.lower import COMPOSED
from graphcnn.compiler import Model, compile_file
from tests.backends.emitted import variants, written
from tests.backends.interpreter import random_inputs, random_weights, sizes_of
from tests.backends.keras_models import built, compare_numbers, filled, outputs
from tests.backends.op_uses import USES, Uses
from tests.backends.test_keras_specs import FIRST, NAMES

#: ops with layers of the file's own
OWN = {op.name for op in COMPOSED} | {"conv_transpose", "layer_norm", "max_pool", "pad", "upsample"}


def comes_back(model: Model, folder: Path) -> None:
    """What is loaded, and a copy with the same weights, give equal outputs, for any batch."""
    live = built(model)
    filled(live, model, random_weights(model.ir))
    live.save(folder / "model.keras")
    copied = keras.models.clone_model(live)
    copied.set_weights(live.get_weights())
    loaded = keras.saving.load_model(folder / "model.keras")
    sizes = sizes_of(model.ir)
    for batch in (1, 3):
        inputs = [x.float().numpy() for x in random_inputs(model.ir, sizes, batch=batch)]
        expected = outputs(live, model.ir, inputs)
        for other in (loaded, copied):
            found: dict[str, Any] = outputs(other, model.ir, inputs)
            assert found.keys() == expected.keys()
            for name, value in expected.items():
                compare_numbers(found[name], value, name)


def marked(names: list[Any], soon: Callable[[Any], bool]) -> list[Any]:
    """Those that are tested each time, and the others, which take their time."""
    return [
        pytest.param(name, marks=() if soon(name) else pytest.mark.exhaustive, id=str(name))
        for name in names
    ]


@pytest.mark.parametrize("name", marked(NAMES, lambda name: name in FIRST))
def test_structure(name: str, tmp_path: Path) -> None:
    for model in variants(written(name)):
        comes_back(model, tmp_path)


@pytest.mark.parametrize("uses", marked(list(USES), lambda uses: uses.op in OWN))
def test_op_alone(uses: Uses, tmp_path: Path) -> None:
    comes_back(compile_file(uses.in_graph()), tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("uses", USES, ids=str)
def test_op_in_a_function(uses: Uses, tmp_path: Path) -> None:
    comes_back(compile_file(uses.in_blocks("graph")), tmp_path)
