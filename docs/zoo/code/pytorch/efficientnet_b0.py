"""EfficientNet-B0: rethinking model scaling for convolutional neural networks
(Tan and Le, 2019).

https://arxiv.org/abs/1905.11946

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     5,288,548 parameters, 42,016 buffers, 385.8 M MACs a sample

Written by graphcnn 0.1.0 from efficientnet.yaml (efficientnet_b0).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvBn", "EfficientNet", "Mbconv", "SqueezeExcite", "efficientnet_b0"]


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


class ConvBn(nn.Sequential):
    """Convolution, batch norm, activation."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        act: bool = True,
    ) -> None:
        layers: list[nn.Module] = [
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
        ]
        if act:
            layers.append(nn.SiLU())
        super().__init__(*layers)


class SqueezeExcite(nn.Module):
    """Scales each channel by a gate that has seen all of them
    (https://arxiv.org/abs/1709.01507).
    """

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.silu = nn.SiLU()
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        y = self.avgpool(x)
        y = self.silu(self.fc1(y))
        y = self.sigmoid(self.fc2(y))
        return y * x


class Mbconv(nn.Module):
    """Expands the channels, filters and gates each by itself,
    and projects them linearly.
    """

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
        hidden = expand * in_channels
        layers: list[nn.Module] = []
        if expand != 1:
            layers.append(ConvBn(in_channels, hidden))
        layers += [
            ConvBn(hidden, hidden, kernel=kernel, stride=stride, groups=hidden),
            SqueezeExcite(hidden, in_channels // 4),
            ConvBn(hidden, out, act=False),
        ]
        self.block = nn.Sequential(*layers)
        self.use_skip = stride == 1 and in_channels == out
        self.drop_path = DropPath(drop) if self.use_skip else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.drop_path(self.block(x))
        return x + y if self.use_skip else y


class EfficientNet(nn.Module):
    """Rethinking model scaling for convolutional neural networks."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvBn(3, 32, kernel=3, stride=2),
            nn.Sequential(Mbconv(32, 1, 3, 1, 16, drop=0.0)),
            nn.Sequential(
                Mbconv(16, 6, 3, 2, 24, drop=0.2 * 1 / 16),
                Mbconv(24, 6, 3, 1, 24, drop=0.2 * 2 / 16),
            ),
            nn.Sequential(
                Mbconv(24, 6, 5, 2, 40, drop=0.2 * 3 / 16),
                Mbconv(40, 6, 5, 1, 40, drop=0.2 * 4 / 16),
            ),
            nn.Sequential(
                Mbconv(40, 6, 3, 2, 80, drop=0.2 * 5 / 16),
                *(
                    Mbconv(80, 6, 3, 1, 80, drop=0.2 * (i + 5) / 16)
                    for i in range(1, 3)
                ),
            ),
            nn.Sequential(
                Mbconv(80, 6, 5, 1, 112, drop=0.2 * 8 / 16),
                *(
                    Mbconv(112, 6, 5, 1, 112, drop=0.2 * (i + 8) / 16)
                    for i in range(1, 3)
                ),
            ),
            nn.Sequential(
                Mbconv(112, 6, 5, 2, 192, drop=0.2 * 11 / 16),
                *(
                    Mbconv(192, 6, 5, 1, 192, drop=0.2 * (i + 11) / 16)
                    for i in range(1, 4)
                ),
            ),
            nn.Sequential(Mbconv(192, 6, 3, 1, 320, drop=0.2 * 15 / 16)),
            ConvBn(320, 1280),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.uniform_(module.weight, -0.0316, 0.0316)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image).mean(dim=(2, 3))
        return self.classifier(x)


def efficientnet_b0(classes: int = 1000) -> EfficientNet:
    """EfficientNet-B0 with fresh weights."""
    return EfficientNet(classes)


if __name__ == "__main__":
    model = efficientnet_b0().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
