"""Shapes and fields as people read them."""

from __future__ import annotations

from graphcnn.ops.base import Shape, show_shape
from graphcnn.size.figures import exact


def shapes(several: tuple[Shape, ...]) -> str:
    """The shapes of a node's inputs or outputs."""
    return ", ".join(map(show_shape, several))


def field(lengths: tuple[int, ...] | None) -> str:
    """A receptive field, as in `427 x 427`."""
    return "none" if lengths is None else " x ".join(map(exact, lengths))
