"""MnasNet 1.0: platform-aware neural architecture search for mobile (Tan et al., 2018).

https://arxiv.org/abs/1807.11626

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     4,383,312 parameters, 37,920 buffers, 314.4 M MACs a sample

Written by graphcnn 0.1.0 from mnasnet.yaml (mnasnet1_0).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["Mbconv", "MnasNet", "mnasnet1_0"]


class Mbconv(nn.Module):
    """Expands the channels, filters each by itself, and projects them linearly."""

    def __init__(
        self, in_channels: int, expand: int, kernel: int, stride: int, out: int
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, expand * in_channels, 1, bias=False),
            nn.BatchNorm2d(expand * in_channels, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                expand * in_channels,
                expand * in_channels,
                kernel,
                stride=stride,
                padding=kernel // 2,
                groups=expand * in_channels,
                bias=False,
            ),
            nn.BatchNorm2d(expand * in_channels, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(expand * in_channels, out, 1, bias=False),
            nn.BatchNorm2d(out, momentum=0.0003),
        )
        self.use_skip = stride == 1 and in_channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.use_skip else y


class MnasNet(nn.Module):
    """Platform-aware neural architecture search for mobile."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False),
            nn.BatchNorm2d(32, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 16, 1, bias=False),
            nn.BatchNorm2d(16, momentum=0.0003),
            nn.Sequential(
                Mbconv(16, 3, 3, 2, 24), *(Mbconv(24, 3, 3, 1, 24) for _ in range(2))
            ),
            nn.Sequential(
                Mbconv(24, 3, 5, 2, 40), *(Mbconv(40, 3, 5, 1, 40) for _ in range(2))
            ),
            nn.Sequential(
                Mbconv(40, 6, 5, 2, 80), *(Mbconv(80, 6, 5, 1, 80) for _ in range(2))
            ),
            nn.Sequential(Mbconv(80, 6, 3, 1, 96), Mbconv(96, 6, 3, 1, 96)),
            nn.Sequential(
                Mbconv(96, 6, 5, 2, 192), *(Mbconv(192, 6, 5, 1, 192) for _ in range(3))
            ),
            nn.Sequential(Mbconv(192, 6, 3, 1, 320)),
            nn.Conv2d(320, 1280, 1, bias=False),
            nn.BatchNorm2d(1280, momentum=0.0003),
            nn.ReLU(inplace=True),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.kaiming_uniform_(
                    module.weight, mode="fan_out", nonlinearity="sigmoid"
                )
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.layers(image).mean(dim=(2, 3))
        return self.classifier(x)


def mnasnet1_0(classes: int = 1000) -> MnasNet:
    """MnasNet 1.0 with fresh weights."""
    return MnasNet(classes)


if __name__ == "__main__":
    model = mnasnet1_0().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
