"""The Python API beyond loading a model: what `graphcnn validate` and live modules are to code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcnn.compiler import Model, load

if TYPE_CHECKING:
    from torch import nn

    from graphcnn.diagnostics import Diagnostic

__all__ = ["load", "torch_module", "validate"]


def validate(path: str | Path) -> list[Diagnostic]:
    """Every finding in a spec and all its variants; in a folder, those of every spec.

    ``path`` may also be a MODEL, such as the name of a shipped one, and stands for its file.

    >>> validate("resnet50")
    []

    Raises:
        UsageError: there is nothing to check there, or it cannot be read.
    """
    from graphcnn.commands.specs import validate

    return validate(path)


def torch_module(
    model: Model | str | Path, variant: str | None = None, **parameters: Any
) -> nn.Module:
    """A model as a live PyTorch module, made by running what `build` would write.

    ``model`` is a loaded model, or all arguments are those of :func:`graphcnn.load`. PyTorch must
    be installed. The weights are freshly initialised.

    >>> module = torch_module("lenet5")
    >>> sum(parameter.numel() for parameter in module.parameters())
    61706

    Raises:
        UsageError: there is no such model, or PyTorch is not installed.
        SpecError: the spec has errors, or an op that PyTorch cannot express.
    """
    from graphcnn.backends.pytorch.live import instantiate

    if not isinstance(model, Model):
        model = load(model, variant, **parameters)
    elif variant is not None or parameters:
        raise TypeError("a variant and parameters are chosen when a model is loaded")
    return instantiate(model)
