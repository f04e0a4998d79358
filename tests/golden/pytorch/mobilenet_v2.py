"""MobileNet V2: inverted residuals and linear bottlenecks (Sandler et al., 2018).

https://arxiv.org/abs/1801.04381

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     3,504,872 parameters, 34,112 buffers, 300.8 M MACs a sample

Written by graphcnn 0.1.0 from mobilenet_v2.yaml (mobilenet_v2).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["ConvBn", "InvertedResidual", "MobileNetV2", "mobilenet_v2"]


class ConvBn(nn.Sequential):
    """Convolution, batch norm, activation."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel,
                stride=stride,
                padding=kernel // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """Expands the channels, filters each by itself, and projects them linearly."""

    def __init__(self, in_channels: int, out: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = expand * in_channels
        layers: list[nn.Module] = []
        if expand != 1:
            layers.append(ConvBn(in_channels, hidden))
        layers += [
            ConvBn(hidden, hidden, kernel=3, stride=stride, groups=hidden),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        ]
        self.conv = nn.Sequential(*layers)
        self.use_skip = stride == 1 and in_channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return x + y if self.use_skip else y


class MobileNetV2(nn.Module):
    """Inverted residuals and linear bottlenecks."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvBn(3, 32, kernel=3, stride=2),
            InvertedResidual(32, 16, 1, 1),
            InvertedResidual(16, 24, 2, 6),
            InvertedResidual(24, 24, 1, 6),
            InvertedResidual(24, 32, 2, 6),
            *(InvertedResidual(32, 32, 1, 6) for _ in range(2)),
            InvertedResidual(32, 64, 2, 6),
            *(InvertedResidual(64, 64, 1, 6) for _ in range(3)),
            InvertedResidual(64, 96, 1, 6),
            *(InvertedResidual(96, 96, 1, 6) for _ in range(2)),
            InvertedResidual(96, 160, 2, 6),
            *(InvertedResidual(160, 160, 1, 6) for _ in range(2)),
            InvertedResidual(160, 320, 1, 6),
            ConvBn(320, 1280),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image).mean(dim=(2, 3))
        return self.classifier(x)


def mobilenet_v2(classes: int = 1000) -> MobileNetV2:
    """MobileNet V2 with fresh weights."""
    return MobileNetV2(classes)


if __name__ == "__main__":
    model = mobilenet_v2().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
