"""GoogLeNet: going deeper with convolutions (Szegedy et al., 2014).

https://arxiv.org/abs/1409.4842

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Output   aux1     (N, 1000)   in training mode
Output   aux2     (N, 1000)   in training mode
Size     13,004,888 parameters, 15,072 buffers, 1.498 G MACs a sample

Written by graphcnn 0.1.0 from googlenet.yaml (googlenet).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = ["AuxHead", "BasicConv", "GoogLeNet", "Inception", "googlenet"]


class BasicConv(nn.Module):
    """Convolution, batch norm (not in the paper), ReLU."""

    def __init__(
        self, in_channels: int, out: int, kernel: int = 1, stride: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Four views of the same input, joined along the channels."""

    def __init__(
        self, in_channels: int, c1: int, r3: int, c3: int, r5: int, c5: int, pool: int
    ) -> None:
        super().__init__()
        self.branch1 = BasicConv(in_channels, c1)
        self.branch2 = nn.Sequential(
            BasicConv(in_channels, r3), BasicConv(r3, c3, kernel=3)
        )
        self.branch3 = nn.Sequential(
            BasicConv(in_channels, r5), BasicConv(r5, c5, kernel=3)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), BasicConv(in_channels, pool)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(
            [self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1
        )


class AuxHead(nn.Module):
    """A classifier halfway up, which lets the gradient in."""

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.adaptive_avg_pool = nn.AdaptiveAvgPool2d(4)
        self.conv = BasicConv(in_channels, 128)
        self.fc1 = nn.Linear(2048, 1024)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.adaptive_avg_pool(x)
        x = self.conv(x).flatten(1)
        x = self.dropout(self.relu(self.fc1(x)))
        return self.fc2(x)


class GoogLeNet(nn.Module):
    """Going deeper with convolutions."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = BasicConv(3, 64, kernel=7, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv(64, 64)
        self.conv3 = BasicConv(64, 192, kernel=3)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool2 = nn.MaxPool2d(2, ceil_mode=True)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1024, classes)
        self.aux1 = AuxHead(512, classes)
        self.aux2 = AuxHead(528, classes)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.normal_(module.weight, std=0.01)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        outputs: dict[str, Tensor] = {}
        x = self.conv1(image)  # 64 x 112 x 112
        x = self.maxpool(x)  # 64 x 56 x 56
        x = self.conv2(x)
        x = self.conv3(x)  # 192 x 56 x 56
        x = self.maxpool(x)  # 192 x 28 x 28
        x = self.inception3a(x)  # 256 x 28 x 28
        x = self.inception3b(x)  # 480 x 28 x 28
        x = self.maxpool(x)  # 480 x 14 x 14
        inception4a = self.inception4a(x)  # 512 x 14 x 14
        x = self.inception4b(inception4a)
        x = self.inception4c(x)
        inception4d = self.inception4d(x)  # 528 x 14 x 14
        x = self.inception4e(inception4d)  # 832 x 14 x 14
        x = self.maxpool2(x)  # 832 x 7 x 7
        x = self.inception5a(x)
        x = self.dropout(self.inception5b(x).mean(dim=(2, 3)))
        outputs["logits"] = self.fc(x)
        if self.training:
            outputs["aux1"] = self.aux1(inception4a)
            outputs["aux2"] = self.aux2(inception4d)
        return outputs


def googlenet(classes: int = 1000) -> GoogLeNet:
    """GoogLeNet with fresh weights."""
    return GoogLeNet(classes)


if __name__ == "__main__":
    model = googlenet().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
