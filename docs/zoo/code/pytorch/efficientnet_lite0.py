"""efficientnet_lite0: EfficientNet for small devices,
with ReLU6 and without squeeze-and-excitation (Liu, 2020).

https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     4,652,008 parameters, 42,016 buffers, 385.2 M MACs a sample

Written by graphcnn 0.1.0 from efficientnet_lite.yaml (efficientnet_lite0).
It needs PyTorch and nothing else.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Depthwise", "EfficientNetLite", "Mbconv", "Pointwise", "efficientnet_lite0"]


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


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(
            x, list(self.kernel_size), list(self.stride), list(self.dilation)
        )
        return F.conv2d(
            F.pad(x, pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


class DropPath(nn.Module):
    """Stochastic depth: in training, zeroes some samples and scales up the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        one_per_sample = x.new_ones(x.size(0))
        return (x.movedim(0, -1) * F.dropout(one_per_sample, self.rate)).movedim(-1, 0)

    def extra_repr(self) -> str:
        return f"rate={self.rate}"


class Pointwise(nn.Module):
    """Convolution of 1x1, batch norm and, but for a projection, ReLU6."""

    def __init__(self, in_channels: int, out: int, act: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 1, bias=False)
        self.bn = nn.BatchNorm2d(out, eps=0.001, momentum=0.01)
        self.relu6 = nn.ReLU6(inplace=True) if act else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu6(self.bn(self.conv(x)))


class Depthwise(nn.Module):
    """Convolution of each channel by itself, batch norm, ReLU6."""

    def __init__(self, in_channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = SameConv2d(
            in_channels,
            in_channels,
            kernel,
            stride=stride,
            groups=in_channels,
            bias=False,
        )
        self.bn = nn.BatchNorm2d(in_channels, eps=0.001, momentum=0.01)
        self.relu6 = nn.ReLU6(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu6(self.bn(self.conv(x)))


class Mbconv(nn.Module):
    """Expands the channels, filters each by itself, and projects them linearly."""

    def __init__(
        self,
        in_channels: int,
        expand: int,
        kernel: int,
        stride: int,
        out: int,
        drop: float,
    ) -> None:
        super().__init__()
        self.expand: nn.Module = nn.Identity()
        if expand != 1:
            self.expand = Pointwise(in_channels, expand * in_channels)
        self.depthwise = Depthwise(expand * in_channels, kernel, stride)
        self.project = Pointwise(expand * in_channels, out, act=False)
        self.use_skip = stride == 1 and in_channels == out
        self.drop_path = DropPath(drop) if self.use_skip else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.drop_path(self.project(y))
        return x + y if self.use_skip else y


class EfficientNetLite(nn.Module):
    """EfficientNet for small devices, with ReLU6 and without squeeze-and-excitation."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            OrderedDict(
                [
                    ("conv", SameConv2d(3, 32, 3, stride=2, bias=False)),
                    ("bn", nn.BatchNorm2d(32, eps=0.001, momentum=0.01)),
                    ("relu6", nn.ReLU6(inplace=True)),
                ]
            )
        )
        self.blocks = nn.Sequential(
            Mbconv(32, 1, 3, 1, 16, drop=0.0),
            Mbconv(16, 6, 3, 2, 24, drop=0.2 * 1 / 16),
            Mbconv(24, 6, 3, 1, 24, drop=0.2 * 2 / 16),
            Mbconv(24, 6, 5, 2, 40, drop=0.2 * 3 / 16),
            Mbconv(40, 6, 5, 1, 40, drop=0.2 * 4 / 16),
            Mbconv(40, 6, 3, 2, 80, drop=0.2 * 5 / 16),
            *(Mbconv(80, 6, 3, 1, 80, drop=0.2 * (i + 5) / 16) for i in range(1, 3)),
            Mbconv(80, 6, 5, 1, 112, drop=0.2 * 8 / 16),
            *(Mbconv(112, 6, 5, 1, 112, drop=0.2 * (i + 8) / 16) for i in range(1, 3)),
            Mbconv(112, 6, 5, 2, 192, drop=0.2 * 11 / 16),
            *(Mbconv(192, 6, 5, 1, 192, drop=0.2 * (i + 11) / 16) for i in range(1, 4)),
            Mbconv(192, 6, 3, 1, 320, drop=0.2 * 15 / 16),
        )
        self.head = Pointwise(320, 1280)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1280, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.uniform_(module.weight, -0.01, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)  # 32 x 112 x 112
        x = self.blocks(x)  # 320 x 7 x 7
        x = self.dropout(self.head(x).mean(dim=(2, 3)))
        return self.fc(x)


def efficientnet_lite0(classes: int = 1000) -> EfficientNetLite:
    """efficientnet_lite0 with fresh weights."""
    return EfficientNetLite(classes)


if __name__ == "__main__":
    model = efficientnet_lite0().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
