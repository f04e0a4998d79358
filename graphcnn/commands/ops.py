"""`graphcnn ops`: what the op table says of itself."""

from __future__ import annotations

import inspect
from itertools import groupby

from graphcnn.diagnostics import UsageError
from graphcnn.ops import BY_NAME, OPS
from graphcnn.ops.attributes import show
from graphcnn.ops.base import Attribute, Op
from graphcnn.ops.foreign import suggest_op
from graphcnn.report.terminal import style

_RANKS = {1: "(features)", 2: "(C, L)", 3: "(C, H, W)", 4: "(C, D, H, W)"}


def listing(*, color: bool = False) -> str:
    """Every op with what it does, by group."""
    margin = max(map(len, BY_NAME))
    lines: list[str] = []
    for group, ops in groupby(OPS, key=lambda op: op.group):
        lines += ["", style(group, bold=True, on=color)]
        lines += [f"  {op.name:<{margin}}  {_doc(op).partition(chr(10))[0]}" for op in ops]
    return "\n".join([*lines[1:], "", "`graphcnn ops NAME` says more about one of them.", ""])


def description(name: str, *, color: bool = False) -> str:
    """All about one op: what it takes, its attributes, its output and its cost.

    Raises:
        UsageError: there is no such op.
    """
    op = named(name)
    first, _, rest = _doc(op).partition("\n")
    sections = [f"{style(op.name, bold=True, on=color)}: {first}", rest.strip(), _inputs(op)]
    attributes = [*op.attributes().values()]
    if attributes:
        heading = style("attributes", bold=True, on=color)
        sections.append("\n".join([heading, *(_attribute(op, one) for one in attributes)]))
    return "\n\n".join(section for section in sections if section) + "\n"


def named(name: str) -> type[Op]:
    """The op called ``name``.

    Raises:
        UsageError: there is none.
    """
    op = BY_NAME.get(name)
    if op is None:
        meant = suggest_op(name, BY_NAME)
        hint = f"did you mean `{meant}`?" if meant else "`graphcnn ops` lists them"
        raise UsageError(f"there is no op `{name}`; {hint}")
    return op


def _doc(op: type[Op]) -> str:
    return inspect.getdoc(op) or ""


def _inputs(op: type[Op]) -> str:
    low, high = op.arity
    count = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
    if high == 0:
        return "Takes no input."
    ranks = " or ".join(_RANKS[rank] for rank in op.ranks) if op.ranks else "any shape"
    return f"Takes {count} input{'' if high == 1 else 's'} of {ranks}."


def _attribute(op: type[Op], one: Attribute) -> str:
    default = "required" if one.required else f"default {show(one.default)}"
    short = f"; `{op.name}: …` sets it" if one.name == op.main else ""
    return f"  {one.name}: {one.kind.describe()}, {default}{short}\n      {one.doc}"
