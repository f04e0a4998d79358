"""Every op in ONNX, with every attribute and rank: onnxruntime and PyTorch compute the same."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graphcnn.compiler import compile_file
from graphcnn.ops.base import Op, OpError
from tests.backends.onnx_runs import Case, file_of, message, run, single
from tests.backends.op_draws import is_hollow
from tests.backends.op_uses import USES, Uses
from tests.ops import draws, kernel_draws
from tests.ops.laws import fewer, outcome

CASES = draws.CASES | kernel_draws.CASES


@pytest.mark.parametrize("uses", USES, ids=str)
def test_uses(uses: Uses) -> None:
    Case(compile_file(uses.in_blocks("graph"))).check()


@pytest.mark.parametrize("op", CASES, ids=lambda op: op.name)
@fewer
@given(data=st.data())
def test_draws(op: type[Op], data: st.DataObject) -> None:
    drawn, shapes = data.draw(CASES[op])
    assume(not isinstance(outcome(drawn, *shapes), OpError))
    assume(not is_hollow(drawn.name, asdict(drawn), shapes[0] if shapes else ()))
    case = Case(single(drawn, *shapes))
    found = file_of(case.model, case.weights)
    message(found)
    case.agrees(run(found, case.inputs))
