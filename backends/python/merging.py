"""One tree of code out of the trees that an op has in each of its uses."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from graphcnn.backends.python.code import (
    Call,
    Infix,
    Input,
    Inputs,
    Keyword,
    Method,
    Self,
    Slice,
    Subscript,
)
from graphcnn.backends.python.unit import Mismatch, same
from graphcnn.backends.python.where import Where

#: what sizes are called that come one for each axis
_AXES = {2: ("height", "width"), 3: ("depth", "height", "width")}

_NODES = (Call, Infix, Input, Inputs, Keyword, Method, Self, Slice, Subscript)


def merge(trees: Sequence[Any], symbolic: Any, where: Where, hint: str = "size") -> Any:
    """The code that gives each case its own tree; Mismatch where they differ in form.

    ``symbolic`` is the tree of the op over the unit's names (or None): its leaves are the words
    to try first.
    """
    first = trees[0]
    kinds = {type(tree) for tree in trees}
    if len(kinds) == 1 and isinstance(first, _NODES):
        return _node(trees, symbolic if type(symbolic) is type(first) else None, where, hint)
    if where.is_late(trees) and any(isinstance(tree, tuple) for tree in trees):
        trees = _widened(trees)
        first, kinds = trees[0], {tuple}
    if len(kinds) == 1 and isinstance(first, tuple) and len({len(t) for t in trees}) == 1:
        return _tuple(trees, symbolic, where, hint)
    if any(_holds_code(tree) for tree in trees):
        raise Mismatch
    return where.value(trees, symbolic, hint)


def form_of(tree: Any) -> Any:
    """A tree without its values: trees of one form can be merged."""
    if isinstance(tree, _NODES):
        kept = ("index", "operator", "target", "name")
        parts = [(f.name, getattr(tree, f.name)) for f in dataclasses.fields(tree)]
        return (type(tree), *(part if name in kept else form_of(part) for name, part in parts))
    return tuple(map(form_of, tree)) if isinstance(tree, tuple) and _holds_code(tree) else None


def _holds_code(tree: Any) -> bool:
    if isinstance(tree, tuple):
        return any(_holds_code(part) for part in tree)
    return isinstance(tree, _NODES)


def _widened(trees: Sequence[Any]) -> Sequence[Any]:
    """One size for every axis as a tuple, where others have one for each."""
    (length, *others) = {len(tree) for tree in trees if isinstance(tree, tuple)}
    if others:
        raise Mismatch
    return [tree if isinstance(tree, tuple) else (tree,) * length for tree in trees]


def _tuple(trees: Sequence[Any], symbolic: Any, where: Where, hint: str) -> Any:
    fitting = isinstance(symbolic, tuple) and len(symbolic) == len(trees[0])
    late = where.is_late(trees)
    if late:
        found = where.together(trees, symbolic)
        if found is not None:
            return found
    elif symbolic is not None and not fitting and (where.is_some() or not same(trees)):
        text = where.matching(trees, symbolic)
        if text is not None:
            return text
    if same(trees) and not late:
        return trees[0]
    words = symbolic if fitting else (None,) * len(trees[0])
    sizes = hint == "size" and not _holds_code(trees[0])
    hints = _AXES.get(len(trees[0]), ()) if sizes else ()
    return tuple(
        merge([tree[k] for tree in trees], words[k], where, hints[k] if hints else hint)
        for k in range(len(trees[0]))
    )


def _node(trees: Sequence[Any], symbolic: Any, where: Where, hint: str) -> Any:
    first = trees[0]
    if isinstance(first, Keyword):
        return _keyword(trees, symbolic, where)
    if isinstance(first, (Call, Method)):
        return _call(trees, symbolic, where)
    fields = {}
    for f in dataclasses.fields(first):
        parts = [getattr(tree, f.name) for tree in trees]
        if isinstance(first, (Input, Infix)) and f.name in ("index", "operator"):
            if len(set(parts)) > 1:
                raise Mismatch
            fields[f.name] = parts[0]
        else:
            words = None if symbolic is None else getattr(symbolic, f.name)
            fields[f.name] = merge(parts, words, where, hint)
    return type(first)(**fields)


def _keyword(trees: Sequence[Keyword], symbolic: Keyword | None, where: Where) -> Keyword:
    first = trees[0]
    if any(tree.name != first.name for tree in trees):
        raise Mismatch
    if all(map(is_default, trees)):
        return first
    words = symbolic.value if symbolic is not None and symbolic.name == first.name else None
    value = merge([tree.value for tree in trees], words, where, first.name)
    defaults = [tree.default for tree in trees]
    return Keyword(first.name, value, first.default if same(defaults) else ...)


def _call(trees: Sequence[Any], symbolic: Any, where: Where) -> Any:
    first = trees[0]
    name = first.target if isinstance(first, Call) else first.name
    if any((t.target if isinstance(t, Call) else t.name) != name for t in trees):
        raise Mismatch
    if len({len(tree.arguments) for tree in trees}) > 1:
        raise Mismatch
    words = symbolic.arguments if symbolic is not None else ()
    if len(words) != len(first.arguments):
        words = (None,) * len(first.arguments)
    hints = next((h for key, h in where.hints.items() if key in name), ())
    arguments = []
    for k in range(len(first.arguments)):
        hint = hints[k] if k < len(hints) else "size"
        arguments.append(merge([t.arguments[k] for t in trees], words[k], where, hint))
    kept = tuple(a for a in arguments if not is_default(a))
    if isinstance(first, Call):
        return Call(first.target, kept)
    receivers = [tree.receiver for tree in trees]
    receiver = merge(receivers, symbolic.receiver if symbolic else None, where)
    return Method(receiver, first.name, kept)


def is_default(argument: Any) -> bool:
    """Whether a keyword argument can be left out."""
    if not isinstance(argument, Keyword) or argument.default is ...:
        return False
    value, default = argument.value, argument.default
    return type(value) is type(default) and bool(value == default)
