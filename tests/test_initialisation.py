"""`init`: what it says of ops and of single layers, and what is wrong with it."""

from __future__ import annotations

import pytest
import torch

import graphcnn
from graphcnn.initialisation import initialisation
from graphcnn.weights import fresh
from tests import inline

#: weights that are told apart by what they hold, some of them in a block that is used twice
NET = """
graphcnn: 1
name: net
parameters: {aux: true}
variants: {net: {}, plain: {aux: false}}
inputs: {image: [3, 8, 8]}
blocks:
  unit:
    graph: [{conv: 3}, batch_norm]
graph:
  - {unit: {}, id: first}
  - {unit: {}, id: second}
  - {reuse: first}
  - {depthwise_conv: 3, id: each}
  - flatten
  - {linear: 4, id: head}
  - {linear: 2, id: aux, when: $aux}
init:
  conv: {weight: 1.0, bias: 2.0}
  batch_norm: {weight: 3.0}
  linear: {weight: 4.0, bias: 5.0}
  layers:
    first.conv1: {weight: 6.0}
    second.bn1: {weight: zeros, bias: 7.0}
    each: {bias: 8.0}
    aux: {weight: 9.0, bias: zeros}
"""

HOLDS = {
    "first.conv1": (6, 2),
    "first.bn1": (3, 0),
    "second.conv1": (1, 2),
    "second.bn1": (0, 7),
    "each": (1, 8),
    "head": (4, 5),
    "aux": (9, 0),
}


def test_a_layers_schemes_go_before_those_of_its_op() -> None:
    model = inline.model(NET)
    initial, _ = initialisation(model.program, model.ir.scope)
    schemes = {node.name: initial.of(node) for node in model.ir.nodes}
    assert schemes["first.conv1"] == {"weight": 6.0, "bias": 2.0}
    assert schemes["each"] == {"weight": 1.0, "bias": 8.0}


def test_fresh_weights_are_those_of_the_layer() -> None:
    weights = fresh(inline.model(NET))
    for layer, (weight, bias) in HOLDS.items():
        assert (weights[f"{layer}.weight"] == weight).all(), layer
        assert (weights[f"{layer}.bias"] == bias).all(), layer


def test_so_are_those_of_pytorch_code() -> None:
    state = graphcnn.torch_module(inline.model(NET)).state_dict()
    for layer, (weight, bias) in HOLDS.items():
        assert torch.all(state[f"{layer}.weight"] == weight), layer
        assert torch.all(state[f"{layer}.bias"] == bias), layer


def test_a_layer_may_be_one_of_another_variant() -> None:
    assert inline.findings(NET) == []
    text = inline.model(NET, "plain").build("pytorch")
    assert isinstance(text, str)
    assert "first.conv1.weight" in text
    assert "aux" not in text


@pytest.mark.parametrize("variants", ["", "variants: {net: {}, other: {}}"])
def test_a_layer_that_no_variant_has_is_unknown(variants: str) -> None:
    text = inline.spec("- {linear: 2, id: head}", head=variants, image="[4]")
    (found,) = inline.findings(text + "init: {layers: {haed: {weight: zeros}}}\n")
    assert (found.code, found.help) == ("unknown-layer", "did you mean `head`?")
    assert found.notes == ()


def test_weights_are_those_of_the_layer() -> None:
    text = inline.spec("- {linear: 2, id: head}", image="[4]")
    (found,) = inline.findings(text + "init: {layers: {head: {gamma: zeros}}}\n")
    assert found.code == "unknown-attribute"
    assert found.message == "`head` has no weight `gamma`"
