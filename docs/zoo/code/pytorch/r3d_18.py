"""r3d_18: a closer look at spatiotemporal convolutions for action recognition
(Tran et al., 2017).

https://arxiv.org/abs/1711.11248

Input    video    (N, 3, 16, 112, 112)
Output   logits   (N, 400)
Size     33,371,472 parameters, 9,600 buffers, 40.70 G MACs a sample

Written by graphcnn 0.1.0 from resnet_video.yaml (r3d_18).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["BasicBlock", "VideoResNet", "r3d_18"]


class BasicBlock(nn.Module):
    """Two convolutions of 3x3 cells in one or three frames,
    added to the input or its projection.
    """

    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv3d(in_channels, planes, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm3d(planes),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(
            nn.Conv3d(planes, planes, 3, padding=1, bias=False), nn.BatchNorm3d(planes)
        )
        self.downsample: nn.Module = nn.Identity()
        if in_channels != planes:
            self.downsample = nn.Sequential(
                nn.Conv3d(in_channels, planes, 1, stride=stride, bias=False),
                nn.BatchNorm3d(planes),
            )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        return self.relu(self.conv2(y) + self.downsample(x))


class VideoResNet(nn.Module):
    """A closer look at spatiotemporal convolutions for action recognition."""

    def __init__(self, classes: int = 400) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(
                3, 64, (3, 7, 7), stride=(1, 2, 2), padding=(1, 3, 3), bias=False
            ),
            nn.BatchNorm3d(64),
            nn.ReLU(inplace=True),
        )
        self.layer1 = nn.Sequential(*(BasicBlock(64, 64) for _ in range(2)))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, stride=2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(
            BasicBlock(128, 256, stride=2), BasicBlock(256, 256)
        )
        self.layer4 = nn.Sequential(
            BasicBlock(256, 512, stride=2), BasicBlock(512, 512)
        )
        self.fc = nn.Linear(512, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, video: Tensor) -> Tensor:
        x = self.stem(video)  # 64 x 16 x 56 x 56
        x = self.layer1(x)
        x = self.layer2(x)  # 128 x 8 x 28 x 28
        x = self.layer3(x)  # 256 x 4 x 14 x 14
        x = self.layer4(x).mean(dim=(2, 3, 4))
        return self.fc(x)


def r3d_18(classes: int = 400) -> VideoResNet:
    """r3d_18 with fresh weights."""
    return VideoResNet(classes)


if __name__ == "__main__":
    model = r3d_18().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 16, 112, 112))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
