"""Modules that PyTorch lacks, in the words in which emitted files hold them.

The source text of a class is copied into the files that use it, so each stands alone: it needs
nothing but the names imported here.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn


class DropPath(nn.Module):
    """Stochastic depth: in training, zeroes whole samples at random and scales up the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        one_per_sample = x.new_ones(x.size(0), *[1] * (x.dim() - 1))
        return x * F.dropout(one_per_sample, self.rate)

    def extra_repr(self) -> str:
        return f"rate={self.rate}"


# Windows


def same_pads(
    x: Tensor,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
) -> list[int]:
    """The padding of TensorFlow's `same` in the order of F.pad; an odd cell goes at the end."""
    pads: list[int] = []
    for axis in reversed(range(x.dim() - 2)):
        k, s, d = (v if isinstance(v, int) else v[axis] for v in (kernel, stride, dilation))
        total = max(d * (k - 1) - (x.shape[axis + 2] - 1) % s, 0)
        pads += [total // 2, total - total // 2]
    return pads


class PaddedConv1d(nn.Conv1d):
    """A convolution with an amount of zeros for each end: left, right."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] = 1,
        pads: tuple[int, ...] = (0, 0),
        dilation: int | tuple[int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.pads))


class PaddedConv2d(nn.Conv2d):
    """A convolution with an amount of zeros for each end: left, right, top, bottom."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] = 1,
        pads: tuple[int, ...] = (0, 0, 0, 0),
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.pads))


class PaddedConv3d(nn.Conv3d):
    """A convolution with an amount of zeros for each end: the last axis first."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] = 1,
        pads: tuple[int, ...] = (0, 0, 0, 0, 0, 0),
        dilation: int | tuple[int, int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.pads))


class SameConv1d(nn.Conv1d):
    """A convolution padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        return super().forward(F.pad(x, pads))


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        return super().forward(F.pad(x, pads))


class SameConv3d(nn.Conv3d):
    """A convolution padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        return super().forward(F.pad(x, pads))


class CroppedConvTranspose1d(nn.ConvTranspose1d):
    """A transposed convolution cropped at each end of its output: left, right."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] = 1,
        crop: tuple[int, ...] = (0, 0),
        output_padding: int | tuple[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int] = 1,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            0,
            output_padding,
            groups,
            bias,
            dilation,
        )
        self.crop = [-amount for amount in crop]

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return F.pad(super().forward(x, output_size), self.crop)


class CroppedConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution cropped at each end of its output: left, right, top, bottom."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] = 1,
        crop: tuple[int, ...] = (0, 0, 0, 0),
        output_padding: int | tuple[int, int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, int] = 1,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            0,
            output_padding,
            groups,
            bias,
            dilation,
        )
        self.crop = [-amount for amount in crop]

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return F.pad(super().forward(x, output_size), self.crop)


class CroppedConvTranspose3d(nn.ConvTranspose3d):
    """A transposed convolution cropped at each end of its output: the last axis first."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] = 1,
        crop: tuple[int, ...] = (0, 0, 0, 0, 0, 0),
        output_padding: int | tuple[int, int, int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, int, int] = 1,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            0,
            output_padding,
            groups,
            bias,
            dilation,
        )
        self.crop = [-amount for amount in crop]

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return F.pad(super().forward(x, output_size), self.crop)


class SeparableConv(nn.Sequential):
    """A convolution of each channel by itself, then one that mixes the channels."""

    def __init__(self, depthwise: nn.Module, pointwise: nn.Module) -> None:
        super().__init__()
        self.depthwise = depthwise
        self.pointwise = pointwise


class PaddedMaxPool1d(nn.MaxPool1d):
    """Max pooling with an amount of padding for each end: left, right."""

    def __init__(
        self,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] | None = None,
        pads: tuple[int, ...] = (0, 0),
        dilation: int | tuple[int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, 0, dilation, ceil_mode=ceil_mode)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(F.pad(x, self.pads, value=-torch.inf))
        return y


class PaddedMaxPool2d(nn.MaxPool2d):
    """Max pooling with an amount of padding for each end: left, right, top, bottom."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        pads: tuple[int, ...] = (0, 0, 0, 0),
        dilation: int | tuple[int, int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, 0, dilation, ceil_mode=ceil_mode)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(F.pad(x, self.pads, value=-torch.inf))
        return y


class PaddedMaxPool3d(nn.MaxPool3d):
    """Max pooling with an amount of padding for each end: the last axis first."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] | None = None,
        pads: tuple[int, ...] = (0, 0, 0, 0, 0, 0),
        dilation: int | tuple[int, int, int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, 0, dilation, ceil_mode=ceil_mode)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(F.pad(x, self.pads, value=-torch.inf))
        return y


class SameMaxPool1d(nn.MaxPool1d):
    """Max pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        y: Tensor = super().forward(F.pad(x, pads, value=-torch.inf))
        return y


class SameMaxPool2d(nn.MaxPool2d):
    """Max pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        y: Tensor = super().forward(F.pad(x, pads, value=-torch.inf))
        return y


class SameMaxPool3d(nn.MaxPool3d):
    """Max pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        y: Tensor = super().forward(F.pad(x, pads, value=-torch.inf))
        return y


class PaddedAvgPool1d(nn.AvgPool1d):
    """Mean pooling with an amount of padding for each end: left, right."""

    def __init__(
        self,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] | None = None,
        pads: tuple[int, ...] = (0, 0),
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            kernel_size, kernel_size if stride is None else stride, 0, ceil_mode, count_include_pad
        )
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), self.pads)
        return y / super().forward(inside)


class PaddedAvgPool2d(nn.AvgPool2d):
    """Mean pooling with an amount of padding for each end: left, right, top, bottom."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        pads: tuple[int, ...] = (0, 0, 0, 0),
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, 0, ceil_mode, count_include_pad)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), self.pads)
        return y / super().forward(inside)


class PaddedAvgPool3d(nn.AvgPool3d):
    """Mean pooling with an amount of padding for each end: the last axis first."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] | None = None,
        pads: tuple[int, ...] = (0, 0, 0, 0, 0, 0),
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, 0, ceil_mode, count_include_pad)
        self.pads = list(pads)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), self.pads)
        return y / super().forward(inside)


class SameAvgPool1d(nn.AvgPool1d):
    """Mean pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)


class SameAvgPool2d(nn.AvgPool2d):
    """Mean pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)


class SameAvgPool3d(nn.AvgPool3d):
    """Mean pooling padded as TensorFlow's `same`: the output is ceil(input / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)


# Attention


class SelfAttention(nn.MultiheadAttention):
    """Multi-head attention of a (batch, tokens, features) value with itself."""

    def __init__(
        self, embed_dim: int, num_heads: int, *, dropout: float = 0.0, bias: bool = True
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, x, x, need_weights=False)[0]


# Normalisation


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
    """Batch normalisation with statistics, scale and shift that training leaves alone."""

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
