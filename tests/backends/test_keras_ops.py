"""Every op in Keras: alone, and in a function for several uses with other attributes."""

from __future__ import annotations

import pytest

from graphcnn.backends import Level
from graphcnn.backends.keras import backend
from graphcnn.compiler import compile_file
from graphcnn.ops import OPS
from graphcnn.ops.base import Op
from tests.backends.keras_models import check
from tests.backends.op_uses import USES, Uses


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_op_is_expressed_and_tried(op: type[Op]) -> None:
    assert backend.support(op).level is not Level.UNSUPPORTED
    assert any(uses.op == op.name for uses in USES)


@pytest.mark.parametrize("uses", USES, ids=str)
def test_alone(uses: Uses) -> None:
    check(compile_file(uses.in_graph()))


@pytest.mark.exhaustive
@pytest.mark.parametrize("uses", USES, ids=str)
def test_in_a_function(uses: Uses) -> None:
    check(compile_file(uses.in_blocks("graph")))
