"""Activations: functions of each cell, and the softmaxes, which normalise along an axis."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import AXIS, Boolean, Choice, Number
from graphcnn.ops.base import (
    Elementwise,
    Op,
    OpError,
    Shape,
    Weight,
    Window,
    attribute,
    resolve_axis,
)


class Relu(Elementwise, Op):
    """Rectified linear unit.

    Output: max(x, 0), of the input's shape.
    The same in PyTorch and Keras. Nair and Hinton, 2010.
    """

    name: ClassVar[str] = "relu"
    group: ClassVar[str] = "activation"


class Relu6(Elementwise, Op):
    """Rectified linear unit that is cut off at 6.

    Output: min(max(x, 0), 6), of the input's shape.
    The same in PyTorch and Keras. Howard et al., 2017 (MobileNets).
    """

    name: ClassVar[str] = "relu6"
    group: ClassVar[str] = "activation"


class LeakyRelu(Elementwise, Op):
    """Rectified linear unit that lets a little of what is negative through.

    Output: x where x >= 0, else slope * x; of the input's shape.
    The default slope is PyTorch's and the paper's. Keras has 0.3 in `layers.LeakyReLU` and 0.2
    in `activations.leaky_relu`. Maas et al., 2013.
    """

    name: ClassVar[str] = "leaky_relu"
    group: ClassVar[str] = "activation"
    main: ClassVar[str | None] = "slope"

    slope: float = attribute(Number(), 0.01, doc="factor of what is negative")


class Prelu(Elementwise, Op):
    """Rectified linear unit whose negative slope is trained.

    Output: x where x >= 0, else weight * x; of the input's shape.
    Weights: weight (channels), or (1,) where it is shared.
    One slope per channel and 0.25 at first, as in the paper. PyTorch's default is a single shared
    slope; Keras' is one per cell, from 0. He et al., 2015.
    """

    name: ClassVar[str] = "prelu"
    group: ClassVar[str] = "activation"

    shared: bool = attribute(Boolean(), False, doc="one slope for all channels")
    init: float = attribute(Number(), 0.25, doc="the slope before training")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if not x:
            raise OpError("`prelu` has a slope per channel, but its input has no axis")
        return (x,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (x,) = inputs
        slopes = 1 if self.shared is True else x[0]  # and not lost to an earlier error
        return {"weight": Weight((slopes,), initial=self.init)}


class Elu(Elementwise, Op):
    """Exponential linear unit.

    Output: x where x >= 0, else alpha * (exp(x) - 1); of the input's shape.
    The same in PyTorch and Keras. Clevert et al., 2016.
    """

    name: ClassVar[str] = "elu"
    group: ClassVar[str] = "activation"
    main: ClassVar[str | None] = "alpha"

    alpha: float = attribute(Number(), 1.0, doc="minus the limit for very negative cells")


class Selu(Elementwise, Op):
    """Exponential linear unit that is scaled to keep mean 0 and variance 1.

    Output: 1.0507 * x where x >= 0, else 1.0507 * 1.6733 * (exp(x) - 1); of the input's shape.
    The same in PyTorch and Keras. Klambauer et al., 2017, where the two constants have more digits.
    """

    name: ClassVar[str] = "selu"
    group: ClassVar[str] = "activation"


class Gelu(Elementwise, Op):
    """Gaussian error linear unit, exact or by its approximation with tanh.

    Output, exact: x * (1 + erf(x / sqrt(2))) / 2; of the input's shape.
    Output, tanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3))) / 2.
    Both differ by up to 5e-4. `exact` is the default of PyTorch and of Keras' layers; published
    TensorFlow models often use `tanh`. Hendrycks and Gimpel, 2016.
    """

    name: ClassVar[str] = "gelu"
    group: ClassVar[str] = "activation"
    main: ClassVar[str | None] = "approximation"

    approximation: str = attribute(Choice("exact", "tanh"), "exact", doc="which of the two forms")


class Silu(Elementwise, Op):
    """Sigmoid linear unit, known as swish too.

    Output: x * sigmoid(x), of the input's shape.
    The same in PyTorch and Keras. Elfwing et al., 2018; Ramachandran et al., 2017.
    """

    name: ClassVar[str] = "silu"
    group: ClassVar[str] = "activation"


class Mish(Elementwise, Op):
    """Self-gated unit that is smooth and not monotonic.

    Output: x * tanh(log(1 + exp(x))), of the input's shape.
    The same in PyTorch and Keras. Misra, 2019.
    """

    name: ClassVar[str] = "mish"
    group: ClassVar[str] = "activation"


class HardSigmoid(Elementwise, Op):
    """Sigmoid made of three straight lines.

    Output: min(max(x + 3, 0), 6) / 6, of the input's shape.
    PyTorch's and Keras 3's. Keras 2 and the ONNX default have 0.2 * x + 0.5 between the ends.
    Howard et al., 2019 (MobileNetV3).
    """

    name: ClassVar[str] = "hard_sigmoid"
    group: ClassVar[str] = "activation"


class HardSwish(Elementwise, Op):
    """Swish with the hard sigmoid as its gate.

    Output: x * min(max(x + 3, 0), 6) / 6, of the input's shape.
    PyTorch's, and Keras 3's `hard_silu`. Howard et al., 2019 (MobileNetV3).
    """

    name: ClassVar[str] = "hard_swish"
    group: ClassVar[str] = "activation"


class Sigmoid(Elementwise, Op):
    """Logistic function.

    Output: 1 / (1 + exp(-x)), of the input's shape.
    The same in PyTorch and Keras.
    """

    name: ClassVar[str] = "sigmoid"
    group: ClassVar[str] = "activation"


class Tanh(Elementwise, Op):
    """Hyperbolic tangent.

    Output: tanh(x), of the input's shape.
    The same in PyTorch and Keras.
    """

    name: ClassVar[str] = "tanh"
    group: ClassVar[str] = "activation"


class Softplus(Elementwise, Op):
    """Smooth form of the rectified linear unit.

    Output: log(1 + exp(beta * x)) / beta, of the input's shape.
    Keras has no beta. PyTorch returns x itself where beta * x > 20, which differs by less than
    3e-9 / beta. Dugas et al., 2001.
    """

    name: ClassVar[str] = "softplus"
    group: ClassVar[str] = "activation"
    main: ClassVar[str | None] = "beta"

    beta: float = attribute(Number(above=0), 1.0, doc="sharpness; large values approach relu")


class _AlongAxis(Elementwise, Op):
    """What the softmaxes have in common: each cell sees all others along the axis."""

    group: ClassVar[str] = "activation"
    main: ClassVar[str | None] = "axis"

    axis: int = attribute(AXIS, 0, doc="axis that is normalised; 0 is the channels")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        resolve_axis(self.axis, len(x))
        return (x,)

    def window(self, *inputs: Shape) -> Window | None:
        (x,) = inputs
        axis = resolve_axis(self.axis, len(x))
        if axis == 0:
            return None
        extent = tuple(n if at == axis else 1 for at, n in enumerate(x))
        return Window(extent[1:], (1,) * (len(x) - 1))


class Softmax(_AlongAxis):
    """Exponentials along an axis, divided by their sum.

    Output: exp(x) / sum(exp(x)), the sum along `axis`; of the input's shape.
    The default is the channels, which come first in a sample. PyTorch asks for the axis; Keras'
    default is the last axis, where its channels are.
    """

    name: ClassVar[str] = "softmax"


class LogSoftmax(_AlongAxis):
    """Logarithm of the softmax, computed without loss of precision.

    Output: x - log(sum(exp(x))), the sum along `axis`; of the input's shape.
    The default is the channels, which come first in a sample. PyTorch asks for the axis; Keras'
    default is the last axis, where its channels are.
    """

    name: ClassVar[str] = "log_softmax"
