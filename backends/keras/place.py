"""Places inside loops: how a value that differs between a loop's turns is written.

Outside of loops a place is what :class:`Where` is. Inside one, each turn of each use is a case,
and a value that differs between turns is written in the author's words, as a multiple of the
loop's counter, or as one more name that the loop binds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphcnn.backends.keras.loop_text import LoopText, is_plain
from graphcnn.backends.keras.turns import GAP, apart_by, is_row, steps_of, sum_of
from graphcnn.backends.python.expression import NoText
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import conditional, infix, shifted
from graphcnn.backends.python.printer import Text, literal
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.python.unit import Mismatch, Spelled, Unit, alike, axis_names, same
from graphcnn.backends.python.where import Where
from graphcnn.evaluate import Names
from graphcnn.expression import Expr
from graphcnn.program import Term
from graphcnn.size import UNKNOWN, Size, symbol

Case = tuple[int, ...]


@dataclass(eq=False)
class Loop:
    """One `for` line: what the author's names and those added to them are in each turn.

    Turns are numbered from ``begin``; rows and columns are kept for each case of the place
    around the loop.
    """

    outer: Place
    #: the author's name to the one in Python, which differs from those of the loops around
    names: dict[str, str]
    rows: list[list[Mapping[str, Any]]]
    terms: Mapping[str, Term | None]
    #: how often a repeat is done; None is a `for` over values
    times: Term | None = None
    begin: int = 0
    counter: str | None = None
    #: how many values its function had before it
    number: int = 0
    columns: dict[str, list[list[Any]]] = field(default_factory=dict)

    def column(self, values: list[list[Any]], hint: str) -> Text:
        """The name that has these values, one for each turn in each case."""
        for name, known in self.columns.items():
            apart = apart_by(known, values)
            if apart is None:
                continue
            self.columns[name] = [
                [b - apart if a is GAP and apart and b is not GAP else b if a is GAP else a
                 for a, b in zip(x, y, strict=True)]
                for x, y in zip(known, values, strict=True)
            ]  # fmt: skip
            return Text(shifted(name, apart))
        name = self.outer.free(hint)
        self.columns[name] = values
        return Text(name)

    def rows_of(self, name: str) -> list[tuple[Any, ...]]:
        """A column as it is written: where nothing reads it, it goes on as it was."""
        found = []
        for values in self.columns[name]:
            last = next((value for value in values if value is not GAP), None)
            if last is None:
                last = next(v for row in self.columns[name] for v in row if v is not GAP)
            row = []
            for value in values:
                last = last if value is GAP else value
                row.append(last)
            found.append(tuple(row))
        return found


class Place(Where):
    """A place in a unit's code, perhaps inside loops."""

    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "DepthwiseConv": ("kernel",),
        "Conv": ("filters", "kernel", "stride"),
        "Dense": ("units",),
        "Pooling": ("kernel", "stride"),
        "Padding": ("pads",),
        "Cropping": ("cropping",),
        "Dropout": ("rate",),
    }

    def __init__(
        self,
        unit: Unit,
        owners: list[int],
        envs: Sequence[Mapping[str, Any]],
        loop: Mapping[str, Size] | None = None,
        cases: list[Case] | None = None,
        inside: Loop | None = None,
    ) -> None:
        super().__init__(unit, owners, envs, dict(loop or {}))
        self.cases: list[Case] = [(owner,) for owner in owners] if cases is None else cases
        self.inside = inside

    def numbers(
        self, values: Sequence[int], conditions: Sequence[tuple[str, Sequence[bool]]]
    ) -> str:
        """Numbers that depend on which optional statements come before: `int(squeeze) + 1`."""
        counted = [(text, truths) for text, truths in conditions if len(set(truths)) > 1]
        rest = list(values)
        terms: list[str] = []
        for text, truths in counted:
            shown = [truths[owner] for owner in self.owners]
            steps = {
                b - a
                for a, x in zip(rest, shown, strict=True)
                for b, y in zip(rest, shown, strict=True)
                if y and not x
            }
            step = min(steps, default=0)
            if step <= 0:
                continue
            term = f"int({text})"
            terms.append(term if step == 1 else infix("*", str(step), term))
            rest = [v - step * t for v, t in zip(rest, shown, strict=True)]
        if not terms or not same(rest):
            raise Mismatch
        text = self._use(infix("+", *terms))
        unit = self.unit
        name = next((n for n, known in unit.locals.items() if known == text), None)
        if name is None:
            name = self.free("first")
            unit.locals[name] = text
        return shifted(name, rest[0])

    def subset(self, chosen: Iterable[int]) -> Place:
        picked = list(chosen)
        return Place(
            self.unit,
            [self.owners[c] for c in picked],
            [self.envs[c] for c in picked],
            self.loop,
            [self.cases[c] for c in picked],
            self.inside,
        )

    def bound(self, rows: Sequence[Mapping[str, Any]]) -> Place:
        envs = [Names(row, env) for row, env in zip(rows, self.envs, strict=True)]
        return Place(self.unit, self.owners, envs, self.loop, self.cases, self.inside)

    def looped(self, loop: Loop) -> Place:
        """The place inside a loop."""
        owners: list[int] = []
        envs: list[Mapping[str, Any]] = []
        cases: list[Case] = []
        for n, rows in enumerate(loop.rows):
            for turn, row in enumerate(rows):
                spoken = {word: row[name] for name, word in loop.names.items() if name in row}
                owners.append(self.owners[n])
                envs.append(Names({**row, **spoken}, self.envs[n]))
                cases.append((*self.cases[n], turn))
        found = dict(self.loop)
        for name, spoken_name in loop.names.items():
            found.pop(name, None)
            if all(type(row[name]) is int for rows in loop.rows for row in rows):
                found[spoken_name] = symbol(spoken_name, 0)
        return Place(self.unit, owners, envs, found, cases, loop)

    def free(self, hint: str) -> str:
        """A name that neither the unit nor a loop around this place has."""
        taken = {*self.unit.parameters, *self.unit.lets, *self.unit.taken, *self.unit.inputs}
        taken |= {*self.unit.arguments, *self.unit.locals, *self.loop_names()}
        name, number = hint, 2
        while name in taken:
            name, number = f"{hint}{number}", number + 1
        self.unit.taken.add(name)
        return name

    def loop_names(self) -> set[str]:
        found: set[str] = set()
        loop = self.inside
        while loop is not None:
            found |= {*loop.names.values(), *loop.columns}
            loop = loop.outer.inside
        return found

    def pooled(self, values: Sequence[Any]) -> Text | None:
        """A name in reach that has these values."""
        return self._pool(values)

    # words

    def near(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """What names mean here, those that loops bind included."""
        bound: dict[str, Any] = {}
        loops: list[Loop] = []
        loop = self.inside
        while loop is not None:
            loops.insert(0, loop)
            loop = loop.outer.inside
        for one in loops:
            for name, spoken in one.names.items():
                bound.pop(name, None)
                if spoken in self.loop:
                    bound[name] = self.loop[spoken]
        return Names(bound, known)

    def words(
        self,
        term: Term | None,
        known: Mapping[str, Any],
        hint: str = "size",
        *,
        by_operands: bool = False,
    ) -> Any:
        """A term over the unit's names and those of loops; UNKNOWN where it has no text."""
        if term is None:
            return UNKNOWN
        near = self.near(known)
        found = self.unit.try_evaluate(term, near, by_operands=by_operands)
        if self.inside is None or not isinstance(term.value, Expr):
            return found
        if found is not UNKNOWN and not isinstance(found, Spelled):
            return found
        writer = LoopText(self, near, hint)
        saved = {name: dict(loop.columns) for name, loop in self._loops()}
        try:
            return Spelled(Text(writer.text(term.value)), term.value)
        except (NoText, Mismatch):
            for name, loop in self._loops():
                loop.columns = saved[name]
            return UNKNOWN

    def _loops(self) -> list[tuple[int, Loop]]:
        found = []
        loop = self.inside
        while loop is not None:
            found.append((id(loop), loop))
            loop = loop.outer.inside
        return found

    @contextmanager
    def in_words(self, *, sizes: bool) -> Iterator[None]:
        """Take back what was noted of names if values came to need an argument or a column.

        Without ``sizes`` they may not need a size of what comes into the unit either.

        Raises:
            Mismatch: they did.
        """
        unit = self.unit
        saved = dict(unit.arguments), dict(unit.locals), set(unit.taken), dict(unit.symbols)
        columns = {name: dict(loop.columns) for name, loop in self._loops()}
        own = set(unit.parameters)
        if not sizes:
            unit.arguments = {}
            own -= {axis for name in unit.inputs for axis in self._axes(name)}
        try:
            yield
            new = unit.arguments.keys() - (saved[0].keys() if sizes else ()) - own
            if new or any(loop.columns != columns[name] for name, loop in self._loops()):
                raise Mismatch
            unit.arguments = {**saved[0], **unit.arguments}
        except Mismatch:
            unit.arguments, unit.locals, unit.taken, unit.symbols = saved
            for name, loop in self._loops():
                loop.columns = columns[name]
            raise

    def _axes(self, name: str) -> list[str]:
        """The names that the sizes of an input have."""
        shape = getattr(self.unit.envs[0][name], "shape", None) or ()
        return axis_names(self.unit.inputs[name], len(shape))

    def condition(self, truths: Sequence[bool], term: Term | None, near: Any, hint: str) -> str:
        found = self.words(term, near, "")  # what a list's cell says goes by the hint as a whole
        if isinstance(found, Spelled) and self.evaluated(found.expr) == list(truths):
            return self._use(found.text)
        return str(self.value(list(truths), None, hint))

    def is_first_turn(self, truths: Sequence[bool]) -> bool:
        """Whether this is inside a repeat, and something holds or fails in its first turn alone."""
        firsts = [case[-1] == 0 for case in self.cases]
        repeated = self.inside is not None and self.inside.times is not None
        return repeated and list(truths) in (firsts, [not first for first in firsts])

    # values

    def value(self, values: Sequence[Any], candidate: Any, hint: str) -> Any:
        if is_open(values):
            return self.read(values, candidate, hint)
        loop = self.inside
        if loop is None:
            return super().value(values, candidate, hint)
        if same(values):
            return values[0]
        text = self.matching(values, candidate)
        text = self._pool(values) if text is None else self._plainer(text, values)
        if text is not None:
            return text
        turns: list[list[Any]] = [[] for _ in loop.rows]
        numbers: list[list[int]] = [[] for _ in loop.rows]
        place = {case: n for n, case in enumerate(loop.outer.cases)}
        for case, value in zip(self.cases, values, strict=True):
            n = place[case[:-1]]
            turns[n].append(value)
            numbers[n].append(case[-1])
        present = [n for n, found in enumerate(turns) if found]
        outer = loop.outer if len(present) == len(turns) else loop.outer.subset(present)
        if all(same(turns[n]) for n in present):
            return outer.value([turns[n][0] for n in present], None, hint)
        steps = steps_of([turns[n] for n in present], [numbers[n] for n in present])
        if steps is not None and loop.counter is not None and is_row(steps, turns, hint):
            step, starts = steps
            base = outer.value([s - step * loop.begin for s in starts], None, "first")
            return sum_of(base, step, loop.counter)
        if not all(is_plain(v) for found in turns for v in found):
            raise Mismatch
        single = self._exception(values)
        if single is not None:
            return single
        turns = self._completed(turns, numbers, loop)
        return loop.column(turns, hint)

    def _exception(self, values: Sequence[Any]) -> Text | None:
        """`"same" if n == 4 else "valid"`, where few turns come here, and all but one agree."""
        loop = self.inside
        names = () if loop is None else loop.names.items()
        own, name = next(((own, n) for own, n in names if n in self.loop), ("", ""))
        if loop is None or not name:
            return None
        by_turn: dict[int, Any] = {}
        for env, value in zip(self.envs, values, strict=True):
            if not alike([by_turn.setdefault(env[name], value)], [value]):
                return None
        turns = len({row[own] for rows in loop.rows for row in rows})
        for at, value in by_turn.items():
            others = [other for turn, other in by_turn.items() if turn != at]
            if same(others) and len(by_turn) < turns:
                here = infix("==", name, literal(at))
                return Text(conditional(literal(value), here, literal(others[0])))
        return None

    def _plainer(self, text: Text, values: Sequence[Any]) -> Text:
        """`out` for `int(out * 1.0)`, of the names that loops bind."""
        words = names_in(text)
        for _, loop in self._loops():
            place = {case: n for n, case in enumerate(loop.outer.cases)}
            depth = len(loop.outer.cases[0])
            for name, column in loop.columns.items():
                found = [column[place[case[:depth]]][case[depth]] for case in self.cases]
                if name in words and alike(found, values):
                    return Text(name)
        return text

    @staticmethod
    def _completed(turns: list[list[Any]], numbers: list[list[int]], loop: Loop) -> list[list[Any]]:
        """With a gap for each turn that does not come here."""
        found = []
        for values, at, rows in zip(turns, numbers, loop.rows, strict=True):
            known = dict(zip(at, values, strict=True))
            found.append([known.get(turn, GAP) for turn in range(len(rows))])
        return found
