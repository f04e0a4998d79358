"""Inception V3: rethinking the Inception architecture for computer vision
(Szegedy et al., 2015).

https://arxiv.org/abs/1512.00567

Input    image    (N, 3, 299, 299)
Output   logits   (N, 1000)
Output   aux      (N, 1000)   in training mode
Size     27,161,264 parameters, 36,224 buffers, 5.713 G MACs a sample

Written by graphcnn 0.1.0 from inception_v3.yaml (inception_v3).
It needs PyTorch and nothing else.
"""

import torch
from torch import Tensor, nn

__all__ = [
    "AuxHead",
    "ConvBn",
    "InceptionA",
    "InceptionB",
    "InceptionC",
    "InceptionV3",
    "ReductionA",
    "ReductionB",
    "inception_v3",
]


class ConvBn(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int | tuple[int, int] = 1,
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out, kernel, stride=stride, padding=padding, bias=False
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class InceptionA(nn.Module):
    """Figure 5, a 5x5 convolution as two of 3x3; one of 5x5 is left."""

    def __init__(self, in_channels: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBn(in_channels, 64)
        self.branch5x5_1 = ConvBn(in_channels, 48)
        self.branch5x5_2 = ConvBn(48, 64, kernel=5, padding=2)
        self.branch3x3dbl_1 = ConvBn(in_channels, 64)
        self.branch3x3dbl_2 = ConvBn(64, 96, kernel=3, padding=1)
        self.branch3x3dbl_3 = ConvBn(96, 96, kernel=3, padding=1)
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = ConvBn(in_channels, pool)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        y = self.branch5x5_1(x)
        branch5x5_2 = self.branch5x5_2(y)
        y = self.branch3x3dbl_1(x)
        y = self.branch3x3dbl_2(y)
        branch3x3dbl_3 = self.branch3x3dbl_3(y)
        x = self.avgpool(x)
        return torch.cat(
            [branch1x1, branch5x5_2, branch3x3dbl_3, self.branch_pool(x)], dim=1
        )


class ReductionA(nn.Module):
    """Figure 10, half of the resolution without a bottleneck."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3 = ConvBn(288, 384, kernel=3, stride=2)
        self.branch3x3dbl_1 = ConvBn(288, 64)
        self.branch3x3dbl_2 = ConvBn(64, 96, kernel=3, padding=1)
        self.branch3x3dbl_3 = ConvBn(96, 96, kernel=3, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        branch3x3 = self.branch3x3(x)
        y = self.branch3x3dbl_1(x)
        y = self.branch3x3dbl_2(y)
        return torch.cat([branch3x3, self.branch3x3dbl_3(y), self.maxpool(x)], dim=1)


class InceptionB(nn.Module):
    """Figure 6, a 7x7 convolution as one of 1x7 and one of 7x1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBn(768, 192)
        self.branch7x7_1 = ConvBn(768, width)
        self.branch7x7_2 = ConvBn(width, width, kernel=(1, 7), padding=(0, 3))
        self.branch7x7_3 = ConvBn(width, 192, kernel=(7, 1), padding=(3, 0))
        self.branch7x7dbl_1 = ConvBn(768, width)
        self.branch7x7dbl_2 = ConvBn(width, width, kernel=(7, 1), padding=(3, 0))
        self.branch7x7dbl_3 = ConvBn(width, width, kernel=(1, 7), padding=(0, 3))
        self.branch7x7dbl_4 = ConvBn(width, width, kernel=(7, 1), padding=(3, 0))
        self.branch7x7dbl_5 = ConvBn(width, 192, kernel=(1, 7), padding=(0, 3))
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = ConvBn(768, 192)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        y = self.branch7x7_1(x)
        y = self.branch7x7_2(y)
        branch7x7_3 = self.branch7x7_3(y)
        y = self.branch7x7dbl_1(x)
        y = self.branch7x7dbl_2(y)
        y = self.branch7x7dbl_3(y)
        y = self.branch7x7dbl_4(y)
        branch7x7dbl_5 = self.branch7x7dbl_5(y)
        x = self.avgpool(x)
        return torch.cat(
            [branch1x1, branch7x7_3, branch7x7dbl_5, self.branch_pool(x)], dim=1
        )


class ReductionB(nn.Module):
    """The same for what 7x7 convolutions have seen."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_1 = ConvBn(768, 192)
        self.branch3x3_2 = ConvBn(192, 320, kernel=3, stride=2)
        self.branch7x7x3_1 = ConvBn(768, 192)
        self.branch7x7x3_2 = ConvBn(192, 192, kernel=(1, 7), padding=(0, 3))
        self.branch7x7x3_3 = ConvBn(192, 192, kernel=(7, 1), padding=(3, 0))
        self.branch7x7x3_4 = ConvBn(192, 192, kernel=3, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch3x3_1(x)
        branch3x3_2 = self.branch3x3_2(y)
        y = self.branch7x7x3_1(x)
        y = self.branch7x7x3_2(y)
        y = self.branch7x7x3_3(y)
        return torch.cat([branch3x3_2, self.branch7x7x3_4(y), self.maxpool(x)], dim=1)


class InceptionC(nn.Module):
    """Figure 7, many channels on the coarsest grid; 1x3 and 3x1 stand side by side."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBn(in_channels, 320)
        self.branch3x3_1 = ConvBn(in_channels, 384)
        self.branch3x3_2a = ConvBn(384, 384, kernel=(1, 3), padding=(0, 1))
        self.branch3x3_2b = ConvBn(384, 384, kernel=(3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = ConvBn(in_channels, 448)
        self.branch3x3dbl_2 = ConvBn(448, 384, kernel=3, padding=1)
        self.branch3x3dbl_3a = ConvBn(384, 384, kernel=(1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = ConvBn(384, 384, kernel=(3, 1), padding=(1, 0))
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = ConvBn(in_channels, 192)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        branch3x3_1 = self.branch3x3_1(x)
        y = torch.cat(
            [self.branch3x3_2a(branch3x3_1), self.branch3x3_2b(branch3x3_1)], dim=1
        )
        z = self.branch3x3dbl_1(x)
        branch3x3dbl_2 = self.branch3x3dbl_2(z)
        z = torch.cat(
            [
                self.branch3x3dbl_3a(branch3x3dbl_2),
                self.branch3x3dbl_3b(branch3x3dbl_2),
            ],
            dim=1,
        )
        x = self.avgpool(x)
        return torch.cat([branch1x1, y, z, self.branch_pool(x)], dim=1)


class AuxHead(nn.Module):
    """A classifier on the 17 x 17 grid, which serves as a regulariser."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.avgpool = nn.AvgPool2d(5, stride=3)
        self.conv0 = ConvBn(768, 128)
        self.conv1 = ConvBn(128, 768, kernel=5)
        self.fc = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(x)
        x = self.conv0(x)
        x = self.conv1(x).mean(dim=(2, 3))
        return self.fc(x)


class InceptionV3(nn.Module):
    """Rethinking the Inception architecture for computer vision."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = ConvBn(3, 32, kernel=3, stride=2)
        self.Conv2d_2a_3x3 = ConvBn(32, 32, kernel=3)
        self.Conv2d_2b_3x3 = ConvBn(32, 64, kernel=3, padding=1)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.Conv2d_3b_1x1 = ConvBn(64, 80)
        self.Conv2d_4a_3x3 = ConvBn(80, 192, kernel=3)
        self.Mixed_5b = InceptionA(192, 32)
        self.Mixed_5c = InceptionA(256, 64)
        self.Mixed_5d = InceptionA(288, 64)
        self.Mixed_6a = ReductionA()
        self.Mixed_6b = InceptionB(128)
        self.Mixed_6c = InceptionB(160)
        self.Mixed_6d = InceptionB(160)
        self.Mixed_6e = InceptionB(192)
        self.Mixed_7a = ReductionB()
        self.Mixed_7b = InceptionC(1280)
        self.Mixed_7c = InceptionC(2048)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(2048, classes)
        self.AuxLogits = AuxHead(classes)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.normal_(module.weight, std=0.1)
        nn.init.normal_(self.get_parameter("AuxLogits.fc.weight"), std=0.001)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        outputs: dict[str, Tensor] = {}
        x = self.Conv2d_1a_3x3(image)  # 32 x 149 x 149
        x = self.Conv2d_2a_3x3(x)  # 32 x 147 x 147
        x = self.Conv2d_2b_3x3(x)  # 64 x 147 x 147
        x = self.maxpool(x)  # 64 x 73 x 73
        x = self.Conv2d_3b_1x1(x)  # 80 x 73 x 73
        x = self.Conv2d_4a_3x3(x)  # 192 x 71 x 71
        x = self.maxpool(x)  # 192 x 35 x 35
        x = self.Mixed_5b(x)  # 256 x 35 x 35
        x = self.Mixed_5c(x)  # 288 x 35 x 35
        x = self.Mixed_5d(x)
        x = self.Mixed_6a(x)  # 768 x 17 x 17
        x = self.Mixed_6b(x)
        x = self.Mixed_6c(x)
        x = self.Mixed_6d(x)
        mixed_6e = self.Mixed_6e(x)
        x = self.Mixed_7a(mixed_6e)  # 1280 x 8 x 8
        x = self.Mixed_7b(x)  # 2048 x 8 x 8
        x = self.Mixed_7c(x)
        x = self.dropout(self.avgpool(x)).flatten(1)
        outputs["logits"] = self.fc(x)
        if self.training:
            outputs["aux"] = self.AuxLogits(mixed_6e)
        return outputs


def inception_v3(classes: int = 1000) -> InceptionV3:
    """Inception V3 with fresh weights."""
    return InceptionV3(classes)


if __name__ == "__main__":
    model = inception_v3().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 299, 299))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
