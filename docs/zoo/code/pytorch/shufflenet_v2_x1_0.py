"""shufflenet_v2_x1_0: practical guidelines for efficient CNN architecture design
(Ma et al., 2018).

https://arxiv.org/abs/1807.11164

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     2,278,604 parameters, 16,180 buffers, 144.9 M MACs a sample

Written by graphcnn 0.1.0 from shufflenet_v2.yaml (shufflenet_v2_x1_0).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvBn", "DownUnit", "ShuffleNetV2", "Unit", "shufflenet_v2_x1_0"]


class ConvBn(nn.Sequential):
    """Convolution, batch norm, activation."""

    def __init__(
        self, in_channels: int, out: int, kernel: int = 1, stride: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False
            ),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )


class DownUnit(nn.Module):
    """All channels go both ways, so that they double where the resolution halves."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.branch1 = nn.Sequential(
            nn.Conv2d(
                in_channels,
                in_channels,
                3,
                stride=2,
                padding=1,
                groups=in_channels,
                bias=False,
            ),
            nn.BatchNorm2d(in_channels),
            nn.Conv2d(in_channels, out // 2, 1, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.ReLU(inplace=True),
        )
        self.branch2 = nn.Sequential(
            nn.Conv2d(in_channels, out // 2, 1, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                out // 2, out // 2, 3, stride=2, padding=1, groups=out // 2, bias=False
            ),
            nn.BatchNorm2d(out // 2),
            nn.Conv2d(out // 2, out // 2, 1, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.branch1(x), self.branch2(x)], dim=1)
        return F.channel_shuffle(x, 2)


class Unit(nn.Module):
    """Half of the channels pass by untouched; the shuffle lets the halves meet."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.branch2 = nn.Sequential(
            nn.Conv2d(in_channels // 2, out // 2, 1, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.ReLU(inplace=True),
            nn.Conv2d(out // 2, out // 2, 3, padding=1, groups=out // 2, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.Conv2d(out // 2, out // 2, 1, bias=False),
            nn.BatchNorm2d(out // 2),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        x, y = x.chunk(2, dim=1)
        return F.channel_shuffle(torch.cat([x, self.branch2(y)], dim=1), 2)


class ShuffleNetV2(nn.Module):
    """Practical guidelines for efficient CNN architecture design."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = ConvBn(3, 24, kernel=3, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage2 = nn.Sequential(
            DownUnit(24, 116), *(Unit(116, 116) for _ in range(3))
        )
        self.stage3 = nn.Sequential(
            DownUnit(116, 232), *(Unit(232, 232) for _ in range(7))
        )
        self.stage4 = nn.Sequential(
            DownUnit(232, 464), *(Unit(464, 464) for _ in range(3))
        )
        self.conv5 = ConvBn(464, 1024)
        self.fc = nn.Linear(1024, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)  # 24 x 112 x 112
        x = self.maxpool(x)  # 24 x 56 x 56
        x = self.stage2(x)  # 116 x 28 x 28
        x = self.stage3(x)  # 232 x 14 x 14
        x = self.stage4(x)  # 464 x 7 x 7
        x = self.conv5(x).mean(dim=(2, 3))
        return self.fc(x)


def shufflenet_v2_x1_0(classes: int = 1000) -> ShuffleNetV2:
    """shufflenet_v2_x1_0 with fresh weights."""
    return ShuffleNetV2(classes)


if __name__ == "__main__":
    model = shufflenet_v2_x1_0().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
