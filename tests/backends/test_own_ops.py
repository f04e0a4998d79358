"""The example of `docs/own-ops.md`: one declared op, two classes, the same numbers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import torch

from graphcnn.backends.keras.weights import collect
from graphcnn.compiler import Model, load
from graphcnn.diagnostics import SpecError
from tests import pages
from tests.backends.interpreter import random_inputs, random_weights
from tests.backends.keras_models import compare_numbers, filled, outputs

PAGE = pages.DOCS / "own-ops.md"
LAYERS = ("ws_layers", "ws_keras_layers")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """The page's spec, with the page's classes where they can be imported."""
    for block in pages.blocks(PAGE):
        if block.file is not None and (block.language == "yaml" or block.label.startswith(">")):
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found = load(tmp_path / "standard_net.yaml")
    for backend in ("pytorch", "keras"):
        text = found.build(backend)
        assert isinstance(text, str)
        (tmp_path / f"net_{backend}.py").write_text(text, encoding="utf-8")
    yield found
    for name in (*LAYERS, "net_pytorch", "net_keras"):
        sys.modules.pop(name, None)


def built(backend: str) -> Any:
    """The live model of an emitted file, imported as anybody would."""
    return importlib.import_module(f"net_{backend}").standard_net()


def test_the_class_is_neither_imported_nor_called(model: Model) -> None:
    """Compiling, counting and emitting know the rules alone."""
    assert model.summary().params == 6282
    assert not set(LAYERS) & set(sys.modules)


def test_both_compute_the_same(model: Model) -> None:
    weights = random_weights(model.ir)
    module = built("pytorch").eval()
    module.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    live = built("keras")
    filled(live, model, weights)  # and counts what is trained
    assert sum(p.numel() for p in module.parameters()) == model.summary().params
    (images,) = random_inputs(model.ir, {}, batch=2)
    with torch.no_grad():
        expected = module(images.float()).numpy()
    compare_numbers(outputs(live, model.ir, [images.float().numpy()])["output"], expected)


def test_fresh_weights_travel(model: Model) -> None:
    """From Keras, as its own initialisers left them, into PyTorch."""
    keras.utils.set_random_seed(0)
    live, module = built("keras"), built("pytorch").eval()
    module.load_state_dict(
        {name: torch.from_numpy(value) for name, value in collect(live, model.ir).items()}
    )
    images = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    with torch.no_grad():
        expected = module(torch.from_numpy(images)).numpy()
    compare_numbers(outputs(live, model.ir, [images])["output"], expected)


def test_what_is_saved_is_loaded(model: Model, tmp_path: Path) -> None:
    live = built("keras")
    live.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    images = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    expected = outputs(live, model.ir, [images])["output"]
    compare_numbers(outputs(again, model.ir, [images])["output"], expected)


def test_a_backend_that_is_not_named_says_so_at_the_line(model: Model) -> None:
    with pytest.raises(SpecError) as caught:
        model.build("onnx")
    lines = model.program.file.text.splitlines()
    for found in caught.value.diagnostics:
        assert found.code == "unsupported-op"
        assert "- ws_conv:" in lines[found.span.begin_position.line - 1]
