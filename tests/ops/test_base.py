"""What every op inherits: it is a frozen dataclass without a decorator."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from graphcnn.ops.activation import Relu, Relu6
from graphcnn.ops.convolution import Conv
from graphcnn.ops.pooling import MaxPool


def test_equal_attributes_make_equal_ops() -> None:
    assert Conv(out=8) == Conv(out=8, kernel=1)
    assert hash(Conv(out=8)) == hash(Conv(out=8, kernel=1))
    assert Conv(out=8) != Conv(out=9)


def test_ops_of_two_kinds_differ() -> None:
    assert Relu() != Relu6()
    assert len({Relu(), Relu6(), Relu()}) == 2


def test_ops_do_not_change() -> None:
    op = Conv(out=8)
    with pytest.raises(FrozenInstanceError):
        op.out = 9  # type: ignore[misc]  # that is the point
    with pytest.raises(FrozenInstanceError):
        del op.out
    assert op == Conv(out=8)
    assert replace(op, out=9) == Conv(out=9)


def test_attributes_are_given_by_name_and_known() -> None:
    with pytest.raises(TypeError, match="`kernel`"):
        MaxPool()
    with pytest.raises(TypeError, match="`size`"):
        Conv(out=8, size=3)  # type: ignore[call-arg]  # there is no such attribute


def test_an_op_shows_its_attributes() -> None:
    assert repr(MaxPool(kernel=2)) == (
        "MaxPool(kernel=2, stride=None, padding=0, dilation=1, ceil=False)"
    )
