"""The models that are compared: figures from `reference.json`, modules from torchvision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from tests.reference import torchvision


class Figures(NamedTuple):
    """What was measured of a model; shapes are of one sample."""

    peer: str
    inputs: list[tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]
    params: int
    buffers: int
    macs: int


def _shapes(value: Any, name: str) -> dict[str, tuple[int, ...]]:
    """Shapes by name; one alone goes by the name that most models give it."""
    shapes = value if isinstance(value, dict) else {name: value}
    return {name: tuple(shape) for name, shape in shapes.items()}


def _read() -> dict[str, Figures]:
    text = Path(__file__).with_name("reference.json").read_text(encoding="utf-8")
    return {
        name: Figures(
            model["peer"],
            list(_shapes(model["input"], "image").values()),
            _shapes(model["output"], "logits"),
            model["params"],
            model["buffers"],
            model["macs"],
        )
        for name, model in json.loads(text)["models"].items()
    }


#: by the name of the shipped variant, which is that of torchvision's builder
REFERENCE = _read()

IN_TORCHVISION = tuple(name for name, model in REFERENCE.items() if model.peer == "torchvision")

#: shipped variants that torchvision does not have
OTHERS = tuple(name for name in REFERENCE if name not in IN_TORCHVISION)

#: No power of two, and not square: pools that round up and adaptive ones have something to do.
SIZE = (3, 97, 65)

#: of models that need others, by how their names begin
SIZES: dict[str, tuple[int, ...]] = {
    "inception_v3_no_aux": (3, 107, 83),
    "inception_v3": (3, 299, 299),  # the auxiliary head takes what is left of it, 17 x 17
    "mc3": (3, 5, 33, 41),
    "r3d": (3, 5, 33, 41),
    "vit": (3, 64, 64),
}

#: torchvision's builders or classes, with their options, where not by the variant's name
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "densenet264": ("DenseNet", {"block_config": (6, 12, 64, 48)}),
    "googlenet_no_aux": ("googlenet", {"aux_logits": False}),
    "inception_v3_no_aux": ("inception_v3", {"aux_logits": False}),
}


def size(name: str) -> tuple[int, ...]:
    """Of the images that a model is compared on: small, and of a size that it takes."""
    return next((shape for family, shape in SIZES.items() if name.startswith(family)), SIZE)


def resized(name: str) -> dict[str, Any]:
    """Parameters of the variant with which it takes images of that size."""
    return {"size": size(name)[-1]} if name.startswith("vit") else {}


def peer(name: str, *, fresh: bool = False, small: bool = False) -> nn.Module:
    """Torchvision's model of that name; with ``fresh`` weights as it initialises them.

    Without, its weights are as its layers leave them, which is faster where they are replaced.
    A ``small`` one takes images of the size that models are compared on.
    """
    models = torchvision().models
    builder, options = OPTIONS.get(name, (name, {}))
    if builder in ("googlenet", "inception_v3"):
        options = {"init_weights": fresh, **options}
    if small and name.startswith("vit"):
        options = {"image_size": size(name)[-1], **options}
    module = models if hasattr(models, builder) else models.video
    build = getattr(module, builder)
    if not isinstance(build, type):
        options = {"weights": None, **options}
    model: nn.Module = build(**options)
    return model
