"""The body of `forward`: steps of one value each, made into lines that read like the paper.

A step that only normalises, activates or joins is written around the step before it
(`self.relu(self.bn1(self.conv1(x)))`), so that a line is about one layer. Variables are few:
`x` goes through, `y` appears where `x` is needed again, and what the author named keeps its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphcnn.backends.python.builtin_names import BUILTINS
from graphcnn.backends.python.code import Call, Input, Inputs
from graphcnn.backends.python.precedence import are_opposite
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.python.unit import Mismatch
from graphcnn.backends.pytorch.reserved import safe
from graphcnn.backends.pytorch.steps import INDENT, TRAINING, WIDTH, Slot, Step, mentions

_SPARE = ("x", "y", "z", "u", "v", "w")


@dataclass(eq=False)
class Forward:
    """Collects steps, then writes them."""

    inputs: list[Slot]
    steps: list[Step] = field(default_factory=list)

    def add(self, step: Step) -> Step:
        self.steps.append(step)
        return step

    def drop_unread(self, results: Sequence[Slot]) -> list[Step]:
        """Leave out the steps that come to nothing; they come back."""
        read = set(results)
        kept = []
        for step in reversed(self.steps):
            if step.keeps or not read.isdisjoint(step.targets):
                read.update(step.sources)
                kept.append(step)
        dropped = [step for step in self.steps if step not in kept]
        self.steps = kept[::-1]
        return dropped

    def join(self, slot: Slot, end: Slot, before: Slot, begin: int) -> None:
        """Make ``slot`` of the ``end`` of the steps from ``begin`` on, or what is ``before`` them.

        Raises:
            Mismatch: these steps do not make it.
        """
        steps = self.steps[begin:]
        if not any(end in step.targets for step in steps):
            raise Mismatch
        for step in steps:
            step.joins = step.joins or end in step.targets
            step.targets = [slot if target is end else target for target in step.targets]
            step.sources = [slot if source is end else source for source in step.sources]
        self.steps.insert(begin, Step([slot], Input(), [before], joins=True))

    def lines(self, results: Sequence[tuple[str | None, Slot, bool]]) -> list[str]:
        """The body; ``results`` are (key, value, whether in training alone).

        One result without a key is returned as it is, several as a tuple, those with keys as
        a dictionary.
        """
        writer = _Writer(self, results)
        writer.choose_inlined()
        while True:
            lines = writer.write()
            if not writer.shorten():
                return lines


class _Writer:
    def __init__(self, forward: Forward, results: Sequence[tuple[str | None, Slot, bool]]) -> None:
        self.forward = forward
        self.steps = forward.steps
        self.results = results
        self.producer = {slot: step for step in self.steps for slot in step.targets}
        self.position = {step: n for n, step in enumerate(self.steps)}
        self.readers: dict[Slot, list[Step | None]] = {}
        for step in self.steps:
            for slot in step.sources:
                self.readers.setdefault(slot, []).append(step)
        for _, slot, _ in results:
            self.readers.setdefault(slot, []).append(None)
        self.too_long: list[Step] = []

    # what is written inside what

    def choose_inlined(self) -> None:
        results = [slot for _, slot, _ in self.results]
        for step in self.steps:
            if step.joins:
                continue
            if len(step.targets) > 1:  # a call that gives all that comes out, and in that order
                plain = not any(key for key, _, _ in self.results)
                once = all(self.readers.get(slot) == [None] for slot in step.targets)
                step.inlined = plain and once and step.targets == results
                continue
            if len(self.readers.get(step.targets[0], [])) != 1:
                continue
            (reader,) = self.readers[step.targets[0]]
            if reader is None:
                step.inlined = len(self.results) == 1 or self.depth(step) <= 1
            elif reader.condition == step.condition and reader.light:
                several = len(reader.sources) > 1
                once = mentions(reader.code, reader.sources.index(step.targets[0])) == 1
                step.inlined = once and (not several or self.depth(step) <= 1)
            if step.inlined and reader is not None and not self.adjacent(step, reader):
                step.inlined = False

    def adjacent(self, step: Step, reader: Step) -> bool:
        """Whether nothing but other operands of ``reader`` comes between."""
        between = self.steps[self.position[step] + 1 : self.position[reader]]
        return all(s.inlined or self.feeds(s, reader) for s in between) and len(between) <= 4

    def feeds(self, step: Step, reader: Step) -> bool:
        return any(slot in reader.sources for slot in step.targets)

    def depth(self, step: Step) -> int:
        inner = [self.producer[s] for s in step.sources if s in self.producer]
        return 1 + max((self.depth(s) for s in inner if s.inlined), default=0)

    def shorten(self) -> bool:
        """Give a step of an overlong line a line of its own; False where nothing is left to do."""
        for step in self.too_long:
            inner = [self.producer[s] for s in step.sources if s in self.producer]
            deepest = [s for s in inner if s.inlined]
            while deepest:
                candidate = deepest[0]
                further = [
                    self.producer[s]
                    for s in candidate.sources
                    if s in self.producer and self.producer[s].inlined
                ]
                if not further or self.depth(candidate) <= 2:
                    candidate.inlined = False
                    return True
                deepest = further
        return False

    # names

    def last_use(self) -> dict[Slot, int]:
        """The position of the line that reads each slot last."""
        end = len(self.steps)
        found: dict[Slot, int] = {}
        for slot, readers in self.readers.items():
            found[slot] = max(end if r is None else self.line_of(r) for r in readers)
        return found

    def line_of(self, step: Step) -> int:
        while step.inlined:
            (reader,) = self.readers[step.targets[0]]
            if reader is None:
                return len(self.steps)
            step = reader
        return self.position[step]

    def write(self) -> list[str]:
        self.too_long = []
        self.lines: list[str] = []
        self.condition: str | None = None
        last = self.last_use()
        for slot in self.producer:
            slot.name = None
        live: dict[str, Slot] = {str(slot.name): slot for slot in self.forward.inputs}
        shown = None  # the shape that was last written beside a line
        keyed = any(key for key, _, _ in self.results)
        plain = not any(only for _, _, only in self.results)
        if keyed and not plain:
            self.line("outputs: dict[str, Tensor] = {}")
        waiting = {} if plain else self.by_slot()
        for slot, keys in waiting.items():
            if slot not in self.producer:  # an input that comes out as it is
                self.keep(str(slot.name), keys, training=False)
        for n, step in enumerate(self.steps):
            if not any(slot in self.readers for slot in step.targets):
                self.line(self.text(step), step.condition)
                continue
            if step.joins and step.condition is None and self.goes_on(step, last, live):
                continue
            if step.inlined and step.targets[0] not in waiting:
                continue
            text = self.text(step)
            keys = [key for slot in step.targets for key in waiting.get(slot, ())]
            alone = len(keys) == 1 and self.last_is_result(step) and keys[0][1] == step.training
            target = f'outputs["{keys[0][0]}"]' if alone else self.named(step, n, live, last)
            line = f"{target} = {text}"
            if step.inlined:
                step.targets[0].name = None
            width = INDENT + 4 * (step.condition is not None) + len(line)
            if width > WIDTH and self.has_inlined(step):
                self.too_long.append(step)
            comment = None if step.comment == shown else step.comment
            shown = step.comment or shown
            self.line(line, step.condition, comment)
            for slot in step.targets if not alone else ():
                self.keep(str(slot.name), waiting.get(slot, ()), training=step.training)
        self.line(self.returned(keyed, plain))
        return self.lines

    def line(self, text: str, condition: str | None = None, comment: str | None = None) -> None:
        """Add a line, behind an `if` where there is a condition."""
        before, self.condition = self.condition, condition
        if condition is not None and condition != before:
            otherwise = before is not None and are_opposite(before, condition)
            self.lines.append("else:" if otherwise else f"if {condition}:")
        text = f"    {text}" if condition is not None else text
        if comment and INDENT + len(text) + 4 + len(comment) <= WIDTH:
            text = f"{text}  # {comment}"
        self.lines.append(text)

    def by_slot(self) -> dict[Slot, list[tuple[str, bool]]]:
        """The keys of the outputs that each value is, and whether in training alone."""
        found: dict[Slot, list[tuple[str, bool]]] = {}
        for key, slot, only in self.results:
            if key:
                found.setdefault(slot, []).append((key, only))
        return found

    def named(self, step: Step, n: int, live: dict[str, Slot], last: dict[Slot, int]) -> str:
        """Names for a step's values; `_` for those that nobody reads."""
        return ", ".join(
            self.name(slot, n, live, last) if slot in self.readers else "_" for slot in step.targets
        )

    def keep(self, name: str, keys: Sequence[tuple[str, bool]], *, training: bool) -> None:
        """A value that is read further on and is an output too, under one name or several."""
        for key, only in keys:
            self.line(f'outputs["{key}"] = {name}', TRAINING if training or only else None)

    def last_is_result(self, step: Step) -> bool:
        return len(step.targets) == 1 and self.readers.get(step.targets[0]) == [None]

    def has_inlined(self, step: Step) -> bool:
        """Whether a line can be made shorter; a list of operands wraps well as it is."""
        if isinstance(step.code, Call) and any(isinstance(a, Inputs) for a in step.code.arguments):
            return False
        return any(s in self.producer and self.producer[s].inlined for s in step.sources)

    def returned(self, keyed: bool, plain: bool) -> str:
        if keyed and not plain:
            return "return outputs"
        final = self.producer.get(self.results[0][1])
        if final is not None and final.inlined and len(final.targets) > 1:
            texts = [self.text(final)]
        else:
            texts = [self.reference(slot) for _, slot, _ in self.results]
        if keyed:
            pairs = [f'"{key}": {t}' for (key, _, _), t in zip(self.results, texts, strict=True)]
            return f"return {{{', '.join(pairs)}}}"
        line = f"return {', '.join(texts)}"
        long = INDENT + len(line) > WIDTH
        if long and final is not None and final.inlined and self.has_inlined(final):
            self.too_long.append(final)
        return line

    def goes_on(self, step: Step, last: dict[Slot, int], live: dict[str, Slot]) -> bool:
        """Whether a value can go on under the name that it has; it may be another later on."""
        (before,), (slot,) = step.sources, step.targets
        end = max(n for n, other in enumerate(self.steps) if slot in other.targets)
        known = [str(one.name) for one in self.forward.inputs]
        if last[before] > end or before.name not in (*_SPARE, *known):
            return False
        slot.name = before.name
        live[str(slot.name)] = slot
        return True

    def lends(self, slot: Slot, n: int, end: int, last: dict[Slot, int]) -> bool:
        """Whether a value's name is free from step ``n`` to ``end``, since it is only made then.

        The steps behind an `if` make it, and what it was before them is read no more.
        """
        places = [place for place, step in enumerate(self.steps) if slot in step.targets]
        if len(places) < 2 or not places[0] < n < places[1] or end > places[1]:
            return False
        (before,) = self.steps[places[0]].sources
        return before.name != slot.name or last[before] <= n

    def name(self, slot: Slot, n: int, live: dict[str, Slot], last: dict[Slot, int]) -> str:
        """A variable for a new value: the author's name, else one that is free from here on."""

        def free(name: str) -> bool:
            holder = live.get(name)
            if holder is None or last.get(holder, -1) <= n:
                return True
            return self.lends(holder, n, last[slot], last)

        if slot.name is None:  # else it has one from before the condition
            names = self.names(slot, far=self.is_far(slot, n, last))
            slot.name = next(candidate for candidate in names if free(candidate))
        live[slot.name] = slot
        return slot.name

    @staticmethod
    def names(slot: Slot, *, far: bool) -> Iterator[str]:
        """What a value may be called, the best name first."""
        known = [slot.key, slot.hint] if slot.key else [slot.hint] if far else []
        hints = [name.lower() for name in known if name]
        yield from (f"{name}_" if name in BUILTINS else safe(name) for name in hints)
        if hints:
            yield from (f"{hints[-1]}{number}" for number in range(2, 1000))
        yield from _SPARE
        yield from (f"x{k}" for k in range(1, 1000))

    def is_far(self, slot: Slot, n: int, last: dict[Slot, int]) -> bool:
        """Whether more than the next line reads a value, or something other than the chain."""
        following = next(
            (k for k in range(n + 1, len(self.steps)) if not self.steps[k].inlined), None
        )
        return len(self.readers.get(slot, [])) > 1 or last.get(slot, -1) != (
            len(self.steps) if following is None else following
        )

    # text

    def reference(self, slot: Slot) -> str:
        step = self.producer.get(slot)
        if step is not None and step.inlined:
            return self.text(step)
        return slot.name or "x"

    def text(self, step: Step) -> str:
        return Printer([self.reference(s) for s in step.sources], step.self_).text(step.code)
