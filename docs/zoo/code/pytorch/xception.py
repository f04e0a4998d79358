"""Xception: deep learning with depthwise separable convolutions (Chollet, 2016).

https://arxiv.org/abs/1610.02357

Input    image    (N, 3, 299, 299)
Output   logits   (N, 1000)
Size     22,855,952 parameters, 54,528 buffers, 8.357 G MACs a sample

Written by graphcnn 0.1.0 from xception.yaml (xception).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "ConvBn",
    "DownModule",
    "MiddleModule",
    "SeparableBn",
    "Xception",
    "xception",
]


class SeparableConv(nn.Sequential):
    """A convolution of each channel by itself, then one that mixes the channels."""

    def __init__(self, depthwise: nn.Module, pointwise: nn.Module) -> None:
        super().__init__()
        self.depthwise = depthwise
        self.pointwise = pointwise


def per_axis(value: int | tuple[int, ...], axes: int) -> list[int]:
    """A number for each axis."""
    return [value] * axes if isinstance(value, int) else list(value)


@torch.fx.wrap
def same_pads(
    x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]
) -> list[int]:
    """TensorFlow's `same` padding as F.pad takes it; an odd cell goes at the end."""
    pads: list[int] = []
    for axis in range(len(kernel) - 1, -1, -1):
        extent = dilation[axis] * (kernel[axis] - 1)
        total = max(extent - (x.size(axis + 2) - 1) % stride[axis], 0)
        pads += [total // 2, total - total // 2]
    return pads


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


class ConvBn(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, stride=stride, bias=False)
        self.bn = nn.BatchNorm2d(out, eps=0.001, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class SeparableBn(nn.Module):
    """Separable convolution and batch norm."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = SeparableConv(
            nn.Conv2d(
                in_channels,
                in_channels,
                3,
                padding="same",
                groups=in_channels,
                bias=False,
            ),
            nn.Conv2d(in_channels, out, 1, bias=False),
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class DownModule(nn.Module):
    """Two separable convolutions and a pool, added to the input's projection."""

    def __init__(
        self, in_channels: int, middle: int, out: int, relu_first: bool = True
    ) -> None:
        super().__init__()
        self.relu1 = nn.ReLU() if relu_first else nn.Identity()
        self.separable1 = SeparableBn(in_channels, middle)
        self.relu = nn.ReLU(inplace=True)
        self.separable2 = SeparableBn(middle, out)
        self.maxpool = SameMaxPool2d(3, stride=2)
        self.projection = nn.Sequential(
            nn.Conv2d(in_channels, out, 1, stride=2, bias=False),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu1(x)
        y = self.relu(self.separable1(y))
        y = self.separable2(y)
        return self.maxpool(y) + self.projection(x)


class MiddleModule(nn.Module):
    """Three separable convolutions, added to the input."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Sequential(nn.ReLU(), SeparableBn(728, 728)) for _ in range(3))
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x) + x


class Xception(nn.Module):
    """Deep learning with depthwise separable convolutions."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBn(3, 32, stride=2)
        self.conv2 = ConvBn(32, 64)
        self.entry1 = DownModule(64, 128, 128, relu_first=False)
        self.entry2 = DownModule(128, 256, 256)
        self.entry3 = DownModule(256, 728, 728)
        self.middle = nn.Sequential(*(MiddleModule() for _ in range(8)))
        self.exit1 = DownModule(728, 728, 1024)
        self.exit2 = SeparableBn(1024, 1536)
        self.relu = nn.ReLU(inplace=True)
        self.exit3 = SeparableBn(1536, 2048)
        self.fc = nn.Linear(2048, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)  # 32 x 149 x 149
        x = self.conv2(x)  # 64 x 147 x 147
        x = self.entry1(x)  # 128 x 74 x 74
        x = self.entry2(x)  # 256 x 37 x 37
        x = self.entry3(x)  # 728 x 19 x 19
        x = self.middle(x)
        x = self.exit1(x)  # 1024 x 10 x 10
        x = self.relu(self.exit2(x))  # 1536 x 10 x 10
        x = self.relu(self.exit3(x)).mean(dim=(2, 3))
        return self.fc(x)


def xception(classes: int = 1000) -> Xception:
    """Xception with fresh weights."""
    return Xception(classes)


if __name__ == "__main__":
    model = xception().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 299, 299))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
