"""Ops from their attributes, and what they are on given shapes; both remembered.

A spec repeats itself, so most nodes are one of a few (op, input shapes) pairs. Each pair is
worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from graphcnn.ir import Facts
from graphcnn.ops.base import Op, OpError, Shape, Weight, show_shape
from graphcnn.program import OpKind
from graphcnn.size import UNKNOWN, Size, SizeTooComplex, SizeTooLarge, Symbolic, product

MAX_WORK: Final = 200_000
"""How much may be worked out in all. A unit is what a pair of known sizes takes a third of."""

MAX_RANK: Final = 16

_RANK_NAMES = {
    1: "(features)",
    2: "(channels, length)",
    3: "(channels, height, width)",
    4: "(channels, depth, height, width)",
}

#: how rules fail on inputs that no rule is made for
_REFUSALS = (OpError, ArithmeticError, ValueError, TypeError, IndexError)


class TooMuchWork(OpError):
    """More different layers than one compilation looks at."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="too-much-work")


class Inference:
    """Makes ops and their facts; equal requests give the same object."""

    def __init__(self) -> None:
        # Ops are kept, so that the id of each stays its own.
        self._ops: dict[tuple[int, tuple[Any, ...]], Op] = {}
        self._facts: dict[tuple[int, tuple[Shape, ...]], Facts | OpError] = {}
        self._recovered: dict[tuple[int, tuple[Shape | None, ...]], Facts] = {}
        self._left = MAX_WORK

    def op(self, kind: OpKind, attributes: Mapping[str, Any]) -> Op:
        """The op ``kind`` with these attributes, which ``Kind.read`` has normalised.

        Raises:
            OpError: where they contradict each other.
        """
        # 1 and 1.0 and True are equal to a dict, never to a spec
        key = (id(kind), tuple((k, type(v), v) for k, v in attributes.items()))
        found = self._ops.get(key)
        if found is None:
            found = self._ops[key] = kind(**attributes)
        return found

    def facts(self, op: Op, shapes: tuple[Shape, ...]) -> Facts:
        """What ``op`` is on inputs of these shapes.

        Raises:
            OpError: where it does not fit them.
        """
        key = (id(op), shapes)
        found = self._facts.get(key)
        if found is None:
            self._charge(shapes)
            try:
                found = _facts(op, shapes)
            except OpError as error:
                found = error
            self._facts[key] = found
        if isinstance(found, OpError):
            raise found.with_traceback(None)
        return found

    def recovered(self, op: Op, shapes: tuple[Shape, ...], error: OpError) -> Facts:
        """Facts to go on with where an op does not fit: all that the error leaves certain."""
        key = (id(op), shapes)
        found = self._recovered.get(key)
        if found is None:
            outputs = _certain(op, shapes, error.attribute)
            found = self._recovered[key] = Facts(outputs, {}, 0, 0, 0, None)
        return found

    def guessed(self, op: Op, shapes: tuple[Shape | None, ...]) -> Facts:
        """Facts to go on with where even the rank of an input is lost.

        What is the same for each rank that it may have is certain: what `flatten` leaves has one
        axis. Inputs that are joined have the rank of those that are known.
        """
        key = (id(op), shapes)
        found = self._recovered.get(key)
        if found is None:
            outputs = _common(op, shapes)
            found = self._recovered[key] = Facts(outputs, {}, 0, 0, 0, None)
        return found

    def _charge(self, shapes: tuple[Shape, ...]) -> None:
        self._left -= 3
        for shape in shapes:
            for size in shape:
                if isinstance(size, Symbolic):
                    self._left -= 12 * size.weight
        if self._left < 0:
            raise TooMuchWork("there are more different layers than can be worked out")


def _facts(op: Op, shapes: tuple[Shape, ...]) -> Facts:
    _check_inputs(op, shapes)
    try:
        outputs = op.outputs(*shapes)
        if any(len(shape) > MAX_RANK for shape in outputs):
            raise OpError(f"what comes out has more than {MAX_RANK} axes", code="wrong-rank")
        weights = op.weights(*shapes)
        return Facts(
            outputs=outputs,
            weights=weights,
            params=_total(weights, trained=True),
            buffers=_total(weights, trained=False),
            macs=op.macs(*shapes),
            window=op.window(*shapes),
        )
    except (SizeTooComplex, SizeTooLarge) as error:
        raise OpError(str(error), code="too-much-work") from None


def _total(weights: Mapping[str, Weight], *, trained: bool) -> Size:
    total: Size = 0
    for weight in weights.values():
        if weight.trained is trained:
            total = total + product(weight.shape)
    return total


def _check_inputs(op: Op, shapes: tuple[Shape, ...]) -> None:
    low, high = op.arity
    if len(shapes) < low or (high is not None and len(shapes) > high):
        wanted = f"{low}" if high == low else f"at least {low}" if high is None else f"{low}-{high}"
        help = "list them with `from: [prev, …]`" if low > 1 else "name it: `from: prev`"
        raise OpError(
            f"`{op.name}` takes {wanted} input{'' if max(low, high or 0) == 1 else 's'}, "
            f"found {len(shapes)}",
            code="wrong-arity",
            help=help if low > len(shapes) else None,
        )
    if op.ranks is not None and shapes and len(shapes[0]) not in op.ranks:
        wanted = " or ".join(_RANK_NAMES.get(rank, f"{rank} axes") for rank in op.ranks)
        raise OpError(
            f"`{op.name}` takes {wanted}, found {show_shape(shapes[0])}", code="wrong-rank"
        )


def _certain(op: Op, shapes: tuple[Shape, ...], attribute: str | None) -> tuple[Shape | None, ...]:
    """The shapes of what comes out, as far as they do not depend on what is wrong.

    What is wrong is the attribute that the error names, or the channels, or the other sizes: an
    op that fits once they are lost tells what is certain without them.
    """
    attempts: list[tuple[Op, tuple[Shape, ...]]] = []
    if attribute is not None and attribute in op.attributes():
        attempts.append((replace(op, **{attribute: UNKNOWN}), shapes))
    attempts += [(op, tuple(map(lose, shapes))) for lose in (_no_channels, _no_sizes, _nothing)]
    for changed, known in attempts:
        try:
            outputs = changed.outputs(*known)
        except _REFUSALS:
            continue
        if all(len(shape) <= MAX_RANK for shape in outputs):
            return outputs
    return (None,)


def _common(op: Op, shapes: tuple[Shape | None, ...]) -> tuple[Shape | None, ...]:
    """What comes out of ``op``, as far as all ranks of the unknown inputs agree."""
    found: tuple[Shape, ...] | None = None
    for rank in {len(shape) for shape in shapes if shape is not None} or range(1, 5):
        if op.ranks is not None and rank not in op.ranks:
            continue
        try:
            outputs = op.outputs(
                *((UNKNOWN,) * rank if shape is None else shape for shape in shapes)
            )
        except _REFUSALS:
            continue
        if found is not None and [*map(len, found)] != [*map(len, outputs)]:
            return (None,)
        found = outputs
    return (None,) if found is None else tuple(map(_nothing, found))


def _no_channels(shape: Shape) -> Shape:
    return (UNKNOWN, *shape[1:])


def _no_sizes(shape: Shape) -> Shape:
    return (*shape[:1], *(UNKNOWN for _ in shape[1:]))


def _nothing(shape: Shape) -> Shape:
    return tuple(UNKNOWN for _ in shape)
