"""DenseNet-121: densely connected convolutional networks (Huang et al., 2016).

https://arxiv.org/abs/1608.06993

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     7,978,856 parameters, 83,648 buffers, 2.834 G MACs a sample

Written by graphcnn 0.1.0 from densenet.yaml (densenet121).
It needs PyTorch and nothing else.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["DenseBlock", "DenseLayer", "DenseNet", "Transition", "densenet121"]


class DenseLayer(nn.Module):
    """What one layer adds;
    its 1x1 convolution keeps the 3x3 from growing with the input.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 128, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.conv2 = nn.Conv2d(128, 32, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(x))
        x = self.relu(self.norm2(self.conv1(x)))
        return self.conv2(x)


class DenseBlock(nn.ModuleDict):
    """Layers that each see all that was made before them."""

    def __init__(self, in_channels: int, depth: int) -> None:
        super().__init__()
        for i in range(depth):
            self[f"denselayer{i + 1}"] = DenseLayer(in_channels + 32 * i)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], dim=1)
        return x


class Transition(nn.Module):
    """Half of the channels, at half of the resolution."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, 1, bias=False)
        self.avgpool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(x))
        x = self.conv(x)
        return self.avgpool(x)


class DenseNet(nn.Module):
    """Densely connected convolutional networks."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                [
                    ("conv0", nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)),
                    ("norm0", nn.BatchNorm2d(64)),
                    ("relu", nn.ReLU(inplace=True)),
                    ("maxpool", nn.MaxPool2d(3, stride=2, padding=1)),
                    ("denseblock1", DenseBlock(64, 6)),
                    ("transition1", Transition(256)),
                    ("denseblock2", DenseBlock(128, 12)),
                    ("transition2", Transition(512)),
                    ("denseblock3", DenseBlock(256, 24)),
                    ("transition3", Transition(1024)),
                    ("denseblock4", DenseBlock(512, 16)),
                    ("norm5", nn.BatchNorm2d(1024)),
                ]
            )
        )
        self.relu = nn.ReLU(inplace=True)
        self.classifier = nn.Linear(1024, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.relu(self.features(image)).mean(dim=(2, 3))
        return self.classifier(x)


def densenet121(classes: int = 1000) -> DenseNet:
    """DenseNet-121 with fresh weights."""
    return DenseNet(classes)


if __name__ == "__main__":
    model = densenet121().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
