"""Emitted code, run in this process."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType

PACKAGE = "graphcnn.live"
"""Where the modules of emitted code seem to lie: there is no such package on disk."""


def imported(name: str, text: str) -> ModuleType:
    """The module of an emitted text, known to Python with its source; the same text is run once."""
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
