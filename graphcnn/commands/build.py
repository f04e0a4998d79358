"""`graphcnn build`: a model as the file of a backend, with weights where it holds them."""

from __future__ import annotations

import os
from pathlib import Path

from graphcnn.backends import Versioned, Weighted, at_opset, find
from graphcnn.commands.output import write, write_all
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from graphcnn.weights import Weights, fresh, load


def build(
    model: Model,
    backend: str,
    output: str,
    weights: str | None = None,
    seed: int | None = None,
    opset: int | None = None,
) -> str | None:
    """Write a model to ``output``, and beside it what that file refers to.

    Comes back with what is to be said of the file, if anything is.

    Raises:
        UsageError: there is no such backend, or it holds no weights or has no such opset; the
            weights are not those of the model; a file cannot be read or written, or would replace
            what the model is made of.
        SpecError: the backend cannot express something in the spec.
    """
    target = at_opset(find(backend), opset)
    if isinstance(target, Weighted):
        folder, name = os.path.split(output)
        files = target.files(model, lambda: _weights(model, weights, seed), name)
        chunks = ((os.path.join(folder, file.name), file.chunks) for file in files)  # noqa: PTH118 - as the user wrote it
        write_all(chunks, keep=read_from(model, weights))
    elif weights is not None or seed is not None:
        option = "--seed" if weights is None else "--weights"
        raise UsageError(
            f"{option} is for files that hold weights; what `{backend}` writes does not"
        )
    else:
        write(output, target.emit(model), keep=read_from(model))
    return target.remark(model) if isinstance(target, Versioned) else None


def read_from(model: Model, weights: str | None = None) -> dict[Path, str]:
    """The files that a model comes from, and what to say to someone who would replace one."""
    spec, *imported = (file.path for file in model.program.files())
    found = {path: "is imported by the spec" for path in imported if path is not None}
    if spec is not None:
        found[spec] = "is the spec itself"
    if weights is not None:
        found[Path(weights)] = "holds the weights that were asked for"
    return found


def _weights(model: Model, path: str | None, seed: int | None) -> Weights:
    if path is None:
        return fresh(model, seed or 0)
    if seed is not None:
        raise UsageError("--weights and --seed exclude each other: no weight is left to draw")
    return load(path, model.ir, training=False)
