"""resnet50_v2: identity mappings in deep residual networks (He et al., 2016).

https://arxiv.org/abs/1603.05027

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     25,568,360 parameters, 45,440 buffers, 3.482 G MACs a sample

Written by graphcnn 0.1.0 from resnet_v2.yaml (resnet50_v2).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Bottleneck", "FirstUnit", "ResNetV2", "Unit", "resnet50_v2"]


class Bottleneck(nn.Module):
    """Convolutions of 1x1, 3x3 and 1x1."""

    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes, eps=1.001e-05, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes, eps=1.001e-05, momentum=0.01)
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.conv3(x)


class FirstUnit(nn.Module):
    """A bottleneck and a projection,
    which both see the normalised and rectified input.
    """

    def __init__(self, in_channels: int, planes: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels, eps=1.001e-05, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)
        self.bottleneck = Bottleneck(in_channels, planes)
        self.projection = nn.Conv2d(in_channels, 4 * planes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(x))
        return self.bottleneck(x) + self.projection(x)


class Unit(nn.Module):
    """What a bottleneck makes of the normalised and rectified input,
    added to the input itself.
    """

    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels, eps=1.001e-05, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)
        self.bottleneck = Bottleneck(in_channels, planes, stride=stride)
        self.maxpool = nn.MaxPool2d(1, stride=stride) if stride != 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(x))
        return self.bottleneck(y) + self.maxpool(x)


class ResNetV2(nn.Module):
    """Identity mappings in deep residual networks."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.stage1 = nn.Sequential(
            FirstUnit(64, 64), Unit(256, 64), Unit(256, 64, stride=2)
        )
        self.stage2 = nn.Sequential(
            FirstUnit(256, 128),
            *(Unit(512, 128) for _ in range(2)),
            Unit(512, 128, stride=2),
        )
        self.stage3 = nn.Sequential(
            FirstUnit(512, 256),
            *(Unit(1024, 256) for _ in range(4)),
            Unit(1024, 256, stride=2),
        )
        self.stage4 = nn.Sequential(
            FirstUnit(1024, 512), *(Unit(2048, 512) for _ in range(2))
        )
        self.norm = nn.BatchNorm2d(2048, eps=1.001e-05, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(2048, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.pad(self.stem(image), (1, 1, 1, 1))  # 64 x 114 x 114
        x = self.maxpool(x)  # 64 x 56 x 56
        x = self.stage1(x)  # 256 x 28 x 28
        x = self.stage2(x)  # 512 x 14 x 14
        x = self.stage3(x)  # 1024 x 7 x 7
        x = self.relu(self.norm(self.stage4(x))).mean(dim=(2, 3))
        return self.fc(x)


def resnet50_v2(classes: int = 1000) -> ResNetV2:
    """resnet50_v2 with fresh weights."""
    return ResNetV2(classes)


if __name__ == "__main__":
    model = resnet50_v2().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
