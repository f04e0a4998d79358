"""reserved_parameters: parameters that are called like what the code reads,
or like nothing that Python has.

Input    image    (N, 4, 8, 8)
Output   output   (N, 1, 8, 8)
Size     643 parameters, 35.39 K MACs a sample

Written by graphcnn 0.1.0 from reserved_parameters.yaml.
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Cell", "Outputs", "ReservedParameters", "reserved_parameters"]


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


class Outputs(nn.Sequential):
    def __init__(self, in_channels: int, width: int, float_: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, float_ + width, 1),
            nn.Conv2d(float_ + width, float_, 1),
            nn.Conv2d(float_, float_, 1),
        )


class Cell(nn.Module):
    def __init__(
        self,
        in_channels: int,
        nn_: int,
        torch_: float,
        F_: int = 3,
        hidden_: int = 2,
        i_: int = 1,
        len_: tuple[int, int] = (1, 2),
        max__: int = 1,
        max_: int = 2,
        self_: bool = True,
        super_: bool = False,
        DropPath_: float = 0.5,
    ) -> None:
        super().__init__()
        range_ = i_ + nn_
        int_ = max__ * max_
        str_ = len_[0] + max__
        self.conv1 = nn.Conv2d(in_channels, nn_, F_, padding=F_ // 2)
        self.dropout = nn.Dropout(torch_)
        self.layers = nn.Sequential(
            nn.Conv2d(nn_, range_, 1),
            *(nn.Conv2d(range_, range_, 1) for _ in range(i_ - 1)),
        )
        self.more = nn.Conv2d(range_, int_ + len_[1], 1) if self_ else nn.Identity()
        self.last = nn.ReLU(inplace=True) if super_ else nn.Identity()
        self.drop_path = DropPath(DropPath_)
        self.conv2 = nn.Conv2d(int_ + len_[1] if self_ else range_, str_, 1)
        self.outputs = Outputs(str_, max(nn_, 3), float_=hidden_)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(self.conv1(x))
        x = self.layers(x)
        x = self.drop_path(self.last(self.more(x)))
        x = self.conv2(x)
        return self.outputs(x)


class ReservedParameters(nn.Module):
    """Parameters that are called like what the code reads,
    or like nothing that Python has.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cell1 = Cell(4, 4, torch_=0.1)
        self.cell2 = Cell(
            2,
            5,
            torch_=0.2,
            F_=1,
            i_=2,
            len_=(3, 1),
            max__=3,
            max_=1,
            self_=False,
            super_=True,
            DropPath_=0.1,
        )
        self.cell3 = Cell(2, 2, torch_=0.3, hidden_=1, i_=3)

    def forward(self, image: Tensor) -> Tensor:
        x = self.cell1(image)  # 2 x 8 x 8
        x = self.cell2(x)
        return self.cell3(x)


def reserved_parameters() -> ReservedParameters:
    """reserved_parameters with fresh weights."""
    return ReservedParameters()


if __name__ == "__main__":
    model = reserved_parameters().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 4, 8, 8))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
