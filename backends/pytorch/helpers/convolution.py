"""Convolutions padded or cropped as PyTorch has none."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn

from graphcnn.backends.pytorch.helpers.padding import same_pads


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
        return F.conv1d(
            F.pad(x, self.pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


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
        return F.conv2d(
            F.pad(x, self.pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


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
        return F.conv3d(
            F.pad(x, self.pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


class SameConv1d(nn.Conv1d):
    """A convolution padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return F.conv1d(
            F.pad(x, pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return F.conv2d(
            F.pad(x, pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


class SameConv3d(nn.Conv3d):
    """A convolution padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, list(self.kernel_size), list(self.stride), list(self.dilation))
        return F.conv3d(
            F.pad(x, pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


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

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        y = F.conv_transpose1d(
            x,
            self.weight,
            self.bias,
            self.stride,
            output_padding=self.output_padding,
            groups=self.groups,
            dilation=self.dilation,
        )
        return F.pad(y, self.crop)


class CroppedConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution, its output cropped: left, right, top, bottom."""

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

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        y = F.conv_transpose2d(
            x,
            self.weight,
            self.bias,
            self.stride,
            output_padding=self.output_padding,
            groups=self.groups,
            dilation=self.dilation,
        )
        return F.pad(y, self.crop)


class CroppedConvTranspose3d(nn.ConvTranspose3d):
    """A transposed convolution, its output cropped at each end, last axis first."""

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

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        y = F.conv_transpose3d(
            x,
            self.weight,
            self.bias,
            self.stride,
            output_padding=self.output_padding,
            groups=self.groups,
            dilation=self.dilation,
        )
        return F.pad(y, self.crop)


class SeparableConv(nn.Sequential):
    """A convolution of each channel by itself, then one that mixes the channels."""

    def __init__(self, depthwise: nn.Module, pointwise: nn.Module) -> None:
        super().__init__()
        self.depthwise = depthwise
        self.pointwise = pointwise
