"""Emitted PyTorch modules take torchvision's weights, and then compute what its models compute."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import graphcnn
from tests.specs.zoo import IN_TORCHVISION, OTHERS, REFERENCE, peer

#: No power of two, and not square: pools that round up and adaptive ones have something to do.
SIZE = (3, 97, 65)

#: what takes more than two seconds; a smaller variant of each family is not among them
LARGE = frozenset(
    {
        "densenet161",
        "densenet169",
        "densenet201",
        "resnet101",
        "resnet152",
        "resnext101_32x8d",
        "resnext101_64x4d",
        "wide_resnet101_2",
        "wide_resnet50_2",
    }
)

EACH = [
    pytest.param(name, marks=pytest.mark.exhaustive if name in LARGE else ())
    for name in IN_TORCHVISION
]

#: one of each family
FAMILIES = (
    "alexnet",
    "densenet121",
    "googlenet",
    "mobilenet_v2",
    "resnet18",
    "squeezenet1_1",
    "vgg11_bn",
)


def images(count: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, *SIZE, generator=generator)


def randomise(model: nn.Module, generator: torch.Generator) -> None:
    """Fill a model of no weights with weights that keep its activations of the order of one.

    Convolutions and linear layers keep the variance of what they rectify. Batch norms get random
    scales and shifts, and for running statistics those of random images.
    """
    model.to_empty(device="cpu")
    norms = []
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                fan_in = module.weight[0].numel()
                module.weight.normal_(0, math.sqrt(2 / fan_in), generator=generator)
                if module.bias is not None:
                    module.bias.uniform_(-0.5, 0.5, generator=generator)
            elif isinstance(module, nn.BatchNorm2d):
                norms.append(module)
                module.reset_running_stats()
                module.weight.uniform_(0.5, 1.5, generator=generator)
                module.bias.uniform_(-0.5, 0.5, generator=generator)
                module.momentum = 1
        if norms:
            model.train()(images(4, generator))
    for norm in norms:
        norm.momentum = 0.1
    model.eval()


def pair(name: str, **parameters: Any) -> tuple[nn.Module, nn.Module, torch.Generator]:
    """Torchvision's model and the emitted one, with the same random weights."""
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)  # of the dropout while statistics are gathered
    with torch.device("meta"):
        theirs = peer(name)
        ours = graphcnn.torch_module(graphcnn.load(name, **parameters))
    randomise(theirs, generator)
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    return theirs, ours.eval(), generator


def difference(a: Tensor, b: Tensor) -> float:
    assert a.shape == b.shape
    return float((a - b).abs().max())


@pytest.mark.parametrize("name", EACH)
def test_outputs_equal_torchvisions(name: str) -> None:
    theirs, ours, generator = pair(name)
    x = images(2, generator)
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
    x = images(4, generator)
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


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_models_that_torchvision_lacks_run(name: str) -> None:
    expected = REFERENCE[name]
    module = graphcnn.torch_module(name).eval()
    with torch.no_grad():
        logits = module(torch.randn(2, *expected.input))
    assert logits.shape == (2, *expected.output)
    assert sum(p.numel() for p in module.parameters()) == expected.params


# Fresh weights

#: as many weights of a tensor as are looked at
SAMPLE = 100_000

#: Torchvision initialises this layer unlike others of its kind, which a spec cannot say.
ODD_ONES = {("squeezenet1_1", "classifier.1.weight")}


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
        if (name, key) in ODD_ONES or not expected.is_floating_point():
            continue
        if float(expected.min()) == float(expected.max()):
            assert torch.equal(found, expected), key
            continue
        sigma, kurtosis = spread(expected)
        noise = 10 / math.sqrt(min(expected.numel(), SAMPLE))
        assert spread(found)[0] == pytest.approx(sigma, rel=noise), key
        if noise < 0.1:
            assert spread(found)[1] == pytest.approx(kurtosis, abs=0.5), key
