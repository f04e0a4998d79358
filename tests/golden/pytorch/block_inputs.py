"""block_inputs: blocks of several inputs and outputs.

Input    image    (N, 3, 10, 10)
Output   output   (N, 18, 10, 10)
Size     1,096 parameters, 106.0 K MACs a sample

Written by graphcnn 0.1.0 from block_inputs.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["BlockInputs", "Cell", "block_inputs"]


class Cell(nn.Module):
    def __init__(self, cur_channels: int, before_channels: int, width: int) -> None:
        super().__init__()
        self.left = nn.Conv2d(cur_channels, width, 1)
        self.right = nn.Conv2d(before_channels, width, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, cur: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        right = self.right(before)
        x = self.relu(self.left(cur) + right)
        return x, right


class BlockInputs(nn.Module):
    """Blocks of several inputs and outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.c0 = nn.Conv2d(3, 4, 3, padding=1)
        self.c1 = nn.Conv2d(4, 6, 3, padding=1)
        self.cell1 = Cell(6, 4, 8)
        self.cell2 = Cell(8, 8, 5)

    def forward(self, image: Tensor) -> Tensor:
        c0 = self.c0(image)  # 4 x 10 x 10
        x = self.c1(c0)  # 6 x 10 x 10
        main, skip = self.cell1(x, c0)
        main, cell2_skip = self.cell2(main, skip)
        return torch.cat([main, cell2_skip, skip], dim=1)


def block_inputs() -> BlockInputs:
    """block_inputs with fresh weights."""
    return BlockInputs()


if __name__ == "__main__":
    model = block_inputs().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 10, 10))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
