"""Emitted code, run in this process: a model as a live module."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from graphcnn.backends.pytorch import backend
from graphcnn.backends.pytorch.reserved import safe
from graphcnn.diagnostics import UsageError

if TYPE_CHECKING:
    from torch import nn

    from graphcnn.model import CompiledModel

PACKAGE = "graphcnn.live"
"""Where the modules of emitted code seem to lie: there is no such package on disk."""


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
    module = _import(model.name, backend.emit(model))
    made: nn.Module = getattr(module, safe(model.name))()
    return made


def _import(name: str, text: str) -> ModuleType:
    """The module of an emitted text; the same text is run once."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    full_name = f"{PACKAGE}.{name}_{digest}"
    if full_name in sys.modules:
        return sys.modules[full_name]
    filename = f"<{full_name}>"
    module = ModuleType(full_name)
    module.__file__ = filename
    # `inspect` and tracebacks find the source here; an entry without a time is never dropped.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    # Pickle and dataclasses look a class's module up while it is being made.
    sys.modules[full_name] = module
    try:
        exec(compile(text, filename, "exec"), module.__dict__)  # noqa: S102 - our own emitter's text
    except BaseException:
        del sys.modules[full_name], linecache.cache[filename]
        raise
    return module
