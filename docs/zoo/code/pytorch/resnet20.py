"""resnet20: the residual networks for CIFAR's small images
(He et al., 2015, section 4.2).

https://arxiv.org/abs/1512.03385

Input    image    (N, 3, 32, 32)
Output   logits   (N, 10)
Size     269,722 parameters, 1,376 buffers, 40.55 M MACs a sample

Written by graphcnn 0.1.0 from resnet_cifar.yaml (resnet20).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["BasicBlock", "CIFARResNet", "resnet20"]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, added to the input or what stands for it."""

    __constants__ = ("changes",)

    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, planes, 3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.changes = stride != 1 or in_channels != planes
        if self.changes:
            self.maxpool = nn.MaxPool2d(1, stride=stride)
            self.more = planes - in_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.changes:
            x = self.maxpool(x)
            x = F.pad(x, (0, 0, 0, 0, self.more // 2, self.more - self.more // 2))
        return self.relu(y + x)


class CIFARResNet(nn.Module):
    """The residual networks for CIFAR's small images."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(*(BasicBlock(16, 16) for _ in range(3)))
        self.layer2 = nn.Sequential(
            BasicBlock(16, 32, stride=2), *(BasicBlock(32, 32) for _ in range(2))
        )
        self.layer3 = nn.Sequential(
            BasicBlock(32, 64, stride=2), *(BasicBlock(64, 64) for _ in range(2))
        )
        self.linear = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, image: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(image)))  # 16 x 32 x 32
        x = self.layer1(x)
        x = self.layer2(x)  # 32 x 16 x 16
        x = self.layer3(x).mean(dim=(2, 3))
        return self.linear(x)


def resnet20(classes: int = 10) -> CIFARResNet:
    """resnet20 with fresh weights."""
    return CIFARResNet(classes)


if __name__ == "__main__":
    model = resnet20().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 32, 32))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
