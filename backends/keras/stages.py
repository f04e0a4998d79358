"""How an op is written in Keras: one stage after the other, in one of several forms.

A stage is a layer that is constructed and called, or an expression. All inputs of the op go into
the first stage; each further one takes what the stage before it made. Forms are alternatives that
compute the same: a function that serves several uses is written in a form that all of them have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.backends.python.reading import is_open


@dataclass(frozen=True)
class Stage:
    """One line of code.

    ``fed`` is what a layer is called with; None says that ``code`` is an expression. ``key`` is
    what follows the op's name in the name of a layer that holds weights (None: it holds none).
    Under the condition ``when`` alone has it anything to do. ``why`` is for the reader, beside it.
    """

    code: Any
    fed: tuple[Any, ...] | None = (Input(),)
    key: str | None = None
    when: str | None = None
    why: str | None = None


#: Forms by name; those that read best come first.
Forms = Mapping[str, tuple[Stage, ...]]


def buildable(forms: Forms) -> Forms:
    """The forms whose layers, made before any input is known, depend on no symbol."""
    return {
        name: stages
        for name, stages in forms.items()
        if not any(stage.fed is not None and is_open(stage.code) for stage in stages)
    }


def one(*stages: Stage) -> Forms:
    """An op that is written in one way only."""
    return {"": stages}


def layer(target: str, *arguments: Any, **keywords: Any) -> Stage:
    """A layer without weights, its keywords always written."""
    return Stage(Call(target, (*arguments, *(Keyword(k, v) for k, v in keywords.items()))))


def expression(code: Any) -> Stage:
    return Stage(code, fed=None)
