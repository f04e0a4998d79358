"""The models that are compared: figures from `reference.json`, modules from torchvision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from torch import nn

from tests.reference import torchvision


class Figures(NamedTuple):
    """What was measured of a model; shapes are of one sample."""

    input: tuple[int, ...]
    output: tuple[int, ...]
    params: int
    buffers: int
    macs: int


def _read() -> dict[str, Figures]:
    text = Path(__file__).with_name("reference.json").read_text(encoding="utf-8")
    return {
        name: Figures(
            tuple(model["input"]),
            tuple(model["output"]),
            model["params"],
            model["buffers"],
            model["macs"],
        )
        for name, model in json.loads(text)["models"].items()
    }


#: by the name of the shipped variant, which is that of torchvision's builder
REFERENCE = _read()

#: shipped variants that torchvision does not have
OTHERS = frozenset({"lenet5", "lenet5_sigmoid"})

IN_TORCHVISION = tuple(name for name in REFERENCE if name not in OTHERS)


def peer(name: str, *, fresh: bool = False) -> nn.Module:
    """Torchvision's model of that name; with ``fresh`` weights as it initialises them.

    Without, its weights are as its layers leave them, which is faster where they are replaced.
    """
    builders = torchvision().models
    options = {"init_weights": fresh} if name.startswith("googlenet") else {}
    if name == "googlenet_no_aux":
        name, options = "googlenet", {**options, "aux_logits": False}
    model: nn.Module = getattr(builders, name)(weights=None, **options)
    return model
