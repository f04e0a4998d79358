"""Normalisations that PyTorch lacks."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn


def partly_trained(norm: nn.Module, *, scale: bool = True, shift: bool = True) -> nn.Module:
    """A normalisation of which training leaves the scale or the shift alone, neither saved."""
    for name, trained in (("weight", scale), ("bias", shift)):
        if not trained:
            value = norm.get_parameter(name).detach()
            delattr(norm, name)
            norm.register_buffer(name, value, persistent=False)
    return norm


class FrozenBatchNorm(nn.Module):
    """Batch normalisation whose statistics, scale and shift training leaves alone."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, scale: bool = True, shift: bool = True
    ) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(num_features) if scale else None)
        self.register_buffer("bias", torch.zeros(num_features) if shift else None)
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )


class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels, dimension 1."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)


class AxesLayerNorm(nn.LayerNorm):
    """Layer normalisation over any dimensions, with or without scale and shift."""

    def __init__(
        self,
        normalized_shape: tuple[int, ...],
        *,
        dims: tuple[int, ...],
        eps: float = 1e-5,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__(normalized_shape, eps, scale or shift, shift)
        if shift and not scale:
            partly_trained(self, scale=False)
        self.dims = list(dims)
        self.last = list(range(-len(dims), 0))

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(self.dims, self.last)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(self.last, self.dims)


class OrderedLocalResponseNorm(nn.LocalResponseNorm):
    """Local response normalisation of cells that may lie in any order in memory."""

    def forward(self, x: Tensor) -> Tensor:
        return F.local_response_norm(x.contiguous(), self.size, self.alpha, self.beta, self.k)


class ScaledL2Norm(nn.Module):
    """Unit length along one dimension, then a trained scale for each place along it."""

    def __init__(self, features: int, scale: float, *, dim: int = 1, eps: float = 1e-12) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.weight = nn.Parameter(torch.full((features,), scale))

    def forward(self, x: Tensor) -> Tensor:
        x = F.normalize(x, dim=self.dim, eps=self.eps)
        return (x.movedim(self.dim, -1) * self.weight).movedim(-1, self.dim)
