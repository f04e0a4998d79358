"""residual_skip: a shortcut that only some uses have.

Input    image    (N, 4, 10, 10)
Output   output   (N, 6, 5, 5)
Size     954 parameters, 37.60 K MACs a sample

Written by graphcnn 0.1.0 from residual_skip.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["Inverted", "Inverted2", "ResidualSkip", "residual_skip"]


class Inverted(nn.Module):
    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        hidden = 2 * in_channels
        self.conv1 = nn.Conv2d(in_channels, hidden, 1)
        self.conv2 = nn.Conv2d(
            hidden, hidden, 3, stride=stride, padding=1, groups=hidden
        )
        self.relu6 = nn.ReLU6(inplace=True)
        self.conv3 = nn.Conv2d(hidden, out, 1)
        self.use_skip = stride == 1 and in_channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        y = self.relu6(self.conv2(y))
        y = self.conv3(y)
        return x + y if self.use_skip else y


class Inverted2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.relu6 = nn.ReLU6(inplace=True)
        self.conv2 = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu6(self.conv1(x))
        return self.conv2(y) + x


class ResidualSkip(nn.Module):
    """A shortcut that only some uses have."""

    def __init__(self) -> None:
        super().__init__()
        self.inverted1 = Inverted(4, 4)
        self.inverted2 = Inverted2()
        self.inverted3 = Inverted(4, 6, stride=2)
        self.inverted4 = Inverted(6, 6)
        self.inverted5 = Inverted(6, 6)

    def forward(self, image: Tensor) -> Tensor:
        x = self.inverted1(image)  # 4 x 10 x 10
        x = self.inverted2(x)
        x = self.inverted3(x)  # 6 x 5 x 5
        x = self.inverted4(x)
        return self.inverted5(x)


def residual_skip() -> ResidualSkip:
    """residual_skip with fresh weights."""
    return ResidualSkip()


if __name__ == "__main__":
    model = residual_skip().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 4, 10, 10))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
