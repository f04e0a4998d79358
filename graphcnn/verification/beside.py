"""The author's own classes: found beside the spec, as where Python finds modules otherwise."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared


def folders(model: CompiledModel) -> list[str]:
    """Those of the files that declare an op which the model has, and that of its spec."""
    ops = [node.op for node in model.ir.nodes if isinstance(node.op, Declared)]
    files = [op.declaration.span.file for op in ops]
    paths = [file.path for file in [*files, model.program.file] if file.path is not None]
    return [*dict.fromkeys(str(Path(path).resolve().parent) for path in paths)] if files else []


@contextmanager
def importable(model: CompiledModel) -> Iterator[None]:
    """Modules beside the spec can be imported, after all that can be anyhow.

    Afterwards they are forgotten, as the emitted code is that has imported them: another spec may
    have others of the same names.
    """
    added = [folder for folder in folders(model) if folder not in sys.path]
    before = set(sys.modules)
    sys.path += added
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for folder in added:
            sys.path.remove(folder)
        if added:
            for name in set(sys.modules) - before:
                if _lies_in(name, added):
                    del sys.modules[name]


def _lies_in(name: str, folders: list[str]) -> bool:
    """Whether a module is of one of the folders, or of emitted code, which no file holds."""
    file = getattr(sys.modules[name], "__file__", None) or ""
    return file.startswith("<") or any(Path(file).is_relative_to(folder) for folder in folders)
