"""Normalisation: cells brought to a common scale."""

from __future__ import annotations

from typing import Any, ClassVar

from graphcnn.ops.attributes import AXIS, Boolean, Integer, Listing, Maybe, Number
from graphcnn.ops.base import (
    Elementwise,
    Op,
    OpError,
    Shape,
    Weight,
    attribute,
    resolve_axes,
    resolve_axis,
    show_shape,
)
from graphcnn.ops.convolution import require_groups
from graphcnn.size import UNKNOWN, Size, at_least, product


def _affine(shape: Shape, scale: bool, shift: bool, trained: bool = True) -> dict[str, Weight]:
    """The scale and the shift after a normalisation; neither if it was lost to an error."""
    weights = {}
    if scale is True:
        weights["weight"] = Weight(shape, trained, initial=1.0)
    if shift is True:
        weights["bias"] = Weight(shape, trained, initial=0.0)
    return weights


class BatchNorm(Elementwise, Op):
    """Normalises each channel over the batch and space, then scales and shifts it.

    Output: (x - mean) / sqrt(variance + eps) * weight + bias, of the input's shape.
    Weights: weight and bias (C), trained; running_mean and running_var (C), buffers. With
    `frozen` all four are buffers that training leaves alone too, and the running statistics are
    used in training as well (torchvision's `FrozenBatchNorm2d`).
    In training the batch's own statistics are used, and running = (1 - momentum) * running +
    momentum * batch, as PyTorch defines it; Keras' momentum is 1 less this one. PyTorch's `eps`
    is 1e-5 and momentum 0.1, Keras' 1e-3 and 0.99; the defaults here are PyTorch's. PyTorch
    counts the running variance with n - 1, Keras with n.
    Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167
    """

    name: ClassVar[str] = "batch_norm"
    label: ClassVar[str | None] = "bn"
    numbered: ClassVar[bool] = True
    group: ClassVar[str] = "normalisation"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    eps: float = attribute(Number(above=0), 1e-5, doc="added to the variance")
    momentum: float = attribute(Number(0, 1), 0.1, doc="share of the new in the running statistics")
    scale: bool = attribute(Boolean(), True, doc="multiply by a trained value for each channel")
    shift: bool = attribute(Boolean(), True, doc="add a trained value for each channel")
    frozen: bool = attribute(Boolean(), False, doc="nothing is trained, no statistics are kept")

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        channels = (inputs[0][0],)
        return {
            **_affine(channels, self.scale, self.shift, trained=self.frozen is not True),
            "running_mean": Weight(channels, trained=False, initial=0.0),
            "running_var": Weight(channels, trained=False, initial=1.0),
        }


class LayerNorm(Elementwise, Op):
    """Normalises each sample over some axes, then scales and shifts it.

    Output: (x - mean) / sqrt(variance + eps) * weight + bias, of the input's shape.
    Weights: weight and bias, of the sizes of the normalised axes, in their order.
    By default the features are normalised, the last axis of (features) or (tokens, features). An
    image must name its axes: [0] is the channels at each place (ConvNeXt), [0, 1, 2] all of a
    sample. PyTorch's `nn.LayerNorm` takes trailing axes, so that an image is transposed for it;
    its `eps` of 1e-5 is the default here, Keras' is 1e-3.
    Ba et al., 2016, https://arxiv.org/abs/1607.06450
    """

    name: ClassVar[str] = "layer_norm"
    group: ClassVar[str] = "normalisation"
    main: ClassVar[str | None] = "axes"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    axes: Any = attribute(
        Maybe(Listing(AXIS)), None, doc="axes that are normalised; by default the last"
    )
    eps: float = attribute(Number(above=0), 1e-5, doc="added to the variance")
    scale: bool = attribute(Boolean(), True, doc="multiply by a trained value for each cell")
    shift: bool = attribute(Boolean(), True, doc="add a trained value for each cell")

    def normalised(self, x: Shape) -> tuple[int, ...]:
        """The axes that are normalised, counted from 0, in order."""
        if self.axes is None:
            if len(x) > 2:
                raise OpError(
                    f"`layer_norm` does not know which axes of {show_shape(x)} to normalise",
                    code="missing-attribute",
                    help="`axes: [0]` is the channels, "
                    f"`axes: [{', '.join(map(str, range(len(x))))}]` the whole sample",
                )
            return (len(x) - 1,)
        return tuple(sorted(resolve_axes(self.axes, len(x))))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        self.normalised(x)
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (x,) = inputs
        shape = tuple(x[axis] for axis in self.normalised(x))
        return _affine(shape, self.scale, self.shift)


class GroupNorm(Elementwise, Op):
    """Normalises each sample over groups of channels and space, then scales and shifts it.

    Output: (x - mean) / sqrt(variance + eps) * weight + bias, of the input's shape.
    Weights: weight and bias (C).
    PyTorch's `nn.GroupNorm`, whose `eps` of 1e-5 is the default; Keras' `GroupNormalization`
    has 1e-3.
    Wu and He, 2018, https://arxiv.org/abs/1803.08494
    """

    name: ClassVar[str] = "group_norm"
    group: ClassVar[str] = "normalisation"
    main: ClassVar[str | None] = "groups"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    groups: Size = attribute(Integer(1), doc="parts of the channels normalised together")
    eps: float = attribute(Number(above=0), 1e-5, doc="added to the variance")
    scale: bool = attribute(Boolean(), True, doc="multiply by a trained value for each channel")
    shift: bool = attribute(Boolean(), True, doc="add a trained value for each channel")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        require_groups(self.groups, x[0], "input")
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return _affine((inputs[0][0],), self.scale, self.shift)


class InstanceNorm(Elementwise, Op):
    """Normalises each channel of each sample over space.

    Output: (x - mean) / sqrt(variance + eps) * weight + bias, of the input's shape, which holds
    at least two cells: of one, nothing would be left.
    Weights: none by default; weight and bias (C) with `scale` and `shift`. No running statistics.
    PyTorch's `nn.InstanceNorm2d`, which is not affine unless asked; Keras has none, there it is
    `GroupNormalization` with as many groups as channels.
    Ulyanov et al., 2016, https://arxiv.org/abs/1607.08022
    """

    name: ClassVar[str] = "instance_norm"
    group: ClassVar[str] = "normalisation"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    eps: float = attribute(Number(above=0), 1e-5, doc="added to the variance")
    scale: bool = attribute(Boolean(), False, doc="multiply by a trained value for each channel")
    shift: bool = attribute(Boolean(), False, doc="add a trained value for each channel")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        # Undecided is let pass: that a symbolic image has two cells is no strange thing to expect.
        if at_least(product(x[1:]), 2) is False:
            raise OpError(
                f"`instance_norm` of {show_shape(x)} normalises one cell for each channel, "
                f"which leaves nothing",
                code="too-few-cells",
                help="`layer_norm` or `group_norm` normalise over channels",
            )
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return _affine((inputs[0][0],), self.scale, self.shift)


class LocalResponseNorm(Elementwise, Op):
    """Divides each cell by the strength of the channels beside its own.

    Output: x / (k + alpha / size * sum of x ** 2 over `size` channels) ** beta, of the input's
    shape. The channels are those from c - floor(size / 2) to c + floor((size - 1) / 2).
    As PyTorch (`nn.LocalResponseNorm`), Caffe and ONNX have it; TensorFlow's does not divide alpha
    by the size, and its `depth_radius` is (size - 1) / 2. The defaults are PyTorch's; the paper
    has size 5, alpha 5e-4 as defined here, k 2.
    Krizhevsky et al., 2012
    """

    name: ClassVar[str] = "local_response_norm"
    group: ClassVar[str] = "normalisation"
    main: ClassVar[str | None] = "size"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    size: int = attribute(Integer(1, fixed=True), doc="channels that are summed")
    alpha: float = attribute(Number(), 1e-4, doc="weight of the sum")
    beta: float = attribute(Number(), 0.75, doc="power of the divisor")
    k: float = attribute(Number(), 1.0, doc="added to the sum")


class L2Norm(Elementwise, Op):
    """Divides the values along one axis by their Euclidean length, and may scale them again.

    Output: x / max(sqrt(sum of x ** 2), eps) * weight, of the input's shape.
    Weights: none, or with `scale` weight, of the size of that axis, which starts at `scale`.
    The axis is the channels by default, as SSD has it; capsules are normalised along their own.
    PyTorch's `F.normalize`, eps 1e-12; Keras' `UnitNormalization`, which has no other eps.
    Liu et al., 2015 (ParseNet), https://arxiv.org/abs/1506.04579
    """

    name: ClassVar[str] = "l2_norm"
    group: ClassVar[str] = "normalisation"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    axis: int = attribute(AXIS, 0, doc="axis along which lengths are taken; 0 is the channels")
    eps: float = attribute(Number(above=0), 1e-12, doc="least length that is divided by")
    scale: Any = attribute(
        Maybe(Number()), None, doc="what a trained scale starts at; none is no scale"
    )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        resolve_axis(self.axis, len(x))
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        if self.scale is None:
            return {}
        (x,) = inputs
        initial = 1.0 if self.scale is UNKNOWN else self.scale
        return {"weight": Weight((x[resolve_axis(self.axis, len(x))],), initial=initial)}
