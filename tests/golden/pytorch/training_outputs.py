"""training_outputs

Input    image    (N, 3, 8, 8)
Output   aux      (N, 3)   in training mode
Output   logits   (N, 5)
Output   low      (N, 4, 8, 8)   in training mode
Size     368 parameters, 8 buffers, 7.464 K MACs a sample

Written by graphcnn 0.1.0 from training_outputs.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["Head", "TrainingOutputs", "training_outputs"]


class Head(nn.Module):
    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(in_channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = x.mean(dim=(2, 3))
        return self.fc(x)


class TrainingOutputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.aux_norm = nn.BatchNorm2d(4)
        self.aux = Head(4, 3)
        self.maxpool = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(4, 8, 1)
        self.main = Head(8, 5)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        outputs: dict[str, Tensor] = {}
        low = self.relu(self.conv1(image))  # 4 x 8 x 8
        if self.training:
            outputs["low"] = low
            aux_norm = self.aux_norm(self.conv2(low))
            outputs["aux"] = self.aux(aux_norm)
        x = self.maxpool(low)  # 4 x 4 x 4
        x = self.conv3(x)  # 8 x 4 x 4
        outputs["logits"] = self.main(x)
        return outputs


def training_outputs() -> TrainingOutputs:
    """training_outputs with fresh weights."""
    return TrainingOutputs()


if __name__ == "__main__":
    model = training_outputs().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 8, 8))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
