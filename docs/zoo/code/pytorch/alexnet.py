"""AlexNet: ImageNet classification with deep convolutional networks
(Krizhevsky et al., 2012).

https://doi.org/10.1145/3065386

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     61,100,840 parameters, 714.2 M MACs a sample

Written by graphcnn 0.1.0 from alexnet.yaml (alexnet).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["AlexNet", "alexnet"]


class AlexNet(nn.Module):
    """ImageNet classification with deep convolutional networks."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        self.adaptive_avg_pool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(9216, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, classes),
        )

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)  # 256 x 6 x 6
        x = self.adaptive_avg_pool(x).flatten(1)
        return self.classifier(x)


def alexnet(classes: int = 1000) -> AlexNet:
    """AlexNet with fresh weights."""
    return AlexNet(classes)


if __name__ == "__main__":
    model = alexnet().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
