"""CapsNet: dynamic routing between capsules (Sabour et al., 2017).

https://arxiv.org/abs/1710.09829

Input    image            (N, 1, 28, 28)
Input    target           (N, 10)
Output   probabilities    (N, 10)
Output   reconstruction   (N, 1, 28, 28)
Size     8,215,568 parameters, 202.3 M MACs a sample

Written by graphcnn 0.1.0 from capsnet.yaml (capsnet).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Agreement",
    "CapsNet",
    "Length",
    "PrimaryCapsules",
    "Routed",
    "Squash",
    "Votes",
    "capsnet",
]


class Length(nn.Module):
    """The length of each vector."""

    def forward(self, x: Tensor) -> Tensor:
        return (F.normalize(x, dim=2) * x).sum(dim=2, keepdim=True)


class Squash(nn.Module):
    """Keeps the direction of vectors,
    and makes their length n that of n² / (1 + n²).
    """

    def __init__(self) -> None:
        super().__init__()
        self.length = Length()

    def forward(self, x: Tensor) -> Tensor:
        direction = F.normalize(F.pad(x, (0, 1), value=1.0), dim=2)[:, :, :-1]
        return direction * self.length(direction)


class PrimaryCapsules(nn.Module):
    """A convolution, whose channels at each place are cut into capsules."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(256, 256, 9, stride=2)
        self.squash = Squash()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = x.reshape(x.size(0), 32, 8, 36).permute(0, 1, 3, 2)
        x = x.reshape(x.size(0), 1152, 8)
        return self.squash(x)


class Votes(nn.Module):
    """What each capsule predicts of each digit."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1152, 160, 8) * 0.1)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.expand(x.size(0), -1, -1, -1)
        x = x.reshape(x.size(0), 1152, 8, 1)
        x = weight @ x
        return x.reshape(x.size(0), 1152, 10, 16)


class Agreement(nn.Module):
    """The product of each vote with the digit that it is for."""

    def forward(self, votes: Tensor, digits: Tensor) -> Tensor:
        return (votes * digits.reshape(digits.size(0), 1, 10, 16)).sum(dim=3)


class Routed(nn.Module):
    """The digits, if votes count as their logits say."""

    def __init__(self) -> None:
        super().__init__()
        self.softmax = nn.Softmax(dim=2)
        self.squash = Squash()

    def forward(self, votes: Tensor, logits: Tensor) -> Tensor:
        x = self.softmax(logits)
        x = (votes * x.reshape(x.size(0), 1152, 10, 1)).sum(dim=1)
        return self.squash(x)


class CapsNet(nn.Module):
    """Dynamic routing between capsules."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 256, 9)
        self.relu = nn.ReLU(inplace=True)
        self.primary_capsules = PrimaryCapsules()
        self.votes = Votes()
        self.digits0 = Squash()
        self.agreement1 = Agreement()
        self.digits1 = Routed()
        self.agreement2 = Agreement()
        self.digits2 = Routed()
        self.lengths = Length()
        self.decoder = nn.Sequential(
            nn.Linear(160, 512),
            nn.ReLU(inplace=True),
            nn.Linear(512, 1024),
            nn.ReLU(inplace=True),
            nn.Linear(1024, 784),
            nn.Sigmoid(),
        )

    def forward(self, image: Tensor, target: Tensor) -> dict[str, Tensor]:
        x = self.relu(self.conv1(image))  # 256 x 20 x 20
        x = self.primary_capsules(x)  # 1152 x 8
        votes = self.votes(x)  # 1152 x 10 x 16
        x = votes.sum(dim=1) * 0.1  # 10 x 16
        x = self.digits0(x)
        agreement1 = self.agreement1(votes, x)  # 1152 x 10
        x = self.digits1(votes, agreement1)  # 10 x 16
        x = self.agreement2(votes, x) + agreement1  # 1152 x 10
        digits2 = self.digits2(votes, x)  # 10 x 16
        probabilities = self.lengths(digits2).flatten(1)
        x = (digits2 * target.reshape(target.size(0), 10, 1)).flatten(1)
        x = self.decoder(x)
        return {
            "probabilities": probabilities,
            "reconstruction": x.reshape(x.size(0), 1, 28, 28),
        }


def capsnet() -> CapsNet:
    """CapsNet with fresh weights."""
    return CapsNet()


if __name__ == "__main__":
    model = capsnet().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 1, 28, 28), torch.zeros(1, 10))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
