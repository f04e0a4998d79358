"""The forms of an op in all uses of a function, and the one in which it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, NamedTuple

from graphcnn.backends.keras.lower.shape import LEFT
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.stages import Forms, Stage
from graphcnn.backends.python.code import Call, Keyword
from graphcnn.backends.python.merging import merge
from graphcnn.backends.python.precedence import ATOM, binding, infix
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch, Spelled, same
from graphcnn.ops.base import Shape

#: layers of which one number stands for every axis
_WINDOWS = re.compile(r"layers\.(Depthwise)?Conv|layers\.(Adaptive)?(Average|Max)Pooling")


class Groups(NamedTuple):
    """How many groups a convolution has in each case, of how many channels, and words for both."""

    numbers: list[Any]
    words: Any
    channels: list[Any]
    channel_words: Any

    def at(self, chosen: Sequence[int]) -> Groups:
        """The same for some of the cases."""
        numbers = [self.numbers[n] for n in chosen]
        return self._replace(numbers=numbers, channels=[self.channels[n] for n in chosen])


@dataclass(frozen=True)
class OpForms:
    """The forms of an op in all cases at once."""

    trees: Sequence[Forms]
    symbolic: Forms | None
    place: Place
    outputs: tuple[Shape, ...]
    #: the groups of a convolution in each case, the words for them, and for the channels
    groups: Groups | None

    def at(self, chosen: Sequence[int]) -> OpForms:
        """The same for some of the cases."""
        trees = [self.trees[n] for n in chosen]
        groups = self.groups and self.groups.at(chosen)
        return replace(self, trees=trees, place=self.place.subset(chosen), groups=groups)

    def form(self) -> str:
        """The first form that all cases have; rather one in which they differ in numbers alone."""
        common = [name for name in self.trees[0] if all(name in tree for tree in self.trees)]
        if not common:
            raise Mismatch
        for name in common:
            if len({_build([stage.code for stage in tree[name]]) for tree in self.trees}) == 1:
                return name
        return common[0]

    def stages(self) -> list[Stage]:
        """The stages, each merged over all cases.

        A size that is computed from those of what comes in, or that there are no words for, is
        rather left to Keras.
        """
        form = self.form()
        left = [
            name for name in self.trees[0] if name.startswith(LEFT) and name != form
            and all(name in tree for tree in self.trees)
        ]  # fmt: skip
        for name, sizes in [(form, False), *((name, False) for name in left), (form, True)]:
            if not left:
                break
            try:
                with self.place.in_words(sizes=sizes):
                    return self._merged(name)
            except Mismatch:
                continue
        return self._merged(form)

    def _merged(self, form: str) -> list[Stage]:
        trees = [tree[form] for tree in self.trees]
        if len({len(tree) for tree in trees}) > 1:
            raise Mismatch
        words = None if self.symbolic is None else self.symbolic.get(form)
        if words is not None and len(words) != len(trees[0]):
            words = None
        found = []
        for k, stage in enumerate(trees[0]):
            others = [tree[k] for tree in trees]
            if any((o.fed, o.key) != (stage.fed, stage.key) for o in others):
                raise Mismatch
            symbolic = None if words is None else words[k].code
            code = merge([o.code for o in others], symbolic, self.place)
            when = _padding_condition([o.code for o in others], code)
            found.append(replace(stage, code=_customary(code), when=when))
        return found

    def of_one_group(self) -> OpForms:
        """The same without its groups, where there is one in every case."""
        some = self.groups is not None and any(n != 1 for n in self.groups.numbers)
        return self if some else self.without_groups()

    def without_groups(self) -> OpForms:
        """The same where there is one group in every case."""
        trees = [{name: _ungrouped(stages) for name, stages in t.items()} for t in self.trees]
        words = self.symbolic
        symbolic = None if words is None else {n: _ungrouped(s) for n, s in words.items()}
        return replace(self, trees=trees, symbolic=symbolic)

    def split(self) -> tuple[str, list[int], list[int]] | None:
        """Uses with few groups and uses with a group for each channel, which Keras tells apart."""
        if self.groups is None:
            return None
        alone = [any(name.startswith("depthwise") for name in tree) for tree in self.trees]
        if all(alone) or not any(alone[case] for case in self.place.real()):
            return None
        numbers, words, channels, channel_words = self.groups
        text = self.place.value(numbers, words, "groups")
        plain = [n for n, a in enumerate(alone) if not a]
        if not isinstance(text, Text):
            return None
        condition = infix("==", text, "1")
        if any(numbers[n] != 1 for n in plain):
            whole = self.place.matching(channels, channel_words)
            whole = channels[0] if same(channels) else whole
            few = [groups < size for groups, size in zip(numbers, channels, strict=True)]
            if whole is None or any(a is b for a, b in zip(few, alone, strict=True)):
                return None
            condition = infix("<", text, str(whole))
        return condition, plain, [n for n, a in enumerate(alone) if a]

    def common_start(self, chosen: Sequence[int], others: Sequence[int]) -> Stage | None:
        """A stage that both of two ways begin with."""
        forms = [self.at(part).form().rpartition(" ")[2] for part in (chosen, others)]
        if forms[0] != forms[1] or forms[0] != "padded":
            return None
        first = [tree.get("padded") or tree[f"depthwise {forms[0]}"] for tree in self.trees]
        words = None if self.symbolic is None else self.symbolic.get("padded")
        code = merge(
            [f[0].code for f in first], None if words is None else words[0].code, self.place
        )
        when = _padding_condition([f[0].code for f in first], code)
        return replace(first[0][0], code=code, when=when)


def _build(tree: Any) -> Any:
    """How a tree of code is put together, whatever its numbers and names are."""
    if isinstance(tree, (tuple, list)):
        return tuple(map(_build, tree))
    if is_dataclass(tree) and not isinstance(tree, (Spelled, type)):
        return tuple(_build(getattr(tree, f.name)) for f in fields(tree))
    return None


def _ungrouped(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    def without(code: Any) -> Any:
        if not isinstance(code, Call):
            return code
        kept = (a for a in code.arguments if not (isinstance(a, Keyword) and a.name == "groups"))
        return Call(code.target, tuple(kept))

    return tuple(replace(stage, code=without(stage.code)) for stage in stages)


def _padding_condition(codes: Sequence[Any], merged: Any) -> str | None:
    """When there is something to pad, where some uses pad and others do not: `kernel > 1`."""
    if not isinstance(merged, Call) or not merged.target.startswith("layers.ZeroPadding"):
        return None
    amount, numbers = merged.arguments[0], [code.arguments[0] for code in codes]
    if not isinstance(amount, Text) or 0 not in numbers or all(n == 0 for n in numbers):
        return None
    if not all(type(n) is int for n in numbers):
        return infix("!=", amount, "0") if binding(amount) == ATOM else None
    halved = re.fullmatch(r"(\w+) // 2", amount)
    if halved:
        return infix(">", halved[1], "1")
    return infix(">", amount, "0")


def _customary(code: Any) -> Any:
    """``Conv2D(64, 3, 2)``: equal sizes are one number, and the strides stand third."""
    if not isinstance(code, Call) or not _WINDOWS.match(code.target):
        return code
    arguments = [_uniform(argument) for argument in code.arguments]
    if not code.target.startswith(("layers.Conv", "layers.Max")):
        return Call(code.target, tuple(arguments))
    for n, argument in enumerate(arguments):
        if isinstance(argument, Keyword):
            if argument.name == "strides" and n == (2 if "Conv" in code.target else 1):
                arguments[n] = argument.value
            break
    return Call(code.target, tuple(arguments))


def _uniform(argument: Any) -> Any:
    """`3` for `(3, 3)`."""
    if isinstance(argument, Keyword):
        return replace(argument, value=_uniform(argument.value))
    alike = isinstance(argument, tuple) and len(argument) > 1 and same(argument)
    return argument[0] if alike and type(argument[0]) is int else argument
