"""Every shipped variant has the figures and the weights of the model that it is named after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

import graphcnn
from tests.specs.zoo import IN_TORCHVISION, REFERENCE, peer

SPECS = Path(__file__).parents[2] / "specs"


def read(path: Path) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return spec


def test_every_shipped_variant_is_compared() -> None:
    specs = [read(path) for path in SPECS.glob("*.yaml")]
    assert sorted(name for spec in specs for name in spec["variants"]) == sorted(REFERENCE)


def test_shared_blocks_are_no_models_and_are_all_used() -> None:
    models = [*SPECS.glob("*.yaml")]
    entries = [one for path in models for one in read(path).get("imports", ())]
    imported = {path for one in entries for path in (one if isinstance(one, dict) else [one])}
    shared = [*SPECS.glob("lib/*.yaml")]
    assert {f"lib/{path.name}" for path in shared} == imported - {path.name for path in models}
    assert not [path for path in shared if "graph" in read(path)]


@pytest.mark.parametrize("name", REFERENCE)
def test_figures_equal_those_measured(name: str) -> None:
    expected = REFERENCE[name]
    summary = graphcnn.load(name).summary()
    assert list(summary.inputs.values()) == expected.inputs
    assert summary.outputs == expected.outputs
    assert summary.params == expected.params
    assert summary.buffers == expected.buffers
    assert summary.macs == expected.macs


@pytest.mark.parametrize("name", IN_TORCHVISION)
def test_weights_are_called_and_shaped_as_torchvisions(name: str) -> None:
    with torch.device("meta"):
        model = peer(name)
    expected = {
        key: tuple(tensor.shape)
        for key, tensor in model.state_dict().items()
        if not key.endswith("num_batches_tracked")  # counts steps of training, no part of a model
    }
    nodes = graphcnn.load(name).ir.nodes
    found = {key: weight.shape for node in nodes for key, weight in node.weights()}
    assert found == expected


def test_auxiliary_heads_come_out_in_training_alone() -> None:
    summary = graphcnn.load("googlenet").summary()
    assert summary.training_outputs == {"aux1": (1000,), "aux2": (1000,)}
