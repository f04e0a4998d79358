"""What must be true of every op, whatever it does: the laws that the family tests apply."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from graphcnn.ops.base import Op, OpError, Shape, Undecided
from graphcnn.size import UNKNOWN, Size, at_least, evaluate, is_known, symbol

Numbers = tuple[int, ...]

#: For the laws of ops that are many and simple: a part of what the profile asks for. Of some ops
#: most of what is drawn is refused.
fewer = settings(
    max_examples=max(20, settings().max_examples // 10),
    suppress_health_check=[HealthCheck.filter_too_much],
)


def make(op: type[Op], **attributes: Any) -> Op:
    """An op from values as a spec gives them, read by the kinds of its attributes."""
    kinds = op.attributes()
    return op(**{name: kinds[name].kind.read(value) for name, value in attributes.items()})


def outcome(op: Op, *shapes: Shape) -> tuple[Shape, ...] | OpError:
    try:
        return op.outputs(*shapes)
    except OpError as error:
        return error


def refused(op: Op, *shapes: Shape) -> OpError:
    """The error of an op that does not fit."""
    found = outcome(op, *shapes)
    assert isinstance(found, OpError), f"accepted, giving {found}"
    return found


def check_symbols(data: st.DataObject, op: Op, shapes: tuple[Numbers, ...]) -> None:
    """What holds of symbols holds of the numbers that they may stand for."""
    values: dict[str, Size] = {}

    def disguised(n: int, place: str) -> Size:
        divisor = data.draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0]))
        names = [f"same{n // divisor}", place]
        name = data.draw(st.sampled_from(["", *names]))
        if not name:
            return n
        values[name] = n // divisor
        return divisor * symbol(name)

    symbolic = tuple(
        tuple(disguised(n, f"at{i}_{axis}") for axis, n in enumerate(shape))
        for i, shape in enumerate(shapes)
    )
    found, expected = outcome(op, *symbolic), outcome(op, *shapes)
    if isinstance(found, Undecided):
        return
    if isinstance(found, OpError) or isinstance(expected, OpError):
        assert isinstance(expected, OpError), f"{op} on {symbolic}: {found}"
        assert isinstance(found, OpError), f"{op} on {symbolic} against {expected}"
        assert found.code == expected.code
        return
    assert _evaluated(found, values) == expected
    weights, numbers = op.weights(*symbolic), op.weights(*shapes)
    assert weights.keys() == numbers.keys()
    for name, weight in weights.items():
        assert _evaluated([weight.shape], values) == (numbers[name].shape,)
    assert evaluate(op.macs(*symbolic), values) == op.macs(*shapes)
    _check_window(op, symbolic, shapes, values)


def _check_window(
    op: Op, symbolic: tuple[Shape, ...], shapes: tuple[Numbers, ...], values: Mapping[str, Size]
) -> None:
    found, expected = op.window(*symbolic), op.window(*shapes)
    if found is None or expected is None:
        assert found is expected
        return
    assert len(expected.extent) == len(expected.stride) == len(shapes[0]) - 1
    # an extent that cannot be known exactly is rather too large than too small
    for extent, number in zip(found.extent, expected.extent, strict=True):
        assert at_least(evaluate(extent, values), number) is not False
    for stride, step in zip(found.stride, expected.stride, strict=True):
        known = stride if isinstance(stride, Fraction) else evaluate(stride, values)
        assert known is UNKNOWN or known == step


def check_unknown(data: st.DataObject, op: Op, shapes: tuple[Numbers, ...]) -> None:
    """A size lost to an earlier error never makes a new one, and hides only what it must."""
    expected = outcome(op, *shapes)
    hidden: tuple[Shape, ...] = tuple(
        tuple(UNKNOWN if data.draw(st.booleans()) else n for n in shape) for shape in shapes
    )
    found = outcome(op, *hidden)
    if isinstance(expected, OpError):
        assert not isinstance(found, Undecided)
        return
    assert not isinstance(found, OpError), f"{op} on {hidden}: {found}"
    assert [len(shape) for shape in found] == [len(shape) for shape in expected]
    for shape, numbers in zip(found, expected, strict=True):
        for size, number in zip(shape, numbers, strict=True):
            assert size is UNKNOWN or size == number
    op.weights(*hidden)
    op.macs(*hidden)
    op.window(*hidden)
    if is_known(*(size for shape in hidden for size in shape)):
        assert found == expected


def check_laws(data: st.DataObject, op: Op, shapes: tuple[Numbers, ...]) -> None:
    """All of the laws, on one op and the shapes of its inputs."""
    found = outcome(op, *shapes)
    if not isinstance(found, OpError):
        assert all(isinstance(n, int) and n >= 1 for shape in found for n in shape)
    check_symbols(data, op, shapes)
    check_unknown(data, op, shapes)


def _evaluated(shapes: Any, values: Mapping[str, Size]) -> tuple[Shape, ...]:
    return tuple(tuple(evaluate(size, values) for size in shape) for shape in shapes)
