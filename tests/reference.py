"""Torchvision, the reference that emitted models are measured against.

It serves as a source of architectures alone: their modules, parameter names and outputs. Its own
operators (non-maximum suppression and the like) belong to detection models and are compiled for
one build of PyTorch. Beside another build, such as the CPU one, they do not load, and importing
torchvision then stops where it describes two operators that nobody has declared. Declaring the two
is enough for the import; calling them would still fail, and nothing here calls them.
"""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType

import torch

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_libraries: list[torch.library.Library] = []  # a declaration lives as long as its library


@functools.cache
def torchvision() -> ModuleType:
    """The module, with ``torchvision.models`` loaded."""
    try:
        return _load()
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # the half that was imported
    library = torch.library.Library("torchvision", "DEF")
    for operator in OPERATORS:
        library.define(operator)
    _libraries.append(library)
    return _load()


def _load() -> ModuleType:
    module = importlib.import_module("torchvision")
    importlib.import_module("torchvision.models")
    return module
