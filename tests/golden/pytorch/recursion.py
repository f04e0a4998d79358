"""recursion: a fractal, which uses itself.

Input    image    (N, 4, 6, 6)
Output   output   (N, 4, 6, 6)
Size     1,116 parameters, 38.59 K MACs a sample

Written by graphcnn 0.1.0 from recursion.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["Fractal", "Recursion", "recursion"]


class Fractal(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.near = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1))
        layers: list[nn.Module] = []
        if depth <= 1:
            layers.append(nn.Conv2d(4, 4, 1))
        else:
            layers += [Fractal(depth - 1), Fractal(depth - 1)]
        self.far = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return (self.near(x) + self.far(x)) / 2


class Recursion(nn.Module):
    """A fractal, which uses itself."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = Fractal(3)

    def forward(self, image: Tensor) -> Tensor:
        return self.tree(image)


def recursion() -> Recursion:
    """recursion with fresh weights."""
    return Recursion()


if __name__ == "__main__":
    model = recursion().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 4, 6, 6))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
