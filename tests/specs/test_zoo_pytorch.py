"""Emitted PyTorch modules take torchvision's weights, and then compute what its models compute."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import graphcnn
from tests.specs.random_weights import difference, randomise
from tests.specs.zoo import IN_TORCHVISION, OTHERS, REFERENCE, peer, resized, size

#: what takes more than two seconds; a smaller variant of each family is not among them
LARGE = frozenset(
    {
        "densenet100_k12",
        "densenet161",
        "densenet169",
        "densenet201",
        "densenet264",
        "efficientnet_b2",
        "efficientnet_b3",
        "efficientnet_b4",
        "efficientnet_b5",
        "efficientnet_b6",
        "efficientnet_b7",
        "inception_v3",
        "nasnet_large",
        "r3d_18",
        "rcnn_resnet50_fpn",
        "resnet101",
        "resnet101_v2",
        "resnet1202",
        "resnet152",
        "resnet152_v2",
        "resnext101_32x8d",
        "resnext101_64x4d",
        "vit_b_16",
        "vit_l_16",
        "wide_resnet101_2",
        "wide_resnet50_2",
    }
)


def each(names: Iterable[str]) -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.exhaustive if name in LARGE else ()) for name in names
    ]


#: one of each family
FAMILIES = (
    "alexnet",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "inception_v3",
    "mc3_18",
    "mnasnet0_5",
    "mobilenet_v2",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "vgg11_bn",
    "vit_b_32",
)


def images(name: str, count: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, *size(name), generator=generator)


def pair(name: str, **parameters: Any) -> tuple[nn.Module, nn.Module, torch.Generator]:
    """Torchvision's model and the emitted one, with the same random weights."""
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)  # of the dropout while statistics are gathered
    with torch.device("meta"):
        theirs = peer(name, small=True)
        ours = graphcnn.torch_module(graphcnn.load(name, **resized(name), **parameters))
    theirs.to_empty(device="cpu")
    randomise(theirs, images(name, 4, generator), generator)
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    return theirs, ours.eval(), generator


@pytest.mark.parametrize("name", each(IN_TORCHVISION))
def test_outputs_equal_torchvisions(name: str) -> None:
    theirs, ours, generator = pair(name)
    x = images(name, 2, generator)
    with torch.no_grad():
        expected, found = theirs(x), ours(x)
    assert difference(expected[0], expected[1]) > 0.1, "the weights let nothing through"
    if isinstance(found, dict):
        assert list(found) == ["logits"], "auxiliary outputs are for training"
        found = found["logits"]
    assert difference(found, expected) < 1e-5


def test_auxiliary_outputs_equal_torchvisions_in_training() -> None:
    theirs, ours, generator = pair("googlenet", dropout=0.0, aux_dropout=0.0)
    for module in theirs.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    theirs.train()
    state = {key: tensor.clone() for key, tensor in theirs.state_dict().items()}
    ours.load_state_dict(state, assign=True)
    ours.train()
    x = images("googlenet", 4, generator)
    with torch.no_grad():
        expected, found = theirs(x), ours(x)
    assert list(found) == ["logits", "aux1", "aux2"]
    assert difference(found["logits"], expected.logits) < 1e-5
    assert difference(found["aux1"], expected.aux_logits1) < 1e-5
    assert difference(found["aux2"], expected.aux_logits2) < 1e-5
    updated = ours.state_dict()
    for key, statistic in theirs.state_dict().items():
        if "running" in key:
            assert difference(updated[key], statistic) < 1e-5, key


@pytest.mark.parametrize("name", each(OTHERS))
def test_models_that_torchvision_lacks_run(name: str) -> None:
    expected = REFERENCE[name]
    module = graphcnn.torch_module(name).eval()
    with torch.no_grad():
        found = module(*(torch.randn(2, *shape) for shape in expected.inputs))
    values = list(found.values()) if isinstance(found, dict) else [found]
    assert [tuple(value.shape[1:]) for value in values] == list(expected.outputs.values())
    assert sum(p.numel() for p in module.parameters()) == expected.params


# Fresh weights

#: as many weights of a tensor as are looked at
SAMPLE = 100_000


def spread(weights: Tensor) -> tuple[float, float]:
    """Standard deviation, and the kurtosis, which tells 3 (normal) from 1.8 (uniform)."""
    some = weights.flatten()[:SAMPLE].double()
    centred = some - some.mean()
    variance = float(centred.square().mean())
    return math.sqrt(variance), float(centred.pow(4).mean()) / variance**2


@pytest.mark.parametrize("name", FAMILIES)
def test_fresh_weights_are_drawn_as_torchvisions(name: str) -> None:
    torch.manual_seed(0)
    theirs = peer(name, fresh=True).state_dict()
    ours = graphcnn.torch_module(name).state_dict()
    for key, expected in theirs.items():
        found = ours[key]
        if not expected.is_floating_point():
            continue
        if float(expected.min()) == float(expected.max()):
            assert torch.equal(found, expected), key
            continue
        sigma, kurtosis = spread(expected)
        noise = 10 / math.sqrt(min(expected.numel(), SAMPLE))
        assert spread(found)[0] == pytest.approx(sigma, rel=noise), key
        if noise < 0.1:
            assert spread(found)[1] == pytest.approx(kurtosis, abs=0.5), key
