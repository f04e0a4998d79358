"""LeNet-5: gradient-based learning applied to document recognition
(LeCun et al., 1998).

https://doi.org/10.1109/5.726791

Input    image    (N, 1, 32, 32)
Output   logits   (N, 10)
Size     61,706 parameters, 416.5 K MACs a sample

Written by graphcnn 0.1.0 from lenet.yaml (lenet5).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["LeNet", "lenet5"]


class LeNet(nn.Module):
    """Gradient-based learning applied to document recognition."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.tanh = nn.Tanh()
        self.avgpool = nn.AvgPool2d(2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.c5 = nn.Linear(400, 120)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, classes)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.xavier_uniform_(module.weight)

    def forward(self, image: Tensor) -> Tensor:
        x = self.tanh(self.c1(image))  # 6 x 28 x 28
        x = self.avgpool(x)  # 6 x 14 x 14
        x = self.tanh(self.c3(x))  # 16 x 10 x 10
        x = self.avgpool(x).flatten(1)
        x = self.tanh(self.c5(x))
        x = self.tanh(self.f6(x))
        return self.output(x)


def lenet5(classes: int = 10) -> LeNet:
    """LeNet-5 with fresh weights."""
    return LeNet(classes)


if __name__ == "__main__":
    model = lenet5().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 1, 32, 32))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
