"""Sums of values that are repeated along axes, which Keras may repeat along others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from graphcnn.diagnostics import SpecError
from tests.backends.keras_models import built, check, emit, outputs
from tests.inline import model

Shapes = dict[str, tuple[int, ...]]


def shapes(rank: int) -> Shapes:
    """An input of each shape with axes of one and of two cells, by name."""
    return {f"x{n}": shape for n, shape in enumerate(product((1, 2), repeat=rank))}


def spec(inputs: Shapes, op: str, sums: Sequence[tuple[str, ...]]) -> str:
    """A model that makes every one of the sums an output, named after what is added."""
    names = {"_".join(read): ", ".join(read) for read in sums}
    given = ", ".join(f"{name}: {[*shape]}" for name, shape in inputs.items())
    made = ", ".join(f"{name}: {name}" for name in names)
    lines = [f"  - {{{op}: {{}}, from: [{read}], id: {name}}}" for name, read in names.items()]
    head = ["graphcnn: 1", "name: sums", f"inputs: {{{given}}}", f"outputs: {{{made}}}", "graph:"]
    return "\n".join([*head, *lines, ""])


@pytest.mark.parametrize("op", ["add", "average"])
@pytest.mark.parametrize(("rank", "count"), [(1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (4, 2)])
def test_every_way_to_repeat(rank: int, count: int, op: str) -> None:
    inputs = shapes(rank)
    sums = list(product(inputs, repeat=count))
    each = model(spec(inputs, op, sums))
    live = built(each)
    for batch in (1, 2, 3):
        rng = np.random.default_rng(batch)
        given = {
            name: rng.standard_normal((batch, *shape)).astype("float32")
            for name, shape in inputs.items()
        }
        found = outputs(live, each.ir, list(given.values()))
        for names in sums:
            total = sum(given[name] for name in names) / (len(names) if op == "average" else 1)
            np.testing.assert_allclose(found["_".join(names)], total, atol=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "layer"),
    [
        ("[8, 4, 4]", "[8, 4, 4]", True),  # a residual
        ("[8, 4, 4]", "[8, 1, 1]", True),  # a bias of the channels
        ("[8, 4, 4]", "[1, 4, 4]", True),  # one of the pixels
        ("[8, 4, 4]", "[1, 1, 1]", False),  # as many samples as columns or channels
        ("[4, 4, 4]", "[1, 4, 1]", False),  # one sample, of which a column is taken for channels
        ("[8, L]", "[1, L]", False),  # it depends on L
        ("[1, L]", "[1, L]", True),  # a residual of one channel
    ],
)
def test_the_layer_is_used_where_it_is_right(first: str, second: str, layer: bool) -> None:
    graph = "[{add: {}, from: [a, b]}]"
    text = f"graphcnn: 1\nname: two\ninputs: {{a: {first}, b: {second}}}\ngraph: {graph}\n"
    emitted = emit(model(text))
    assert ("layers.Add()" in emitted) is layer
    assert ("a - ops.negative(b)" in emitted) is not layer


@pytest.mark.parametrize("tokens", ["4", "L"])
def test_biases_of_heads_that_would_be_added_along_tokens(tokens: str) -> None:
    with pytest.raises(SpecError) as caught:
        emit(model(attending("{heads: 4}", tokens)))
    (found,) = caught.value.diagnostics
    assert found.code == "unsupported-op"
    assert "biases of 4 heads of one feature" in found.message


@pytest.mark.parametrize(
    ("attributes", "tokens"), [("{heads: 4, bias: false}", "4"), ("{heads: 4}", "5"), ("1", "4")]
)
def test_biases_of_heads(attributes: str, tokens: str) -> None:
    check(model(attending(attributes, tokens)))


def attending(attributes: str, tokens: str) -> str:
    graph = f"[{{attention: {attributes}}}]"
    return f"graphcnn: 1\nname: heads\ninputs: {{x: [{tokens}, 4]}}\ngraph: {graph}\n"
