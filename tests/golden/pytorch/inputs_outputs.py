"""inputs_outputs

Input    image      (N, 3, 8, 8)
Input    depth      (N, 1, 8, 8)
Input    scale      (N, 5)
Output   features   (N, 6, 8, 8)
Output   gated      (N, 6, 4, 4)
Output   gate       (N, 6)
Output   same       (N, 6, 4, 4)
Output   raw        (N, 3, 8, 8)
Size     258 parameters, 13.85 K MACs a sample

Written by graphcnn 0.1.0 from inputs_outputs.yaml.
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["InputsOutputs", "inputs_outputs"]


class InputsOutputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(2)
        self.gate = nn.Linear(5, 6)

    def forward(self, image: Tensor, depth: Tensor, scale: Tensor) -> dict[str, Tensor]:
        x = torch.cat([image, depth], dim=1)  # 4 x 8 x 8
        features = self.relu(self.conv1(x))  # 6 x 8 x 8
        pooled = self.maxpool(features)  # 6 x 4 x 4
        gate = self.gate(scale)
        gated = pooled * gate.reshape(gate.size(0), 6, 1, 1)
        return {
            "features": features,
            "gated": gated,
            "gate": gate,
            "same": gated,
            "raw": image,
        }


def inputs_outputs() -> InputsOutputs:
    """inputs_outputs with fresh weights."""
    return InputsOutputs()


if __name__ == "__main__":
    model = inputs_outputs().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8), torch.zeros(1, 5))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
