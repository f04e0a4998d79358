"""rcnn_box_head: what Faster, Mask and Keypoint R-CNN make of a region
(He et al., 2017).

https://arxiv.org/abs/1703.06870

Input    region   (N, 256, 7, 7)
Output   scores   (N, 91)
Output   deltas   (N, 364)
Size     14,362,055 parameters, 14.36 M MACs a sample

Written by graphcnn 0.1.0 from rcnn_heads.yaml (rcnn_box_head).
It needs PyTorch and nothing else.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["BoxPredictor", "Boxes", "RCNNHeads", "rcnn_box_head"]


class BoxPredictor(nn.Module):
    """Both outputs of the features of a region."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_score = nn.Linear(1024, 91)
        self.bbox_pred = nn.Linear(1024, 364)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.cls_score(x), self.bbox_pred(x)


class Boxes(nn.Module):
    """A score for each class, and for each how the box differs."""

    def __init__(self) -> None:
        super().__init__()
        self.box_head = nn.Sequential(
            OrderedDict(
                [
                    ("fc6", nn.Linear(12544, 1024)),
                    ("relu1", nn.ReLU(inplace=True)),
                    ("fc7", nn.Linear(1024, 1024)),
                    ("relu2", nn.ReLU(inplace=True)),
                ]
            )
        )
        self.box_predictor = BoxPredictor()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.flatten(1)
        x = self.box_head(x)
        return self.box_predictor(x)


class RCNNHeads(nn.Module):
    """What Faster, Mask and Keypoint R-CNN make of a region."""

    def __init__(self) -> None:
        super().__init__()
        self.roi_heads = Boxes()

    def forward(self, region: Tensor) -> dict[str, Tensor]:
        scores, deltas = self.roi_heads(region)
        return {"scores": scores, "deltas": deltas}


def rcnn_box_head() -> RCNNHeads:
    """rcnn_box_head with fresh weights."""
    return RCNNHeads()


if __name__ == "__main__":
    model = rcnn_box_head().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 256, 7, 7))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
