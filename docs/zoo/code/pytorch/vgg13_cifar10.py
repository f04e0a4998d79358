"""vgg13_cifar10: VGG's convolutions
(Simonyan and Zisserman, 2014) for CIFAR's small images.

https://arxiv.org/abs/1409.1556

Input    image    (N, 3, 32, 32)
Output   logits   (N, 10)
Size     9,416,010 parameters, 5,888 buffers, 228.3 M MACs a sample

Written by graphcnn 0.1.0 from vgg_cifar.yaml (vgg13_cifar10).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["CIFARVGG", "vgg13_cifar10"]


class CIFARVGG(nn.Module):
    """VGG's convolutions for CIFAR's small images."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 128, 3, padding=1),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.Conv2d(128, 128, 3, padding=1),
            nn.BatchNorm2d(128),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(128, 256, 3, padding=1),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(256, 512, 3, padding=1),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
            nn.Conv2d(512, 512, 3, padding=1),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(512, 512, 3, padding=1),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
            nn.Conv2d(512, 512, 3, padding=1),
            nn.BatchNorm2d(512),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(512, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image).flatten(1)
        return self.classifier(x)


def vgg13_cifar10(classes: int = 10) -> CIFARVGG:
    """vgg13_cifar10 with fresh weights."""
    return CIFARVGG(classes)


if __name__ == "__main__":
    model = vgg13_cifar10().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 32, 32))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
