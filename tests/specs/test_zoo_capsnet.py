"""The capsules of the shipped spec follow the equations of the paper, written out here."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d, one_hot

import graphcnn
from tests.specs.random_weights import difference


def squash(s: Tensor) -> Tensor:
    """Equation 1, along the last axis."""
    square = s.square().sum(dim=-1, keepdim=True)
    return square / (1 + square) * s / square.sqrt()


def route(votes: Tensor, iterations: int) -> Tensor:
    """Procedure 1; votes are (N, capsules, classes, 16)."""
    logits = votes.new_zeros(votes.shape[:3])
    while True:
        digits = squash(torch.einsum("nij,nijd->njd", logits.softmax(dim=2), votes))
        iterations -= 1
        if not iterations:
            return digits
        logits = logits + torch.einsum("nijd,njd->nij", votes, digits)


def test_the_routing_is_that_of_the_paper() -> None:
    torch.manual_seed(0)
    model = graphcnn.torch_module("capsnet").eval()
    weights = model.state_dict()
    image = torch.randn(2, 1, 28, 28)
    target = one_hot(torch.tensor([3, 7]), 10).float()
    with torch.no_grad():
        found = model(image, target)
        x = conv2d(image, weights["conv1.weight"], weights["conv1.bias"]).relu()
        x = conv2d(
            x,
            weights["primary_capsules.conv.weight"],
            weights["primary_capsules.conv.bias"],
            stride=2,
        )
        capsules = squash(x.reshape(2, 32, 8, 36).transpose(2, 3).reshape(2, 1152, 8))
        matrices = weights["votes.weight"].reshape(1152, 10, 16, 8)
        digits = route(torch.einsum("ijdc,nic->nijd", matrices, capsules), 3)
        picture = model.get_submodule("decoder")((digits * target[:, :, None]).reshape(2, 160))
    assert difference(found["probabilities"], digits.norm(dim=2)) < 1e-6
    assert difference(found["reconstruction"], picture.reshape(2, 1, 28, 28)) < 1e-6
    assert found["probabilities"].std() > 1e-3, "the weights let nothing through"
