"""Normalisations that PyTorch lacks."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn


def fix_parameter(module: nn.Module, name: str) -> None:
    """Make a constant of a parameter, neither trained nor saved."""
    value = module.get_parameter(name).detach()
    delattr(module, name)
    module.register_buffer(name, value, persistent=False)


class PartialBatchNorm1d(nn.BatchNorm1d):
    """Batch normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class PartialBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class PartialBatchNorm3d(nn.BatchNorm3d):
    """Batch normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


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
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


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
            fix_parameter(self, "weight")
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        last = tuple(range(-len(self.dims), 0))
        return super().forward(x.movedim(self.dims, last)).movedim(last, self.dims)


class PartialGroupNorm(nn.GroupNorm):
    """Group normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        *,
        eps: float = 1e-5,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__(num_groups, num_channels, eps)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class PartialInstanceNorm1d(nn.InstanceNorm1d):
    """Instance normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, scale: bool = True, shift: bool = True
    ) -> None:
        super().__init__(num_features, eps, affine=True)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class PartialInstanceNorm2d(nn.InstanceNorm2d):
    """Instance normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, scale: bool = True, shift: bool = True
    ) -> None:
        super().__init__(num_features, eps, affine=True)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class PartialInstanceNorm3d(nn.InstanceNorm3d):
    """Instance normalisation without a trained scale, or without a trained shift."""

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, scale: bool = True, shift: bool = True
    ) -> None:
        super().__init__(num_features, eps, affine=True)
        if not scale:
            fix_parameter(self, "weight")
        if not shift:
            fix_parameter(self, "bias")


class OrderedLocalResponseNorm(nn.LocalResponseNorm):
    """Local response normalisation of cells that may lie in any order in memory."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.contiguous())


class ScaledL2Norm(nn.Module):
    """Unit length along one dimension, then a trained scale for each place along it."""

    def __init__(self, features: int, scale: float, *, dim: int = 1, eps: float = 1e-12) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.weight = nn.Parameter(torch.full((features,), scale))

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1 if dim == self.dim else 1 for dim in range(x.dim())]
        return F.normalize(x, dim=self.dim, eps=self.eps) * self.weight.view(shape)
