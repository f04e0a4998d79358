"""MobileNet V1: efficient convolutional neural networks for mobile vision applications
(Howard et al., 2017).

https://arxiv.org/abs/1704.04861

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     4,231,976 parameters, 21,888 buffers, 568.7 M MACs a sample

Written by graphcnn 0.1.0 from mobilenet_v1.yaml (mobilenet_v1).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["MobileNetV1", "Separable", "mobilenet_v1"]


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


class Separable(nn.Module):
    """Filters each channel by itself, then mixes the channels."""

    def __init__(self, in_channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.depthwise_conv = SameConv2d(
            in_channels, in_channels, 3, stride=stride, groups=in_channels, bias=False
        )
        self.bn1 = nn.BatchNorm2d(in_channels, eps=0.001, momentum=0.01)
        self.relu6 = nn.ReLU6(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, out, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out, eps=0.001, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu6(self.bn1(self.depthwise_conv(x)))
        return self.relu6(self.bn2(self.conv1(x)))


class MobileNetV1(nn.Module):
    """Efficient convolutional neural networks for mobile vision applications."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = SameConv2d(3, 32, 3, stride=2, bias=False)
        self.bn1 = nn.BatchNorm2d(32, eps=0.001, momentum=0.01)
        self.relu6 = nn.ReLU6(inplace=True)
        self.features = nn.Sequential(
            Separable(32, 64, 1),
            Separable(64, 128, 2),
            Separable(128, 128, 1),
            Separable(128, 256, 2),
            Separable(256, 256, 1),
            Separable(256, 512, 2),
            *(Separable(512, 512, 1) for _ in range(5)),
            Separable(512, 1024, 2),
            Separable(1024, 1024, 1),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.001)
        self.classifier = nn.Conv2d(1024, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = self.relu6(self.bn1(self.conv1(image)))  # 32 x 112 x 112
        x = self.features(x)  # 1024 x 7 x 7
        x = self.dropout(self.avgpool(x))  # 1024 x 1 x 1
        return self.classifier(x).flatten(1)


def mobilenet_v1(classes: int = 1000) -> MobileNetV1:
    """MobileNet V1 with fresh weights."""
    return MobileNetV1(classes)


if __name__ == "__main__":
    model = mobilenet_v1().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
