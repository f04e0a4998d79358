"""Shipped models made small: the smallest image that each takes, and fewer layers and channels."""

from __future__ import annotations

import re
from typing import Any

from graphcnn.compiler import Model, compile_file, read_spec
from graphcnn.diagnostics import SpecError
from graphcnn.imports import shipped_specs
from graphcnn.source import SourceFile
from graphcnn.syntax import read

#: sides of images, the smallest first; each family is run on the first that it takes
SIDES = (16, 24, 32, 48, 64, 75, 96, 128, 160, 224, 299)

#: what makes the first variant of a family smaller still, or which other stands for it
SMALL: dict[str, dict[str, Any]] = {
    "alexnet": {"classes": 10},
    "capsnet": {"classes": 3, "digit": 4},
    "densenet": {"depths": [2, 1, 2, 1], "growth": 8, "stem": 16, "classes": 10},
    "densenet_cifar": {"depth": 10, "growth": 4},
    "efficientnet": {"stages": [[1, 3, 1, 16, 1], [6, 3, 2, 24, 2], [6, 5, 2, 40, 1]]},
    "efficientnet_lite": {"stages": [[1, 3, 1, 16, 1], [6, 3, 2, 24, 2], [6, 5, 2, 40, 1]]},
    "googlenet": {"classes": 10},
    "inception_v3": {"aux": False, "classes": 10},
    "mnasnet": {"stages": [[3, 3, 2, 24, 3], [6, 5, 2, 40, 2]], "classes": 10},
    "mobilenet_v1": {"layers": [[64, 1, 1], [128, 2, 2], [128, 1, 1]], "classes": 10},
    "mobilenet_v2": {"stages": [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 2, 2]], "classes": 10},
    "nasnet": {"filters": 12, "repeat": 1, "stem": 8, "classes": 10},
    "rcnn": {"channels": 8},
    "rcnn_heads": {"size": 2},
    "resnet": {"layers": [2, 1, 1, 2], "classes": 10},
    "resnet_cifar": {"widths": [4, 8, 16], "layers": [2, 1, 2]},
    "resnet_v2": {"layers": [2, 2, 2, 2], "classes": 10},
    "resnet_video": {"layers": [1, 1, 1, 1], "frames": 4},
    "shufflenet_v2": {"channels": [16, 32, 64], "head": 48, "repeats": [2, 3, 2], "classes": 10},
    "squeezenet": {"classes": 10},
    "vgg": {"variant": "vgg11_bn", "depths": [2, 1, 1, 1, 1], "classes": 10},
    "vgg_cifar": {"depths": [1, 2, 1, 1, 1]},
    "vit": {"layers": 2, "width": 24, "hidden": 40, "heads": 3, "classes": 10},
    "xception": {"classes": 10},
}


def families() -> list[str]:
    return sorted(path.stem for path in shipped_specs().glob("*.yaml"))


def file_of(family: str) -> SourceFile:
    return read(shipped_specs() / f"{family}.yaml", f"specs/{family}.yaml")


def shrunk(family: str, variant: str | None, least: int = SIDES[0], **parameters: Any) -> Model:
    """A variant with hidden layers of 64 where it has 4096.

    The image is the smallest that it takes, with sides of ``least`` or more.
    """
    file = file_of(family)
    text = re.sub(r"^expect:.*?(?=^\S|\Z)", "", file.text, flags=re.MULTILINE | re.DOTALL)
    text = text.replace("linear: 4096", "linear: 64")
    for side in SIDES[SIDES.index(least) :]:
        smaller = re.sub(
            r"^(inputs:.*?)\b(\d{3}), \2\]", rf"\g<1>{side}, {side}]", text, flags=re.MULTILINE
        )
        smaller = re.sub(r"\b(size|resolution): \d{3,4}\b", rf"\g<1>: {side}", smaller)
        try:
            return compile_file(SourceFile(file.name, smaller, file.path), variant, parameters)
        except SpecError:
            continue
    raise AssertionError(f"{variant} takes no image of {SIDES[-1]}")


def small(family: str) -> Model:
    """The first variant of a family, or the one that stands for it, smaller still."""
    first = read_spec(file_of(family)).variants[0]
    return shrunk(family, **{"variant": first, **SMALL.get(family, {})})
