"""What a graph is lowered to: one package per target, found by entry point.

A backend is any object that keeps the promises of :class:`Backend`, named in the entry-point
group ``graphcnn.backends``; one that another project ships is as good as those here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast, runtime_checkable

from graphcnn.diagnostics import UsageError, did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from graphcnn.model import CompiledModel
    from graphcnn.ops.base import Op
    from graphcnn.weights import Weights

GROUP = "graphcnn.backends"


class Level(StrEnum):
    """How well a backend knows an op: as it is, made from others, or not at all."""

    NATIVE = "native"
    LOWERED = "lowered"
    UNSUPPORTED = "unsupported"


class Support(NamedTuple):
    """A backend's word on an op; where it is unsupported, ``reason`` tells the user why."""

    level: Level
    reason: str = ""


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
