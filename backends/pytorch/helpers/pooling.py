"""Pools padded as PyTorch pads none."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn

from graphcnn.backends.pytorch.helpers.padding import per_axis, same_pads


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
        return F.max_pool1d(
            F.pad(x, self.pads, value=-torch.inf),
            self.kernel_size,
            self.stride,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )


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
        return F.max_pool2d(
            F.pad(x, self.pads, value=-torch.inf),
            self.kernel_size,
            self.stride,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )


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
        return F.max_pool3d(
            F.pad(x, self.pads, value=-torch.inf),
            self.kernel_size,
            self.stride,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )


class SameMaxPool1d(nn.MaxPool1d):
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] | None = None,
        dilation: int | tuple[int] = 1,
    ) -> None:
        super().__init__(kernel_size, stride, dilation=dilation)
        self.window = per_axis(kernel_size, 1)
        self.steps = per_axis(kernel_size if stride is None else stride, 1)
        self.spread = per_axis(dilation, 1)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, self.spread)
        x = F.pad(x, pads, value=-torch.inf)
        return F.max_pool1d(x, self.kernel_size, self.stride, dilation=self.dilation)


class SameMaxPool2d(nn.MaxPool2d):
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        dilation: int | tuple[int, int] = 1,
    ) -> None:
        super().__init__(kernel_size, stride, dilation=dilation)
        self.window = per_axis(kernel_size, 2)
        self.steps = per_axis(kernel_size if stride is None else stride, 2)
        self.spread = per_axis(dilation, 2)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, self.spread)
        x = F.pad(x, pads, value=-torch.inf)
        return F.max_pool2d(x, self.kernel_size, self.stride, dilation=self.dilation)


class SameMaxPool3d(nn.MaxPool3d):
    """Max pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] | None = None,
        dilation: int | tuple[int, int, int] = 1,
    ) -> None:
        super().__init__(kernel_size, stride, dilation=dilation)
        self.window = per_axis(kernel_size, 3)
        self.steps = per_axis(kernel_size if stride is None else stride, 3)
        self.spread = per_axis(dilation, 3)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, self.spread)
        x = F.pad(x, pads, value=-torch.inf)
        return F.max_pool3d(x, self.kernel_size, self.stride, dilation=self.dilation)


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
        y = self.pooled(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), self.pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool1d(x, self.kernel_size, self.stride, ceil_mode=self.ceil_mode)


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
        y = self.pooled(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), self.pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, self.kernel_size, self.stride, ceil_mode=self.ceil_mode)


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
        y = self.pooled(F.pad(x, self.pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), self.pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool3d(x, self.kernel_size, self.stride, ceil_mode=self.ceil_mode)


class SameAvgPool1d(nn.AvgPool1d):
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int],
        *,
        stride: int | tuple[int] | None = None,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            kernel_size,
            kernel_size if stride is None else stride,
            count_include_pad=count_include_pad,
        )
        self.window = per_axis(kernel_size, 1)
        self.steps = per_axis(kernel_size if stride is None else stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, [1])
        y = self.pooled(F.pad(x, pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool1d(x, self.kernel_size, self.stride)


class SameAvgPool2d(nn.AvgPool2d):
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, count_include_pad=count_include_pad)
        self.window = per_axis(kernel_size, 2)
        self.steps = per_axis(kernel_size if stride is None else stride, 2)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, [1, 1])
        y = self.pooled(F.pad(x, pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, self.kernel_size, self.stride)


class SameAvgPool3d(nn.AvgPool3d):
    """Mean pooling padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int, int],
        *,
        stride: int | tuple[int, int, int] | None = None,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, count_include_pad=count_include_pad)
        self.window = per_axis(kernel_size, 3)
        self.steps = per_axis(kernel_size if stride is None else stride, 3)

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(x, self.window, self.steps, [1, 1, 1])
        y = self.pooled(F.pad(x, pads))
        if self.count_include_pad:
            return y
        return y / self.pooled(F.pad(torch.ones_like(x[:1, :1]), pads))

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool3d(x, self.kernel_size, self.stride)
