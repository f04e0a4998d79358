"""What `forward` is made of before it is text: values, and the steps that make them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from graphcnn.backends.python.code import Choice, Input, Inputs
from graphcnn.ops.base import Shape

#: how long a line may be, and how far in the body of a method stands
WIDTH = 88
INDENT = 8

TRAINING = "self.training"


@dataclass(eq=False)
class Slot:
    """A value in `forward`: which tensor it is in each use of the class, and its shape there."""

    values: dict[int, Any]
    shape: Shape
    hint: str | None = None
    #: the op that made it, for what may be done in place
    op: Any = None
    name: str | None = None
    #: what the author called it among the outputs of a block
    key: str | None = None
    #: shapes of which it has one or the other, where its own cannot be said
    maybe: tuple[Shape, ...] = ()

    def comes_out_as(self, name: str) -> None:
        """Note what the class calls an output that the author gave no id."""
        self.hint = self.hint or name
        if self.key is not None and name.isidentifier():
            self.key = name


@dataclass(eq=False)
class Step:
    """``targets = code``, where the code's inputs are ``sources``.

    ``light`` steps are written around their one source; those that ``keeps`` weights run even
    where nobody reads what comes of it.
    """

    targets: list[Slot]
    code: Any
    sources: list[Slot]
    self_: str = "self"
    light: bool = False
    keeps: bool = False
    training: bool = False
    comment: str | None = None
    inlined: bool = False
    #: what `forward` asks before it takes the step
    guard: str | None = None
    #: one of two steps that make a value: the first does always, the other behind its guard
    joins: bool = False

    @property
    def condition(self) -> str | None:
        return TRAINING if self.training else self.guard


def mentions(code: Any, index: int) -> int:
    """How often a tree of code writes its input ``index``."""
    if isinstance(code, Input):
        return int(code.index == index)
    if isinstance(code, Inputs):
        return 1
    if isinstance(code, tuple):
        return sum(mentions(part, index) for part in code)
    if isinstance(code, Choice):  # which writes what it chooses from once or twice
        return 2 * mentions((code.then, code.otherwise), index)
    if dataclasses.is_dataclass(code) and not isinstance(code, type):
        return sum(mentions(getattr(code, f.name), index) for f in dataclasses.fields(code))
    return 0
