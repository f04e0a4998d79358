"""rcnn_resnet50_fpn: the trunk of Faster, Mask and Keypoint R-CNN
(Ren et al., 2015) on a feature pyramid.

https://arxiv.org/abs/1506.01497

Input    image     (N, 3, 800, 800)
Output   p2        (N, 256, 200, 200)
Output   p3        (N, 256, 100, 100)
Output   p4        (N, 256, 50, 50)
Output   p5        (N, 256, 25, 25)
Output   scores2   (N, 3, 200, 200)
Output   scores3   (N, 3, 100, 100)
Output   scores4   (N, 3, 50, 50)
Output   scores5   (N, 3, 25, 25)
Output   scores6   (N, 3, 13, 13)
Output   deltas2   (N, 12, 200, 200)
Output   deltas3   (N, 12, 100, 100)
Output   deltas4   (N, 12, 50, 50)
Output   deltas5   (N, 12, 25, 25)
Output   deltas6   (N, 12, 13, 13)
Size     27,393,231 parameters, 106,240 buffers, 120.0 G MACs a sample

Written by graphcnn 0.1.0 from rcnn.yaml (rcnn_resnet50_fpn).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "RCNN",
    "Backbone",
    "Bottleneck",
    "ConvolveEach",
    "Fpn",
    "Level",
    "Resnet50",
    "Rpn",
    "RpnHead",
    "rcnn_resnet50_fpn",
]


class FrozenBatchNorm(nn.Module):
    """Batch normalisation whose statistics, scale and shift training leaves alone."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(num_features) if scale else None)
        self.register_buffer("bias", torch.zeros(num_features) if shift else None)
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )


class Bottleneck(nn.Module):
    """Convolutions of 1x1, 3x3 and 1x1, added to the input or its projection."""

    def __init__(self, in_channels: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        out = 4 * planes
        self.conv1 = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.bn1 = FrozenBatchNorm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = FrozenBatchNorm(planes)
        self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
        self.bn3 = FrozenBatchNorm(out)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out, 1, stride=stride, bias=False),
                FrozenBatchNorm(out),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + self.downsample(x))


class Resnet50(nn.Module):
    """ResNet-50 without its classifier; what each stage makes comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenBatchNorm(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(2))
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2), *(Bottleneck(512, 128) for _ in range(3))
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2), *(Bottleneck(1024, 256) for _ in range(5))
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2), *(Bottleneck(2048, 512) for _ in range(2))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        layer1 = self.layer1(x)
        layer2 = self.layer2(layer1)
        layer3 = self.layer3(layer2)
        return layer1, layer2, layer3, self.layer4(layer3)


class Level(nn.Sequential):
    """That of one level."""

    def __init__(self, in_channels: int, kernel: int) -> None:
        super().__init__(nn.Conv2d(in_channels, 256, kernel, padding=kernel // 2))


class ConvolveEach(nn.ModuleList):
    """A convolution for each level, with weights of its own."""

    def __init__(
        self, b_channels: int, c_channels: int, d_channels: int, kernel: int
    ) -> None:
        super().__init__(
            [
                Level(256, kernel),
                Level(b_channels, kernel),
                Level(c_channels, kernel),
                Level(d_channels, kernel),
            ]
        )

    def forward(
        self, a: Tensor, b: Tensor, c: Tensor, d: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self[0](a), self[1](b), self[2](c), self[3](d)


class Fpn(nn.Module):
    """Brings what the coarse levels know down to the fine ones."""

    def __init__(self) -> None:
        super().__init__()
        self.inner_blocks = ConvolveEach(512, 1024, 2048, 1)
        self.layer_blocks = ConvolveEach(256, 256, 256, 3)
        self.maxpool = nn.MaxPool2d(1, stride=2)

    def forward(
        self, c2: Tensor, c3: Tensor, c4: Tensor, c5: Tensor
    ) -> tuple[Tensor, ...]:
        inner_blocks_0, inner_blocks_1, inner_blocks_2, inner_blocks_3 = (
            self.inner_blocks(c2, c3, c4, c5)
        )
        m4 = inner_blocks_2 + F.interpolate(inner_blocks_3, scale_factor=2.0)
        m3 = inner_blocks_1 + F.interpolate(m4, scale_factor=2.0)
        x = inner_blocks_0 + F.interpolate(m3, scale_factor=2.0)
        p2, p3, p4, p5 = self.layer_blocks(x, m3, m4, inner_blocks_3)
        return p2, p3, p4, p5, self.maxpool(p5)


class Backbone(nn.Module):
    """ResNet-50 and the pyramid."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Resnet50()
        self.fpn = Fpn()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        c2, c3, c4, c5 = self.body(x)
        return self.fpn(c2, c3, c4, c5)


class RpnHead(nn.Module):
    """For each anchor, whether an object is there, and how its box differs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True))
        )
        self.cls_logits = nn.Conv2d(256, 3, 1)
        self.bbox_pred = nn.Conv2d(256, 12, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        conv = self.conv(x)
        return self.cls_logits(conv), self.bbox_pred(conv)


class Rpn(nn.Module):
    """The same head on all levels."""

    def __init__(self) -> None:
        super().__init__()
        self.head = RpnHead()

    def forward(
        self, p2: Tensor, p3: Tensor, p4: Tensor, p5: Tensor, p6: Tensor
    ) -> tuple[Tensor, ...]:
        scores2, deltas2 = self.head(p2)
        scores3, deltas3 = self.head(p3)
        scores4, deltas4 = self.head(p4)
        scores5, deltas5 = self.head(p5)
        scores6, deltas6 = self.head(p6)
        return (
            scores2,
            scores3,
            scores4,
            scores5,
            scores6,
            deltas2,
            deltas3,
            deltas4,
            deltas5,
            deltas6,
        )


class RCNN(nn.Module):
    """The trunk of Faster, Mask and Keypoint R-CNN on a feature pyramid."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.rpn = Rpn()

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        p2, p3, p4, p5, p6 = self.backbone(image)
        (
            scores2,
            scores3,
            scores4,
            scores5,
            scores6,
            deltas2,
            deltas3,
            deltas4,
            deltas5,
            deltas6,
        ) = self.rpn(p2, p3, p4, p5, p6)
        return {
            "p2": p2,
            "p3": p3,
            "p4": p4,
            "p5": p5,
            "scores2": scores2,
            "scores3": scores3,
            "scores4": scores4,
            "scores5": scores5,
            "scores6": scores6,
            "deltas2": deltas2,
            "deltas3": deltas3,
            "deltas4": deltas4,
            "deltas5": deltas5,
            "deltas6": deltas6,
        }


def rcnn_resnet50_fpn() -> RCNN:
    """rcnn_resnet50_fpn with fresh weights."""
    return RCNN()


if __name__ == "__main__":
    model = rcnn_resnet50_fpn().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 800, 800))
    for name, output in outputs.items():
        print(f"{name:<16}{tuple(output.shape)}")
    print(f"{total:,} parameters")
