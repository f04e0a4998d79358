"""Layers of an author's own, which specs of these tests declare and emitted files import."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """Scales each channel by a trained value."""

    def __init__(self, channels: int, power: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.power = power

    def forward(self, x: Tensor) -> Tensor:
        return (x.movedim(1, -1) * self.weight.abs() ** self.power).movedim(-1, 1)


class Mix(nn.Module):
    """A weighted sum of two values."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.share * a + (1 - self.share) * b


class Halves(nn.Module):
    """The two halves of the channels."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        a, b = x.chunk(2, dim=1)
        return a, b


class Cell(nn.Module):
    """Called as an author's block may be, too."""

    def __init__(self, factor: float = 3.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x
