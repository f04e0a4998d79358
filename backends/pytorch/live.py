"""Emitted code, run in this process: a model as a live module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphcnn.backends.python.live import imported
from graphcnn.backends.pytorch import backend
from graphcnn.backends.pytorch.reserved import safe
from graphcnn.diagnostics import UsageError

if TYPE_CHECKING:
    from torch import nn

    from graphcnn.model import CompiledModel


def instantiate(model: CompiledModel) -> nn.Module:
    """The model that the emitted file builds, with fresh weights.

    Its classes belong to a module that is known to Python, source included, so that it can be
    copied, pickled in this process, compiled and inspected. To unpickle it elsewhere, save the
    emitted file and import the class from there.

    Raises:
        UsageError: PyTorch is not installed.
        SpecError: the backend cannot express an op.
    """
    try:
        import torch  # noqa: F401 - the emitted code will, and would say less
    except ImportError as error:
        raise UsageError(
            "a live module needs PyTorch, which is not installed: pip install 'graphcnn[torch]'"
        ) from error
    module = imported(model.name, backend.emit(model))
    made: nn.Module = getattr(module, safe(model.name))()
    return made
