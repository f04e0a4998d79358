"""Emitted classes with other arguments than the model's are the spec's blocks with those."""

from __future__ import annotations

import inspect
import random
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from graphcnn.backends.python.text import camel
from graphcnn.compiler import Model
from graphcnn.source import SourceFile
from tests import inline
from tests.backends.emitted import SPECS, close, emit, imported, variants
from tests.backends.interpreter import (
    Interpreter,
    expected_state,
    random_inputs,
    random_weights,
    sizes_of,
)
from tests.backends.other_arguments import Draw, Tally, draws, uses_of

ZOO = Path(__file__).parents[2] / "specs"


def classes_of(model: Model, module: ModuleType) -> dict[str, type[nn.Module]]:
    """The class of each block, for blocks that have just one."""
    found = {}
    for block in uses_of(model.ir):
        name = camel(block.name)
        made = getattr(module, name, None)
        if (
            isinstance(made, type)
            and issubclass(made, nn.Module)
            and not hasattr(module, f"{name}2")
        ):
            found[block.name] = made
    return found


def holds(model: Model, seed: int = 0, each: int = 4) -> Tally:
    """Hold the classes of an emitted file against the blocks of the spec."""
    tally = Tally()
    module = imported(emit(model), model.name)
    classes = classes_of(model, module)
    called = {
        name: [*inspect.signature(made).parameters] if "__init__" in vars(made) else []
        for name, made in classes.items()
    }
    chance = random.Random(seed)  # noqa: S311 - nothing here is secret
    for draw in draws(model, called, chance, tally, each):
        agrees(classes[draw.block.name], draw)
    return tally


def agrees(made: type[nn.Module], draw: Draw) -> None:
    """A class called with a draw's arguments has its weights and computes what it means."""
    graph = draw.model.ir
    said = f"{made.__name__}({draw.arguments})"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = made(**draw.arguments).double().eval()
    state = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    state = {n: s for n, s in state.items() if not n.endswith("num_batches_tracked")}
    expected = {name.removeprefix("part."): s for name, s in expected_state(graph).items()}
    assert state == expected, said
    weights = random_weights(graph)
    module.load_state_dict({n.removeprefix("part."): w for n, w in weights.items()}, strict=False)
    sizes = sizes_of(graph)
    inputs = random_inputs(graph, sizes)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = list(Interpreter(graph, weights, sizes).eval()(*inputs).values())
        found: Any = module(*[one.clone() for one in inputs])
    found = found if isinstance(found, tuple) else (found,)
    assert len(found) == len(wanted), said
    for one, other in zip(found, wanted, strict=True):
        close(one, other, said)


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS.glob("*.yaml")))
def test_written_specs(name: str) -> None:
    path = SPECS / f"{name}.yaml"
    for model in variants(SourceFile(path.name, path.read_text(encoding="utf-8"), path))[:2]:
        holds(model)


HIGH_AND_LOW = """
graphcnn: 1
name: levels
inputs: {high: [8, 8, 8], low: [8, 4, 4]}
blocks:
  pair:
    inputs: [high, low]
    parameters: {out: int, stride: 1}
    graph:
      - {conv: $out, from: high, id: h}
      - {graph: [{avg_pool: 2, when: $(stride == 2)}], from: low, id: lower}
      - {conv: $out, from: lower, id: l}
    outputs: [h, l]
graph:
  - {pair: {out: 16}, from: [high, low], id: a}
  - {pair: {out: 32, stride: 2}, from: [a.h, a.l], id: b}
outputs: {h: b.h, l: b.l}
"""


def test_channels_are_those_of_the_value_that_is_read() -> None:
    """Both inputs have equal channels in all uses, and a `when` stands between."""
    model = inline.model(HIGH_AND_LOW)
    assert "self.l = nn.Conv2d(low_channels, out, 1)" in emit(model)
    assert holds(model, each=8).counts["compared"] > 4


TWICE_THE_SAME = """
graphcnn: 1
name: twice
inputs: {image: [8, 8, 8]}
blocks:
  join:
    inputs: [x, side]
    graph: [{conv: 8, from: x}, {add: {}, from: [prev, side]}]
graph:
  - {join: {}, from: [prev, prev]}
  - {join: {}, from: [prev, prev]}
"""


def test_inputs_that_are_one_value_in_all_uses_are_told_apart() -> None:
    model = inline.model(TWICE_THE_SAME)
    assert "return self.conv1(x) + side" in emit(model)
    assert holds(model).counts["compared"] == 4


def test_a_statement_that_no_use_of_the_model_leaves_out() -> None:
    """The class has what decides on it as arguments, so it must ask."""
    head = """
        blocks:
          unit:
            parameters: {out: int, stride: 2}
            graph:
              - residual:
                  body: [{conv: {out: $out, kernel: 3, stride: $stride, padding: 1}}]
                  shortcut:
                    - conv: {out: $out, kernel: 1, stride: $stride}
                      when: $(stride != 1 or x.channels != out)
    """
    graph = "[{unit: {out: 4}}, {unit: {out: 8, stride: 1}}, {unit: {out: 12}}]"
    model = inline.model(inline.spec(graph, head=head))
    assert "stride != 1 or in_channels != out" in emit(model)
    assert holds(model, each=12).counts["compared"] == 12


def test_a_block_that_the_model_uses_in_one_way_alone_inside_of_another() -> None:
    """The outer one's argument decides how it is used."""
    head = """
        blocks:
          inner: {parameters: {out: int}, graph: [{conv: {out: $out, kernel: 1}}]}
          outer:
            parameters: {out: int}
            graph: [{inner: {out: "$(max(out // 8, 4))"}}, {conv: {out: $out, kernel: 1}}]
    """
    model = inline.model(inline.spec("[{outer: {out: 8}}, {outer: {out: 16}}]", head=head))
    assert "self.inner = Inner(in_channels, max(out // 8, 4))" in emit(model)
    assert holds(model, each=12).counts["compared"] == 24
