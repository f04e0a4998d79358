"""reuse_in_loops: layers that are used again in loops, under conditions,
and in scopes around nothing else.

Input    image    (N, 3, 8, 8)
Output   output   (N, 3, 8, 8)
Size     480 parameters, 128.4 K MACs a sample

Written by graphcnn 0.1.0 from reuse_in_loops.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = [
    "Pairs",
    "Pairs2",
    "Pairs3",
    "Refine",
    "Refine2",
    "Refine3",
    "ReuseInLoops",
    "Scopes",
    "Twice",
    "Unit",
    "reuse_in_loops",
]


class Unit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 3, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.c(x))


class Twice(nn.Module):
    __constants__ = ("again",)

    def __init__(self, again: bool = False) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 3, 1)
        self.again = again

    def forward(self, x: Tensor) -> Tensor:
        c = self.c(x)
        x = c
        if self.again:
            x = self.c(c)
        return x


class Refine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Conv2d(3, 3, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.step(x))
        x = self.relu(self.step(x))
        x = self.step(x)
        x = self.step(x)
        x = self.step(x)
        return self.step(x)


class Refine2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Conv2d(3, 3, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.step(x))
        x = self.relu(self.step(x))
        x = self.relu(self.step(x))
        x = self.step(x)
        x = self.step(x)
        x = self.step(x)
        x = self.step(x)
        return self.step(x)


class Refine3(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Conv2d(3, 3, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.step(x))
        x = self.relu(self.step(x))
        x = self.step(x)
        x = self.step(x)
        return self.step(x)


class Scopes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(inplace=True))
        self.c = nn.Conv2d(3, 3, 1)
        self.tanh = nn.Tanh()
        self.inner = Twice(again=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x = self.tanh(self.c(x))
        x = self.c(x)
        return self.inner(x)


class Pairs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.u0 = Unit()
        self.tanh = nn.Tanh()
        self.u1 = Unit()
        self.last = Unit()

    def forward(self, x: Tensor) -> Tensor:
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u1(x))
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u1(x))
        x = self.tanh(self.last(x))
        return self.last(x)


class Pairs2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.u0 = Unit()
        self.tanh = nn.Tanh()
        self.u1 = Unit()
        self.u2 = Unit()
        self.last = Unit()

    def forward(self, x: Tensor) -> Tensor:
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u1(x))
        x = self.tanh(self.u2(x))
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u1(x))
        x = self.tanh(self.u2(x))
        x = self.tanh(self.last(x))
        return self.last(x)


class Pairs3(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.u0 = Unit()
        self.tanh = nn.Tanh()
        self.u1 = Unit()

    def forward(self, x: Tensor) -> Tensor:
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u1(x))
        x = self.tanh(self.u0(x))
        return self.tanh(self.tanh(self.u1(x)))


class ReuseInLoops(nn.Module):
    """Layers that are used again in loops, under conditions,
    and in scopes around nothing else.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c0 = nn.Conv2d(3, 3, 1)
        self.relu = nn.ReLU(inplace=True)
        self.c1 = nn.Conv2d(3, 3, 1)
        self.c2 = nn.Conv2d(3, 3, 1)
        self.u0 = Unit()
        self.tanh = nn.Tanh()
        self.u1 = Unit()
        self.twice1 = Twice()
        self.twice2 = Twice(again=True)
        self.refine1 = Refine()
        self.refine2 = Refine2()
        self.refine3 = Refine3()
        self.s = Scopes()
        self.pairs1 = Pairs()
        self.pairs2 = Pairs2()
        self.pairs3 = Pairs3()

    def forward(self, image: Tensor) -> Tensor:
        x = self.relu(self.c0(image))  # 3 x 8 x 8
        x = self.relu(self.c1(x))
        x = self.relu(self.c2(x))
        x = self.relu(self.c0(x))
        x = self.relu(self.c1(x))
        x = self.relu(self.c2(x))
        x = self.c1(x)
        x = self.c1(x)
        x = self.c1(x)
        x = self.tanh(self.u0(x))
        x = self.u0(x)
        x = self.tanh(self.u1(x))
        x = self.u1(x)
        x = self.tanh(self.u1(x))
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u0(x))
        x = self.tanh(self.u0(x))
        x = self.tanh(self.c0(x))
        u0 = self.u0(x)
        x = self.tanh(u0)
        x = self.u0(x) + self.c2(u0)
        x = self.twice1(x)
        x = self.twice2(x)
        x = self.refine1(x)
        x = self.refine2(x)
        x = self.refine3(x)
        x = self.s(x)
        x = self.s(x)
        x = self.pairs1(x)
        x = self.pairs2(x)
        return self.pairs3(x)


def reuse_in_loops() -> ReuseInLoops:
    """reuse_in_loops with fresh weights."""
    return ReuseInLoops()


if __name__ == "__main__":
    model = reuse_in_loops().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 8, 8))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
