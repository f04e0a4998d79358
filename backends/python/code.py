"""Python expressions as values: what an op's lowering returns and the emitter prints.

A lowering is asked once for every use of an op, with that use's numbers; the emitter then
compares the trees leaf by leaf and writes the leaves that differ as constructor arguments.
Trees therefore hold plain values (numbers, sizes, strings) at their leaves, never text that
was already formatted, and keep their form whatever the numbers are: an argument that is often
left out is written as :class:`Keyword` with its default, not omitted by an ``if``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Input:
    """The op's input number ``index`` in `forward`."""

    index: int = 0


@dataclass(frozen=True)
class Inputs:
    """All of the op's inputs as a list: `[x, y, z]`."""


@dataclass(frozen=True)
class Self:
    """The module or parameter that the op is held as: `self.conv1`."""


@dataclass(frozen=True)
class Keyword:
    """An argument by name, left out where its value is ``default`` in every use."""

    name: str
    value: Any
    default: Any = ...


@dataclass(frozen=True)
class Call:
    """``target(*arguments)``; a Keyword must come after what is positional."""

    target: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Method:
    """``receiver.name(*arguments)``."""

    receiver: Any
    name: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Infix:
    """``a + b + c``, for the operators ``+ - * / @``."""

    operator: str
    operands: tuple[Any, ...]


@dataclass(frozen=True)
class Subscript:
    """``value[index]``; the index is a tuple of expressions and slices."""

    value: Any
    index: tuple[Any, ...]


@dataclass(frozen=True)
class Slice:
    """``start:stop:step`` in a Subscript, each left out where it is None."""

    start: Any = None
    stop: Any = None
    step: Any = None


@dataclass(frozen=True)
class Attribute:
    """``receiver.name``."""

    receiver: Any
    name: str


@dataclass(frozen=True)
class Formula:
    """Arithmetic over sizes that are read where the code runs: `x.shape[2] // 2`.

    ``text`` is Python source in which each name of ``reads`` stands for its code.
    """

    text: str
    reads: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Choice:
    """``then if condition else otherwise``; the condition is an attribute of the module."""

    condition: str
    then: Any
    otherwise: Any


def rewritten(code: Any, change: Callable[[Any], Any]) -> Any:
    """A tree with ``change`` applied to each text in it that is Python source (a Text)."""
    if isinstance(code, str):
        return change(code) if type(code) is not str else code
    if isinstance(code, tuple):
        return tuple(rewritten(item, change) for item in code)
    if dataclasses.is_dataclass(code) and not isinstance(code, type):
        parts = {f.name: rewritten(getattr(code, f.name), change) for f in dataclasses.fields(code)}
        return type(code)(**parts)
    return code


def call(target: str, *arguments: Any, **keywords: Any) -> Call:
    """A Call whose keywords are always written."""
    return Call(target, (*arguments, *(Keyword(k, v) for k, v in keywords.items())))


@dataclass(frozen=True)
class Lowered:
    """How one op is written in PyTorch.

    ``module`` constructs an ``nn.Module`` that does it all by itself (None where an op has no
    weights and no such module exists). ``forward`` is the expression over Input and Self that
    `forward` holds; None is a plain call of the module. Where both are given, the module
    serves inside ``nn.Sequential`` and the expression elsewhere. ``others`` are other ways to write
    it, less plain ones first: uses of a class need one that all of them have.
    """

    module: Any = None
    forward: Any = None
    others: tuple[Lowered, ...] = ()
