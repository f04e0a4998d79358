"""What an op is: one frozen class that says everything about it, and the tools to say it with.

An op's fields are its attributes, declared with :func:`attribute`. Its methods are total over
sizes that are numbers, symbols, or UNKNOWN (lost to an earlier error), so one rule serves the
checker, the counters and the emitters alike. Shapes are those of one sample, channels first.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, NoReturn, dataclass_transform

from graphcnn.ops.attributes import Kind
from graphcnn.size import (
    UNKNOWN,
    Size,
    at_least,
    ceil_div,
    equal,
    is_known,
    maximum,
    symbols,
)

Shape = tuple[Size, ...]


class Weight(NamedTuple):
    """One named tensor that an op keeps: trained (a parameter) or not (a buffer).

    ``initial`` is what a fresh model holds: a number, or the name of a random scheme.
    """

    shape: Shape
    trained: bool = True
    initial: str | float = "default"


class Window(NamedTuple):
    """What one output cell sees along each spatial axis, for the receptive field.

    ``extent`` counts input cells, ``stride`` is the step between neighbouring outputs (a
    fraction where the op enlarges its input).
    """

    extent: tuple[Size, ...]
    stride: tuple[Size | Fraction, ...]


class OpError(Exception):
    """An op that does not fit its input.

    ``attribute`` names the attribute at fault, so that the diagnostic can point at its value;
    ``code`` is a diagnostic code.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "shape-mismatch",
        attribute: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.attribute = attribute
        self.help = help


class Undecided(OpError):
    """A condition that holds for some values of the symbolic sizes and fails for others."""

    def __init__(self, message: str, *, attribute: str | None = None) -> None:
        super().__init__(
            message,
            code="undecided",
            attribute=attribute,
            help="give the input a fixed size, or one that is a multiple, such as `32*H`",
        )


def require(decision: bool | None, error: OpError, *sizes: Size) -> None:
    """Raise ``error`` unless ``decision`` holds.

    None means undecided: silent where a size was lost to an earlier error, and otherwise
    reported as undecided, never accepted.
    """
    if decision:
        return
    if decision is None:
        if not is_known(*sizes):
            return
        unknowns = ", ".join(sorted({name for size in sizes for name in symbols(size)}))
        raise Undecided(
            f"for some {unknowns or 'sizes'} it may be that {error.message}",
            attribute=error.attribute,
        )
    raise error


class Lost(OpError):
    """Nothing new: an attribute that decides the rank of the output fell to an earlier error.

    What comes out is then as unknown as after any OpError, but there is nothing to report.
    """

    def __init__(self, attribute: str) -> None:
        super().__init__(
            f"`{attribute}` was lost to an earlier error", code="undecided", attribute=attribute
        )


def require_known(value: object, attribute: str) -> None:
    """Raise Lost where the value of an attribute, or one in its list, is not known."""
    items = value if isinstance(value, tuple) else (value,)
    if any(item is UNKNOWN for item in items):
        raise Lost(attribute)


@dataclass(frozen=True)
class Attribute:
    """One declared attribute: its kind, default (MISSING where required) and meaning."""

    name: str
    kind: Kind
    default: Any
    doc: str

    @property
    def required(self) -> bool:
        return self.default is MISSING


def attribute(kind: Kind, default: Any = MISSING, *, doc: str) -> Any:
    """Declare an attribute of an op; without a default it is required."""
    metadata = {"kind": kind, "doc": doc}
    if default is MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Op(ABC):
    """An operation on one sample; subclasses are frozen dataclasses, one per op.

    The docstring of a subclass is the op's documentation: its first line says what it does,
    the rest gives the output formula, what differs between frameworks, and the source.

    A subclass needs no decorator. What `dataclass` would write anew for each of some sixty
    classes stands here once, which a command that starts, works and ends at once can feel.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    name: ClassVar[str]
    group: ClassVar[str]
    #: the attribute that the short form (`linear: 1000`) sets
    main: ClassVar[str | None] = None
    #: how many inputs it takes; None is any number
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    #: what an op without an id is called in a graph, where that is not its name
    label: ClassVar[str | None] = None
    #: whether such a name carries a number even where it stands alone: `conv1`, but `fc`
    numbered: ClassVar[bool] = False
    #: ranks that the first input may have, the channel axis included; None is any
    ranks: ClassVar[tuple[int, ...] | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(init=False, repr=False, eq=False, kw_only=True)(cls)

    def __init__(self, **attributes: Any) -> None:
        given = dict(attributes)
        for name, declared in self.attributes().items():
            value = given.pop(name, declared.default)
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs the attribute `{name}`")
            object.__setattr__(self, name, value)
        if given:
            raise TypeError(f"{type(self).__name__} has no attribute `{next(iter(given))}`")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.attributes()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Op) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({values})"

    @classmethod
    def attributes(cls) -> Mapping[str, Attribute]:
        """The declared attributes by name, in order."""
        return _attributes(cls)

    @abstractmethod
    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shape of each output; raises OpError where the inputs do not fit."""

    @abstractmethod
    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        """The tensors the op keeps, by canonical (PyTorch) name; `` `` names the op itself."""

    @abstractmethod
    def macs(self, *inputs: Shape) -> Size:
        """Multiply-accumulates for one sample."""

    def window(self, *inputs: Shape) -> Window | None:
        """What an output cell sees; None where each cell sees its own place alone."""
        return None


_ATTRIBUTES: dict[type[Op], Mapping[str, Attribute]] = {}


def _attributes(cls: type[Op]) -> Mapping[str, Attribute]:
    found = _ATTRIBUTES.get(cls)
    if found is None:
        found = {
            f.name: Attribute(f.name, f.metadata["kind"], f.default, f.metadata["doc"])
            for f in dataclasses.fields(cls)
        }
        _ATTRIBUTES[cls] = found
    return found


class Free:
    """Says of an op that it keeps nothing and multiplies nothing."""

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {}

    def macs(self, *inputs: Shape) -> Size:
        return 0


class Elementwise(Free):
    """An op that costs nothing and whose one output has the shape of its one input."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)


def show_shape(shape: Sequence[Size]) -> str:
    """A shape as a person reads it: `(64, 56, 56)`, with `?` for what an error lost."""
    sizes = ["?" if size is UNKNOWN else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def per_axis(value: Any, axes: int, attribute: str) -> tuple[Any, ...]:
    """One value per spatial axis, from a value for all of them or a list."""
    if not isinstance(value, tuple):
        return (value,) * axes
    if len(value) != axes:
        raise OpError(
            f"`{attribute}` has {len(value)} values for {axes} spatial "
            f"{'axis' if axes == 1 else 'axes'}",
            code="wrong-length",
            attribute=attribute,
        )
    return value


def resolve_axis(axis: int, rank: int, attribute: str = "axis") -> int:
    """The index, from 0, of an axis that may be counted from the end."""
    require_known(axis, attribute)
    if not -rank <= axis < rank:
        raise OpError(
            f"there is no axis {axis} in an input of {rank} {'axis' if rank == 1 else 'axes'}",
            code="no-such-axis",
            attribute=attribute,
            help=f"0 is the channels, {rank - 1} or -1 the last axis" if rank > 1 else None,
        )
    return axis % rank


def resolve_axes(axes: Sequence[int], rank: int, attribute: str = "axes") -> tuple[int, ...]:
    """The indices, from 0, of several axes; each is named once."""
    require_known(axes, attribute)
    resolved: list[int] = []
    for axis in axes:
        index = resolve_axis(axis, rank, attribute)
        if index in resolved:
            raise OpError(
                f"`{attribute}` names axis {index} twice",
                code="repeated-axis",
                attribute=attribute,
            )
        resolved.append(index)
    return tuple(resolved)


Pads = tuple[tuple[Size, Size], ...]


def resolve_padding(
    padding: Any,
    spatial: Sequence[Size],
    kernel: Sequence[Size],
    stride: Sequence[Size],
    dilation: Sequence[Size],
) -> Pads:
    """Explicit amounts before and after each spatial axis.

    `same` is TensorFlow's: total = max((ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0), the
    odd cell at the end (tf.nn.convolution).
    """
    axes = len(spatial)
    if padding == "valid":
        return ((0, 0),) * axes
    if padding == "same":
        pads = []
        for n, k, s, d in zip(spatial, kernel, stride, dilation, strict=True):
            if s == 1:
                total = (k - 1) * d
            else:
                total = maximum((ceil_div(n, s) - 1) * s + (k - 1) * d + 1 - n, 0)
            pads.append((total // 2, total - total // 2))
        return tuple(pads)
    return tuple(
        one if isinstance(one, tuple) else (one, one) for one in per_axis(padding, axes, "padding")
    )


def require_same(a: Size, b: Size, error: OpError) -> None:
    """Raise ``error`` unless the two sizes are equal."""
    require(equal(a, b), error, a, b)


def require_at_least(a: Size, b: Size, error: OpError) -> None:
    """Raise ``error`` unless a >= b."""
    require(at_least(a, b), error, a, b)
