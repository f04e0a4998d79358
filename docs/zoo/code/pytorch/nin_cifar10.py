"""nin_cifar10: network in network (Lin et al., 2013).

https://arxiv.org/abs/1312.4400

Input    image    (N, 3, 32, 32)
Output   logits   (N, 10)
Size     966,986 parameters, 222.5 M MACs a sample

Written by graphcnn 0.1.0 from nin.yaml (nin_cifar10).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["Mlpconv", "NiN", "nin_cifar10"]


class Mlpconv(nn.Sequential):
    """A convolution whose filter is a small network;
    beyond its first layer it sees one place.
    """

    def __init__(
        self, in_channels: int, kernel: int, padding: int, widths: tuple[int, int, int]
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, widths[0], kernel, padding=padding),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[0], widths[1], 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[1], widths[2], 1),
            nn.ReLU(inplace=True),
        )


class NiN(nn.Module):
    """Network in network."""

    def __init__(self) -> None:
        super().__init__()
        self.mlpconv1 = Mlpconv(3, 5, 2, widths=(192, 160, 96))
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.dropout = nn.Dropout(0.5)
        self.mlpconv2 = Mlpconv(96, 5, 2, widths=(192, 192, 192))
        self.avgpool = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        self.mlpconv3 = Mlpconv(192, 3, 1, widths=(192, 192, 10))

    def forward(self, image: Tensor) -> Tensor:
        x = self.mlpconv1(image)  # 96 x 32 x 32
        x = self.dropout(self.maxpool(x))  # 96 x 16 x 16
        x = self.mlpconv2(x)  # 192 x 16 x 16
        x = self.dropout(self.avgpool(x))  # 192 x 8 x 8
        return self.mlpconv3(x).mean(dim=(2, 3))


def nin_cifar10() -> NiN:
    """nin_cifar10 with fresh weights."""
    return NiN()


if __name__ == "__main__":
    model = nin_cifar10().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 32, 32))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
