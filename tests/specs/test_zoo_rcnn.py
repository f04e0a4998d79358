"""The parts of Faster, Mask and Keypoint R-CNN, together, are the models of torchvision."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import graphcnn
from tests.reference import torchvision
from tests.specs.random_weights import difference, randomise

#: side of the images; their coarsest level has one cell
SIZE = 64

#: each model's heads, how many classes it tells apart, and its parameters as published
MODELS = {
    "fasterrcnn_resnet50_fpn": (["rcnn_box_head"], 91, 41755286),
    "maskrcnn_resnet50_fpn": (["rcnn_box_head", "rcnn_mask_head"], 91, 44401393),
    "keypointrcnn_resnet50_fpn": (["rcnn_box_head", "rcnn_keypoint_head"], 2, 59137258),
}


def parts(name: str) -> list[graphcnn.Model]:
    heads, classes, _ = MODELS[name]
    trunk = graphcnn.load("rcnn_resnet50_fpn", size=SIZE)
    return [trunk, *(graphcnn.load(head, classes=classes) for head in heads)]


def peer(name: str) -> Any:
    builder = getattr(torchvision().models.detection, name)
    return builder(weights=None, weights_backbone=None)


def modules(name: str) -> tuple[Any, list[nn.Module], torch.Generator]:
    """Torchvision's model with random weights, and the emitted parts with the same."""
    generator = torch.Generator().manual_seed(0)
    theirs = peer(name)
    randomise(theirs.backbone, torch.randn(8, 3, SIZE, SIZE, generator=generator), generator)
    for part in (theirs.rpn, theirs.roi_heads):
        randomise(part, torch.empty(0), generator)
    state = theirs.state_dict()
    ours = [graphcnn.torch_module(part).eval() for part in parts(name)]
    for part in ours:
        part.load_state_dict({key: state[key] for key in part.state_dict()}, strict=True)
    return theirs, ours, generator


@pytest.mark.parametrize("name", MODELS)
def test_the_parts_have_the_parameters_as_published(name: str) -> None:
    assert sum(part.summary().params for part in parts(name)) == MODELS[name][2]


@pytest.mark.parametrize("name", MODELS)
def test_the_weights_are_called_and_shaped_as_torchvisions(name: str) -> None:
    with torch.device("meta"):
        state = peer(name).state_dict()
    expected = {
        key: tuple(tensor.shape) for key, tensor in state.items() if "num_batches" not in key
    }
    nodes = [node for part in parts(name) for node in part.ir.nodes]
    assert {key: weight.shape for node in nodes for key, weight in node.weights()} == expected


def test_the_pyramid_and_the_proposals_equal_torchvisions() -> None:
    theirs, (trunk, _), generator = modules("fasterrcnn_resnet50_fpn")
    x = torch.randn(2, 3, SIZE, SIZE, generator=generator)
    with torch.no_grad():
        found = trunk(x)
        levels = list(theirs.backbone(x).values())
        scores, deltas = theirs.rpn.head(levels)
    expected = {f"p{n}": level for n, level in enumerate(levels[:-1], start=2)}
    expected |= {f"scores{n}": score for n, score in enumerate(scores, start=2)}
    expected |= {f"deltas{n}": delta for n, delta in enumerate(deltas, start=2)}
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert difference(found[key], value) < 1e-4 * float(value.abs().max()), key


@pytest.mark.parametrize("name", ["maskrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn"])
def test_the_heads_equal_torchvisions(name: str) -> None:
    theirs, (_, box, other), generator = modules(name)
    heads = theirs.roi_heads
    kind = name.partition("rcnn")[0]
    small, large = (torch.randn(3, 256, n, n, generator=generator) for n in (7, 14))
    with torch.no_grad():
        scores, deltas = heads.box_predictor(heads.box_head(small))
        maps: Tensor = getattr(heads, f"{kind}_predictor")(getattr(heads, f"{kind}_head")(large))
        found = box(small)
        assert difference(found["scores"], scores) < 1e-4
        assert difference(found["deltas"], deltas) < 1e-4
        assert difference(other(large), maps) < 1e-4
