"""Pools padded as PyTorch pads none."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn

from graphcnn.backends.pytorch.helpers.padding import same_pads


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
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        y: Tensor = super().forward(F.pad(x, pads, value=-torch.inf))
        return y


class SameMaxPool2d(nn.MaxPool2d):
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, self.dilation)
        y: Tensor = super().forward(F.pad(x, pads, value=-torch.inf))
        return y


class SameMaxPool3d(nn.MaxPool3d):
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

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
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)


class SameAvgPool2d(nn.AvgPool2d):
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)


class SameAvgPool3d(nn.AvgPool3d):
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.kernel_size, self.stride, 1)
        y = super().forward(F.pad(x, pads))
        if self.count_include_pad:
            return y
        inside = F.pad(x.new_ones(1, 1, *x.shape[2:]), pads)
        return y / super().forward(inside)
