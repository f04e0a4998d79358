"""What several of these ops ask of their attributes."""

from __future__ import annotations

from graphcnn.ops.attributes import Integer
from graphcnn.ops.base import OpError, require
from graphcnn.size import UNKNOWN, Size, divides

COUNT = Integer(1, fixed=True)


def only_one(first: str, a: object, second: str, b: object) -> None:
    """Two attributes of which exactly one is given; one that an error hides may be neither."""
    if a is UNKNOWN or b is UNKNOWN:
        return
    if a is None and b is None:
        raise OpError(
            f"neither `{first}` nor `{second}` is given",
            code="missing-attribute",
            help=f"give one of `{first}` and `{second}`",
        )
    if a is not None and b is not None:
        raise OpError(
            f"both `{first}` and `{second}` are given",
            code="conflicting-attributes",
            attribute=second,
            help=f"leave out one of `{first}` and `{second}`",
        )


def require_divides(parts: Size, size: Size, what: str, attribute: str) -> None:
    error = OpError(
        f"{parts} does not divide {what}, {size}", code="does-not-divide", attribute=attribute
    )
    require(divides(parts, size), error, parts, size)
