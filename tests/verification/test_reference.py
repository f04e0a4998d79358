"""The reference knows every op, and computes what PyTorch's lowering of it does."""

from __future__ import annotations

import pytest
import torch

from graphcnn.compiler import compile_file
from graphcnn.ops import OPS
from graphcnn.ops.declared import Declared
from graphcnn.reference import RULES, NoRule, compute
from graphcnn.verification.reference import evaluate
from tests.backends.emitted import variants, written
from tests.backends.interpreter import Interpreter, random_inputs, random_weights
from tests.backends.op_uses import USES, Uses


def test_there_is_a_rule_for_every_op() -> None:
    assert set(RULES) == set(OPS)


def test_an_op_of_a_spec_has_no_rule() -> None:
    (model,) = variants(written("declared_ops"))
    own = next(node.op for node in model.ir.nodes if isinstance(node.op, Declared))
    with pytest.raises(NoRule):
        compute(own, [], {})


@pytest.mark.parametrize("uses", USES, ids=str)
def test_the_reference_is_what_pytorch_computes_node_by_node(uses: Uses) -> None:
    graph = compile_file(uses.in_blocks("graph")).ir
    weights, inputs = random_weights(graph), random_inputs(graph, {})
    arrays = {name: x.numpy() for name, x in zip(graph.inputs, inputs, strict=True)}
    numbers = {name: x.numpy() for name, x in weights.items()}
    found = evaluate(graph, arrays, numbers, {}, lambda *_: ())
    with torch.no_grad():
        expected = Interpreter(graph, weights, {}).eval()(*inputs)
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        scale = float(tensor.detach().abs().max()) or 1.0
        assert found[name].shape == tuple(tensor.shape), name
        assert abs(found[name] - tensor.detach().numpy()).max() < 1e-9 * scale, name
