"""`graphcnn weights convert` takes files of keras.applications to the variants that match.

They are taken by order and shape, and in Keras' ResNets first by the rules of docs/weights.md: the
convolution of a shortcut and the last one beside it have one shape, and the other order.
"""

from __future__ import annotations

from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import graphcnn
from graphcnn import cli
from tests import pages

SIDE = 64

BUILDERS = {
    "densenet121_keras": "DenseNet121",
    "efficientnet_b0_keras": "EfficientNetB0",
    "mobilenet_v1": "MobileNet",
    "mobilenet_v2_keras": "MobileNetV2",
    "resnet50_keras": "ResNet50",
    "resnet101_keras": "ResNet101",
}

QUICK = "mobilenet_v2_keras"


def draw(model: Any) -> None:
    """Random weights: fresh norms would pass for one another, fresh kernels let little through."""
    generator = np.random.default_rng(0)
    for variable in model.weights:
        if len(variable.shape) > 1:
            *window, last = variable.shape
            seen = prod(window if last > 1 else window[:-1])  # of its own channel alone
            variable.assign(generator.normal(0, sqrt(2 / seen), variable.shape))
        elif variable.path.endswith(("beta", "mean")):
            variable.assign(generator.normal(0, 0.1, variable.shape))
        elif variable.path.endswith(("gamma", "variance")):
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # a normalisation computes with copies
            layer.finalize_state()


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n == QUICK else pytest.mark.exhaustive) for n in BUILDERS]
)
def test_a_converted_file_computes_the_same(name: str, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    theirs = getattr(keras.applications, BUILDERS[name])(
        weights=None, input_shape=(SIDE, SIDE, 3), classifier_activation=None
    )
    draw(theirs)
    source, made = tmp_path / "theirs.weights.h5", tmp_path / "ours.pt"
    theirs.save_weights(source)
    command = ["weights", "convert", str(source), str(made), "--model", name, "--structural"]
    if name.startswith("resnet"):
        rules = tmp_path / "rules.yaml"
        rules.write_text(pages.file_on("weights.md", "resnet-rules.yaml"), encoding="utf-8")
        command += ["--rules", str(rules)]
    result = CliRunner().invoke(cli.main, command, prog_name="graphcnn")
    assert result.exit_code == 0, result.output
    ours = graphcnn.torch_module(name).eval()
    ours.load_state_dict(torch.load(made), strict=True)

    x = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    if name.startswith("efficientnet"):  # which divides the image by that
        x *= 255
    with torch.no_grad():
        found = ours(x).numpy()
    expected = np.asarray(theirs(x.permute(0, 2, 3, 1).numpy(), training=False))
    assert np.abs(expected[0] - expected[1]).max() > 0.01, "the weights let nothing through"
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()
