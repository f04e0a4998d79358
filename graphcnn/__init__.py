"""GraphCNN: a compiler from YAML descriptions of convolutional networks to readable code.

>>> import graphcnn
>>> model = graphcnn.load("resnet50", classes=10)
>>> model.summary().params
23528522
>>> graphcnn.validate("resnet50")
[]

A model is named as on the command line: by a path, a path and a variant
(``nets/mine.yaml:large``), or the name of a shipped model. What is imported from here is loaded
when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphcnn.api import torch_module, validate
    from graphcnn.compiler import Model, load
    from graphcnn.diagnostics import Diagnostic, Severity, SpecError, UsageError
    from graphcnn.summary import Layer, Summary

    __version__: str

__all__ = [
    "Diagnostic",
    "Layer",
    "Model",
    "Severity",
    "SpecError",
    "Summary",
    "UsageError",
    "__version__",
    "load",
    "torch_module",
    "validate",
]

_HOMES = {
    "Diagnostic": "graphcnn.diagnostics",
    "Layer": "graphcnn.summary",
    "Model": "graphcnn.compiler",
    "Severity": "graphcnn.diagnostics",
    "SpecError": "graphcnn.diagnostics",
    "Summary": "graphcnn.summary",
    "UsageError": "graphcnn.diagnostics",
    "load": "graphcnn.compiler",
    "torch_module": "graphcnn.api",
    "validate": "graphcnn.api",
}


def __getattr__(name: str) -> Any:
    """What is asked for, imported now and kept (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("graphcnn")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
