"""Windows as the arguments of PyTorch's layers."""

from __future__ import annotations

from typing import Any

from graphcnn.ops.base import OpError, Pads
from graphcnn.ops.sliding import Sliding
from graphcnn.size import at_least


def alone(value: Any) -> Any:
    """The value as its author wrote it; a list of one is that one."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def amounts(padding: Any) -> Any:
    """A number or one per axis, as PyTorch takes padding; None where two ends of an axis differ."""
    if padding == "valid":
        return 0
    if not isinstance(padding, tuple):
        return padding
    ends = [one if isinstance(one, tuple) else (one, one) for one in padding]
    if any(before != after for before, after in ends):
        return None
    values = tuple(before for before, _ in ends)
    written_as_pairs = any(isinstance(one, tuple) for one in padding)
    if len(values) == 1 or (written_as_pairs and len(set(values)) == 1):
        return values[0]
    return values


def needs_same(walk: Sliding) -> bool:
    """Whether `same` has no form that is the same at both ends of each axis, for any input."""
    steps = any(s != 1 for s in walk.stride)
    return steps or any(extent % 2 != 1 for extent in walk.extent)


def pool_padding(walk: Sliding, padding: Any) -> Any:
    """The amount, or one per axis, that PyTorch's pools accept: at most half of the kernel."""
    if walk.same:
        if needs_same(walk):
            return None
        found = amounts(walk.pads)
    else:
        found = amounts(padding)
    pairs = zip(walk.pads, walk.kernel, strict=True)
    return None if any(at_least(k, 2 * before) is False for (before, _), k in pairs) else found


def trimmed(walk: Sliding, ceil: bool) -> Pads:
    """Explicit padding under which PyTorch's pools find as many windows as the op has.

    With ``ceil`` PyTorch would also place a window that starts in padding which was added
    beforehand, so the padding at the end is cut where the last window ends.
    """
    if not ceil:
        return walk.pads
    for n in walk.spatial:
        if not isinstance(n, int):
            raise OpError(
                f"`ceil` and unequal padding of an input of symbolic size {n} have no form in "
                "PyTorch",
                code="unsupported-op",
                attribute="ceil",
                help="give the input a fixed size, or pad both ends alike",
            )
    return walk.trimmed()
