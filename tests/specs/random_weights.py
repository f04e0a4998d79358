"""Random weights under which every layer of a model matters."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def randomise(model: nn.Module, some: Tensor, generator: torch.Generator) -> None:
    """Fill a model with weights that keep its activations of the order of one.

    Matrices and kernels keep the variance of what they rectify. Norms get random scales and shifts,
    and for running statistics those of ``some`` images.
    """
    norms = []
    with torch.no_grad():
        for module in model.modules():
            for key, weights in module.named_parameters(recurse=False):
                if weights.dim() > 1:
                    weights.normal_(0, math.sqrt(2 / weights[0].numel()), generator=generator)
                elif key == "weight":
                    weights.uniform_(0.5, 1.5, generator=generator)
                else:
                    weights.uniform_(-0.5, 0.5, generator=generator)
            if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm3d)):
                norms.append(module)
                module.reset_running_stats()
                module.momentum = 1
        if norms:
            model.train()(some)
    for norm in norms:
        norm.momentum = 0.1
    model.eval()


def difference(a: Tensor, b: Tensor) -> float:
    assert a.shape == b.shape
    return float((a - b).abs().max())
