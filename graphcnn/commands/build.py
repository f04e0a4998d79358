"""`graphcnn build`: a model as the file of a backend, with weights where it holds them."""

from __future__ import annotations

import os

from graphcnn.backends import Weighted, find
from graphcnn.commands.output import write
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from graphcnn.weights import Weights, fresh, load


def build(
    model: Model, backend: str, output: str, weights: str | None = None, seed: int | None = None
) -> None:
    """Write a model to ``output``, and beside it what that file refers to.

    Raises:
        UsageError: there is no such backend, or it holds no weights; the weights are not those of
            the model; a file cannot be read or written.
        SpecError: the backend cannot express something in the spec.
    """
    target = find(backend)
    if isinstance(target, Weighted):
        folder, name = os.path.split(output)
        for file in target.files(model, lambda: _weights(model, weights, seed), name):
            write(os.path.join(folder, file.name), file.chunks)  # noqa: PTH118 - as the user wrote it
    elif weights is not None or seed is not None:
        option = "--seed" if weights is None else "--weights"
        raise UsageError(
            f"{option} is for files that hold weights; what `{backend}` writes does not"
        )
    else:
        write(output, target.emit(model))


def _weights(model: Model, path: str | None, seed: int | None) -> Weights:
    if path is None:
        return fresh(model, seed or 0)
    if seed is not None:
        raise UsageError("--weights and --seed exclude each other: no weight is left to draw")
    return load(path, model.ir, training=False)
