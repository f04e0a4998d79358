"""densenet40_k12: the densely connected networks for CIFAR's small images
(Huang et al., 2016).

https://arxiv.org/abs/1608.06993

Input    image    (N, 3, 32, 32)
Output   logits   (N, 10)
Size     1,019,722 parameters, 18,096 buffers, 264.8 M MACs a sample

Written by graphcnn 0.1.0 from densenet_cifar.yaml (densenet40_k12).
It needs PyTorch and nothing else.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["CIFARDenseNet", "DenseBlock", "DenseLayer", "Transition", "densenet40_k12"]


class DenseLayer(nn.Module):
    """What one layer adds;
    in BC a 1x1 convolution keeps the 3x3 from growing with the input.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 12, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(x))
        return self.conv1(x)


class DenseBlock(nn.ModuleDict):
    """Each layer sees the outputs of all layers before it."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        for i in range(12):
            self[f"denselayer{i + 1}"] = DenseLayer(in_channels + 12 * i)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], dim=1)
        return x


class Transition(nn.Module):
    """Half of the resolution, and in BC half of the channels."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, in_channels, 1, bias=False)
        self.avgpool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(x))
        x = self.conv(x)
        return self.avgpool(x)


class CIFARDenseNet(nn.Module):
    """The densely connected networks for CIFAR's small images."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                [
                    ("conv0", nn.Conv2d(3, 16, 3, padding=1, bias=False)),
                    ("denseblock1", DenseBlock(16)),
                    ("transition1", Transition(160)),
                    ("denseblock2", DenseBlock(160)),
                    ("transition2", Transition(304)),
                    ("denseblock3", DenseBlock(304)),
                    ("norm", nn.BatchNorm2d(448)),
                    ("relu", nn.ReLU(inplace=True)),
                ]
            )
        )
        self.classifier = nn.Linear(448, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image).mean(dim=(2, 3))
        return self.classifier(x)


def densenet40_k12(classes: int = 10) -> CIFARDenseNet:
    """densenet40_k12 with fresh weights."""
    return CIFARDenseNet(classes)


if __name__ == "__main__":
    model = densenet40_k12().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 32, 32))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
