"""nasnet_mobile: learning transferable architectures for scalable image recognition
(Zoph et al., 2017).

https://arxiv.org/abs/1707.07012

Input    image    (N, 3, 224, 224)
Output   logits   (N, 1000)
Size     5,289,978 parameters, 36,738 buffers, 563.6 M MACs a sample

Written by graphcnn 0.1.0 from nasnet.yaml (nasnet_mobile).
It needs PyTorch and nothing else.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Fit",
    "FitAndHalve",
    "NASNet",
    "NormalCell",
    "ReductionCell",
    "Separable",
    "nasnet_mobile",
]


@torch.fx.wrap
def same_pads(
    x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]
) -> list[int]:
    """TensorFlow's `same` padding as F.pad takes it; an odd cell goes at the end."""
    pads: list[int] = []
    for axis in range(len(kernel) - 1, -1, -1):
        extent = dilation[axis] * (kernel[axis] - 1)
        total = max(extent - (x.size(axis + 2) - 1) % stride[axis], 0)
        pads += [total // 2, total - total // 2]
    return pads


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's `same`: its output is ceil(x / stride)."""

    def forward(self, x: Tensor) -> Tensor:
        pads = same_pads(
            x, list(self.kernel_size), list(self.stride), list(self.dilation)
        )
        return F.conv2d(
            F.pad(x, pads),
            self.weight,
            self.bias,
            self.stride,
            dilation=self.dilation,
            groups=self.groups,
        )


class SeparableConv(nn.Sequential):
    """A convolution of each channel by itself, then one that mixes the channels."""

    def __init__(self, depthwise: nn.Module, pointwise: nn.Module) -> None:
        super().__init__()
        self.depthwise = depthwise
        self.pointwise = pointwise


class FitAndHalve(nn.Module):
    """The same at half of the resolution; half of the channels see the even cells,
    half the odd.
    """

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.avgpool = nn.AvgPool2d(1, stride=2)
        self.conv1 = nn.Conv2d(in_channels, out // 2, 1, bias=False)
        self.conv2 = nn.Conv2d(in_channels, out // 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(2 * (out // 2), eps=0.001, momentum=0.0003)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        y = self.avgpool(x)
        y = self.conv1(y)
        x = F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        x = self.avgpool(x)
        return self.bn1(torch.cat([y, self.conv2(x)], dim=1))


class Fit(nn.Module):
    """Brings a value to as many channels as a cell works with."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, out, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out, eps=0.001, momentum=0.0003)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        return self.bn1(self.conv1(x))


class Separable(nn.Module):
    """Two separable convolutions, of which the first has the stride."""

    def __init__(
        self, in_channels: int, out: int, kernel: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.separable_conv1 = SeparableConv(
            SameConv2d(
                in_channels,
                in_channels,
                kernel,
                stride=stride,
                groups=in_channels,
                bias=False,
            ),
            nn.Conv2d(in_channels, out, 1, bias=False),
        )
        self.bn1 = nn.BatchNorm2d(out, eps=0.001, momentum=0.0003)
        self.separable_conv2 = SeparableConv(
            nn.Conv2d(out, out, kernel, padding="same", groups=out, bias=False),
            nn.Conv2d(out, out, 1, bias=False),
        )
        self.bn2 = nn.BatchNorm2d(out, eps=0.001, momentum=0.0003)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        x = self.relu(self.bn1(self.separable_conv1(x)))
        return self.bn2(self.separable_conv2(x))


class ReductionCell(nn.Module):
    """Figure 4, on the right."""

    def __init__(
        self,
        last_channels: int,
        before_channels: int,
        filters: int,
        padding: int | tuple[int, int, int, int],
        first: bool = False,
        fit_and_halve: bool = False,
    ) -> None:
        super().__init__()
        self.fitted: nn.Module = nn.Identity()
        if fit_and_halve:
            self.fitted = FitAndHalve(before_channels, filters)
        elif not first:
            self.fitted = Fit(before_channels, filters)
        self.h = Fit(last_channels, filters)
        self.pad = nn.ZeroPad2d(padding)
        self.left1 = Separable(filters, filters, 5, stride=2)
        self.right1 = Separable(
            (2 * (filters // 2) if fit_and_halve else filters)
            if not first
            else before_channels,
            filters,
            7,
            stride=2,
        )
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.right2 = Separable(
            (2 * (filters // 2) if fit_and_halve else filters)
            if not first
            else before_channels,
            filters,
            7,
            stride=2,
        )
        self.avgpool = nn.AvgPool2d(3, stride=2)
        self.right3 = Separable(
            (2 * (filters // 2) if fit_and_halve else filters)
            if not first
            else before_channels,
            filters,
            5,
            stride=2,
        )
        self.avgpool2 = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        self.left5 = Separable(filters, filters, 3)

    def forward(self, last: Tensor, before: Tensor) -> Tensor:
        fitted = self.fitted(before)
        h = self.h(last)
        padded = self.pad(h)
        sum1 = self.left1(h) + self.right1(fitted)
        left2 = self.maxpool(padded)
        sum2 = left2 + self.right2(fitted)
        sum3 = self.avgpool(padded) + self.right3(fitted)
        sum4 = self.avgpool2(sum1) + sum2
        x = self.left5(sum1) + left2
        return torch.cat([sum2, sum3, sum4, x], dim=1)


class NormalCell(nn.Module):
    """Figure 4, on the left."""

    def __init__(
        self,
        last_channels: int,
        before_channels: int,
        filters: int,
        fit_and_halve: bool = False,
    ) -> None:
        super().__init__()
        if fit_and_halve:
            self.p: nn.Module = FitAndHalve(before_channels, filters)
        else:
            self.p = Fit(before_channels, filters)
        self.h = Fit(last_channels, filters)
        self.left1 = Separable(filters, filters, 5)
        self.right1 = Separable(filters, filters, 3)
        self.left2 = Separable(filters, filters, 5)
        self.right2 = Separable(filters, filters, 3)
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        self.left5 = Separable(filters, filters, 3)

    def forward(self, last: Tensor, before: Tensor) -> Tensor:
        p = self.p(before)
        h = self.h(last)
        sum1 = self.left1(h) + self.right1(p)
        sum2 = self.left2(p) + self.right2(p)
        sum3 = self.avgpool(h) + p
        x = self.avgpool(p)
        sum4 = x + x
        x = self.left5(h) + h
        return torch.cat([p, sum1, sum2, sum3, sum4, x], dim=1)


class NASNet(nn.Module):
    """Learning transferable architectures for scalable image recognition."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 32, 3, stride=2, bias=False)
        self.cell0 = nn.BatchNorm2d(32, eps=0.001, momentum=0.0003)
        self.cell1 = ReductionCell(32, 32, 11, padding=1, first=True)
        self.cell2 = ReductionCell(44, 32, 22, padding=(0, 1, 0, 1), fit_and_halve=True)
        self.cell3 = NormalCell(88, 44, 44, fit_and_halve=True)
        self.cell4 = NormalCell(264, 88, 44)
        self.cell5 = NormalCell(264, 264, 44)
        self.cell6 = NormalCell(264, 264, 44)
        self.cell7 = ReductionCell(264, 264, 88, padding=(0, 1, 0, 1))
        self.cell8 = NormalCell(352, 264, 88, fit_and_halve=True)
        self.cell9 = NormalCell(528, 352, 88)
        self.cell10 = NormalCell(528, 528, 88)
        self.cell11 = NormalCell(528, 528, 88)
        self.cell12 = ReductionCell(528, 528, 176, padding=(0, 1, 0, 1))
        self.cell13 = NormalCell(704, 528, 176, fit_and_halve=True)
        self.cell14 = NormalCell(1056, 704, 176)
        self.cell15 = NormalCell(1056, 1056, 176)
        self.cell16 = NormalCell(1056, 1056, 176)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(1056, classes)

    def forward(self, image: Tensor) -> Tensor:
        cell0 = self.cell0(self.conv(image))  # 32 x 111 x 111
        cell1 = self.cell1(cell0, cell0)  # 44 x 56 x 56
        cell2 = self.cell2(cell1, cell0)  # 88 x 28 x 28
        cell3 = self.cell3(cell2, cell1)  # 264 x 28 x 28
        cell4 = self.cell4(cell3, cell2)
        cell5 = self.cell5(cell4, cell3)
        cell6 = self.cell6(cell5, cell4)
        cell7 = self.cell7(cell6, cell5)  # 352 x 14 x 14
        cell8 = self.cell8(cell7, cell6)  # 528 x 14 x 14
        cell9 = self.cell9(cell8, cell7)
        cell10 = self.cell10(cell9, cell8)
        cell11 = self.cell11(cell10, cell9)
        cell12 = self.cell12(cell11, cell10)  # 704 x 7 x 7
        cell13 = self.cell13(cell12, cell11)  # 1056 x 7 x 7
        cell14 = self.cell14(cell13, cell12)
        x = self.cell15(cell14, cell13)
        x = self.relu(self.cell16(x, cell14)).mean(dim=(2, 3))
        return self.fc(x)


def nasnet_mobile(classes: int = 1000) -> NASNet:
    """nasnet_mobile with fresh weights."""
    return NASNet(classes)


if __name__ == "__main__":
    model = nasnet_mobile().eval()
    for name, child in model.named_children():
        size = sum(p.numel() for p in child.parameters())
        print(f"{name:<16}{size:>14,}")
    total = sum(p.numel() for p in model.parameters())
    outputs = model(torch.zeros(1, 3, 224, 224))
    print(f"{tuple(outputs.shape)}, {total:,} parameters")
