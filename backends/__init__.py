"""What a graph is lowered to: one package per target, found by entry point.

A backend is any object that keeps the promises of :class:`Backend`, named in the entry-point
group ``graphcnn.backends``; one that another project ships is as good as those here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast, runtime_checkable

from graphcnn.diagnostics import UsageError, did_you_mean

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from importlib.metadata import EntryPoint
    from pathlib import Path

    from numpy.typing import NDArray

    from graphcnn.ir import Graph
    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op
    from graphcnn.ops.declared import Declared
    from graphcnn.weights import Entry, Weights
    from graphcnn.weights.slots import Slots
    from graphcnn.weights.source import Source

    Array = NDArray[Any]

GROUP = "graphcnn.backends"


class Level(StrEnum):
    """How a backend has an op.

    It is native where one layer, function or operator of the target computes it, whatever its
    name; lowered where that takes several, or a class that is written into the file.
    """

    NATIVE = "native"
    LOWERED = "lowered"
    UNSUPPORTED = "unsupported"


class Support(NamedTuple):
    """A backend's word on an op: where it is not native, ``reason`` says how or why."""

    level: Level
    reason: str = ""


def from_tables(
    op: Op | type[Op], target: str, lower: Container[type[Op]], composed: Mapping[type[Op], str]
) -> Support:
    """The word on an op of a backend that has tables of those it writes, and of how some are made.

    >>> from graphcnn.ops.activation import Relu, Silu
    >>> from_tables(Silu, "Fortran", {Relu, Silu}, {Silu: "`exp` and a division"}).level
    <Level.LOWERED: 'lowered'>
    """
    kind = op if isinstance(op, type) else type(op)
    if kind not in lower:
        return Support(Level.UNSUPPORTED, f"{target} has no such op")
    if kind in composed:
        return Support(Level.LOWERED, composed[kind])
    return Support(Level.NATIVE)


class File(NamedTuple):
    """A file to be written: its name beside the others, and its bytes, a piece at a time."""

    name: str
    chunks: Iterator[bytes]


class Backend(Protocol):
    """What turns a checked model into a file."""

    @property
    def name(self) -> str:
        """What `--backend` calls it."""

    @property
    def suffix(self) -> str:
        """How its files end, as in `.py`."""

    def support(self, op: Op | type[Op]) -> Support:
        """Whether it can express an op, or any op of a kind."""

    def emit(self, model: CompiledModel) -> str | bytes:
        """The contents of the file, the same bytes for the same model.

        Raises:
            SpecError: an op is unsupported; there is a diagnostic at the line of each.
        """


@runtime_checkable
class Weighted(Backend, Protocol):
    """A backend whose files hold the weights, and are too large to be held in memory."""

    def files(
        self, model: CompiledModel, weights: Callable[[], Weights], name: str
    ) -> Iterator[File]:
        """The file called ``name``, after those that it refers to; `-` allows for one alone.

        The weights are asked for when all else is known to be well.

        Raises:
            SpecError: as for :meth:`emit`.
            UsageError: there is no place for the other files.
        """


@runtime_checkable
class Versioned(Backend, Protocol):
    """A backend whose files are written for a version of what runs them: ONNX' opsets."""

    def at_opset(self, opset: int) -> Backend:
        """The same backend, for files of this version.

        Raises:
            UsageError: it has no such version.
        """

    def remark(self, model: CompiledModel) -> str | None:
        """Why the file of a model is of a newer version than usual, where it is."""


def at_opset(backend: Backend, opset: int | None) -> Backend:
    """A backend for files of a version that was asked for, if one was.

    Raises:
        UsageError: its files have no versions, or not this one.
    """
    if opset is None:
        return backend
    if not isinstance(backend, Versioned):
        raise UsageError(f"--opset is for ONNX files; what `{backend.name}` writes has none")
    return backend.at_opset(opset)


class Format(NamedTuple):
    """A kind of file of weights, known by how its name ends.

    ``read`` opens one as tensors, which may be read while it is open; it is given the bytes that
    a file may have that is read whole. ``slots`` are the places for a model's weights in it, given
    what the file holds.
    ``write`` is None where it is only read. ``whole`` says that it holds what only outputs for
    training need, too.
    """

    suffix: str
    read: Callable[[Path, int], AbstractContextManager[Source]]
    slots: Callable[[Graph, Mapping[str, Entry], Source], Slots]
    write: Callable[[CompiledModel, Weights, str], Iterator[File]] | None
    whole: bool = False


@runtime_checkable
class Filed(Backend, Protocol):
    """A backend whose framework has files of weights."""

    def formats(self) -> list[Format]:
        """The kinds of files that it has."""


class Device(StrEnum):
    """What models are run on: the processor, or the first GPU that a framework finds."""

    CPU = "cpu"
    GPU = "gpu"


class Runner(Protocol):
    """A model of a backend, ready to be run. Arrays have the batch first, then the channels."""

    @property
    def framework(self) -> str:
        """What runs it, with its version: `torch 2.13.0`."""

    def entries(self) -> Mapping[str, Entry]:
        """The weights that such a model has, by canonical name, as follows from the graph."""

    def counts(self) -> Mapping[str, int]:
        """How many numbers the framework itself says that it holds.

        `params` are trained and `buffers` are not; `weights` are both, where it does not tell
        them apart.
        """

    def run(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Every output of a pass in inference, by name."""

    def watch(self, inputs: Mapping[str, Array], see: Callable[[Array], None]) -> None:
        """Run it again, and show every tensor that is made on the way, in no order.

        Where the framework may have the channels last, a tensor is shown both ways.
        """

    def close(self) -> None:
        """Give back what it holds beside memory."""


Precision = Literal["float32", "float64"]


class Step(NamedTuple):
    """One forward and backward pass in training mode: the loss, and its gradients by name."""

    loss: float
    gradients: Mapping[str, Array]
    precision: Precision


@runtime_checkable
class Runnable(Backend, Protocol):
    """A backend whose models can be run in this process, to see what they compute."""

    def obstacle(self, device: Device) -> str | None:
        """Why none can be run on a device here, in words such as `torch is not installed`."""

    def runner(self, model: CompiledModel, weights: Weights, device: Device) -> Runner:
        """The model that the emitted file is, with these weights.

        It computes in float32 throughout, also where a GPU would round the factors of a product
        to fewer digits (TF32).

        Raises:
            SpecError: as for :meth:`emit`.
        """


@runtime_checkable
class Startable(Runnable, Protocol):
    """A backend that can say what its fresh models hold."""

    def fresh(self, model: CompiledModel, seed: int, names: Sequence[str]) -> Mapping[str, Array]:
        """The weights of a fresh model of the emitted file, those of these names that it has.

        They are canonical, in name and layout; the same seed gives the same numbers.

        Raises:
            SpecError: as for :meth:`emit`.
        """


@runtime_checkable
class Trainable(Runnable, Protocol):
    """A backend whose layers are classes, and whose models learn."""

    def declared(
        self, op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
    ) -> tuple[Array, ...] | None:
        """What the class that an op's declaration names for this backend computes, if it can."""

    def step(
        self,
        model: CompiledModel,
        weights: Weights,
        inputs: Mapping[str, Array],
        targets: Mapping[str, Array],
        device: Device,
    ) -> Step:
        """One pass in training mode, with all outputs, in double precision where it can.

        The loss is the sum, over the outputs, of the mean of (output - target) ** 2. A gradient is
        left out where the framework has none, since the loss does not depend on the weight.
        """


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> list[str]:
    """The installed backends, in alphabetical order."""
    return sorted(_entry_points())


def find(name: str) -> Backend:
    """The backend called ``name``.

    Raises:
        UsageError: there is none, or it needs something that is not installed.
    """
    point = _entry_points().get(name)
    if point is None:
        hint = did_you_mean(name, names()) or f"there are {', '.join(names()) or 'none'}"
        raise UsageError(f"there is no backend `{name}`; {hint}")
    try:
        return cast(Backend, point.load())
    except (ImportError, AttributeError) as error:
        raise UsageError(f"the backend `{name}` cannot be loaded: {error}") from error
