"""Steps to lines: variables are named, loops and conditions written around what they hold.

Variables are few: `x` goes through, `y` appears where `x` is needed again, and what the author
named keeps its name where it is read further on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphcnn.backends.keras.header_line import header
from graphcnn.backends.keras.lists import whole_list
from graphcnn.backends.keras.spelling import spelled
from graphcnn.backends.keras.steps import (
    Part,
    Repeat,
    Slot,
    Step,
    When,
    end_of,
    made_by,
    slots_read,
)
from graphcnn.backends.python.code import Call, Inputs
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.python.unit import Unit

WIDTH = 88
_SPARE = ("x", "y", "z", "u", "v", "w")


@dataclass(eq=False)
class Scribe:
    """Writes the lines of one function."""

    parts: list[Part]
    inputs: list[Slot]
    results: Sequence[Slot]
    unit: Unit
    variables: set[str] = field(default_factory=set)
    position: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    last: dict[Slot, int] = field(default_factory=dict)
    reads: dict[Slot, int] = field(default_factory=dict)
    live: dict[str, Slot] = field(default_factory=dict)
    #: what was made in the lines of the loop or condition that is being written
    own: set[Slot] = field(default_factory=set)
    #: the shape that was last written beside a line
    shown: str | None = None

    def lines(self, stop: int | None = None) -> list[str]:
        """The body up to a part, without what it returns; every slot has its name then."""
        end = self._number(self.parts, 0)
        for slot in self.results:
            self._read(slot, end + 1)
        self.live = {str(slot.name): slot for slot in self.inputs}
        self.variables |= set(self.live)
        return self._write(self.parts[:stop])

    def rest(self, start: int) -> list[str]:
        """The lines of the parts that were left, which are under a condition already."""
        for part in self.parts[start:]:
            part.training = False
        return self._write(self.parts[start:])

    # where values are read

    def _number(self, parts: Iterable[Part], at: int) -> int:
        for part in parts:
            at += 1
            self.position[id(part)] = at
            if isinstance(part, Step):
                self._read_all((*part.sources, *_listed(part)), at)
                continue
            self._read_all((part.entry, *self._begun(part)), at)
            begin = at
            at = self._number(part.body, at) + 1
            self._read_all((part.end,), at)
            if isinstance(part, When):
                at = self._number(part.otherwise, at) + 1
                if part.other_end is not None:
                    self._read(part.other_end, at)
            self._read_all(_listed(part), at)
            self.ends[id(part)] = at
            if isinstance(part, Repeat):
                self._extend(part, begin, at)
        return at

    def _read_all(self, slots: Iterable[Slot | None], at: int) -> None:
        for slot in slots:
            if slot is not None:
                self._read(slot, at)

    @staticmethod
    def _begun(part: Repeat | When) -> list[Slot]:
        """What the lists hold that are begun before a loop."""
        lists = part.lists if isinstance(part, Repeat) else []
        return [slot for listing in lists for slot in listing.firsts]

    def _read(self, slot: Slot, at: int) -> None:
        self.last[slot] = max(self.last.get(slot, 0), at)
        self.reads[slot] = self.reads.get(slot, 0) + 1

    def _extend(self, part: Repeat, begin: int, end: int) -> None:
        """What a loop reads from outside lives until its last turn is done."""
        made: set[Slot | None] = {*_made(part.body), part.begin}
        for slot in slots_read(part.body):
            if slot not in made and self.last[slot] > begin:
                self.last[slot] = max(self.last[slot], end)

    # lines

    def _write(self, parts: Sequence[Part], wanted: dict[Slot, str] | None = None) -> list[str]:
        lines: list[str] = []
        training = False
        outside, own = self.own, set[Slot]()
        for n, part in enumerate(parts):
            if not part.training:
                self.own = own
            elif not training:
                self.own = set()
                lines.append("if training_outputs:")
            training = part.training
            following = parts[n + 1] if n + 1 < len(parts) else None
            indent = "    " if training else ""
            lines += [indent + line for line in self._part(part, following, wanted or {})]
            lines += [f"{indent}{line}" for line in self._appended(part)]
            self.own.update(made_by(part))
        self.own = outside
        return lines

    def _part(self, part: Part, following: Part | None, wanted: dict[Slot, str]) -> list[str]:
        if isinstance(part, Step):
            return self._step(part, following, wanted)
        return self._repeat(part) if isinstance(part, Repeat) else self._when(part)

    def _appended(self, part: Part) -> list[str]:
        """The lines that put what a step has made into lists."""
        if self._is_item_alone(part):
            return []
        return [
            f"{listing.name}.append({slot.name})"
            for slot in made_by(part)
            for listing in slot.lists
        ]

    def _is_item_alone(self, part: Part) -> bool:
        """Whether nothing reads what a line makes but the list that it is put into."""
        if not isinstance(part, Step) or len(part.targets) != 1:
            return False
        (made,) = part.targets
        return len(made.lists) == 1 == self.reads.get(made)

    def _step(self, step: Step, following: Part | None, wanted: dict[Slot, str]) -> list[str]:
        at = self.position[id(step)]
        text = self.text(step)
        if step.holds is not None:
            return [f"{step.holds} = {text}"]
        if self._is_item_alone(step):
            return [f"{step.targets[0].lists[0].name}.append({text})"]
        names = [
            self._name(slot, at, following, wanted) if slot in self.last else "_"
            for slot in step.targets
        ]
        line = f"{', '.join(names)} = {text}"
        if len(names) == 1 and text == names[0]:
            return []
        said = isinstance(step.code, Call) and step.code.target == "layers.Reshape"
        if (
            step.comment
            and step.comment != self.shown
            and not said
            and len(line) + len(step.comment) < WIDTH - 7
        ):
            line += f"  # {step.comment}"
        self.shown = step.comment or self.shown
        return [line]

    def text(self, step: Step) -> str:
        printer = Printer([str(slot.name) for slot in step.sources])
        text = printer.text(step.code)
        if step.fed is None:
            return text
        whole = whole_list(step.sources) if step.fed == (Inputs(),) else None
        return f"{text}({whole or printer.arguments(step.fed)})"

    def _outlives(self, part: Repeat | When) -> bool:
        """Whether what goes into a loop or a condition is needed beside what comes of it."""
        entry = end_of(part.entry)
        inner = isinstance(part, Repeat) and entry in set(slots_read(part.body))
        later = self.last[entry] > self.ends[id(part)]
        return inner or later or entry.item is not None or entry in self.inputs_kept()

    def _carried(self, part: Repeat | When) -> tuple[str, list[str]]:
        """The variable that goes through a loop or a condition; a copy where it is needed after."""
        entry = end_of(part.entry)
        name = str(entry.name)
        if not self._outlives(part):
            return name, []
        at = self.position[id(part)]
        known = self._hinted(entry, at) if name in _SPARE else None
        if known is not None and entry in self.own:
            self._hold(entry, known)
            return name, [f"{known} = {name}"]
        copied = self._copy(part)
        return copied, [f"{copied} = {name}"]

    def _copy(self, part: Repeat | When) -> str:
        """A variable for what comes of a loop or a condition, beside the one that goes in."""
        at = self.position[id(part)]
        far = isinstance(part, When) and self._is_read_on(part.result)
        return (self._hinted(part.result, at) if far else None) or self._fresh(at)

    def _is_read_on(self, slot: Slot) -> bool:
        """Whether a value that the author named is read in several places."""
        return slot.hint is not None and self.reads.get(slot, 0) > 1

    def inputs_kept(self) -> set[Slot]:
        return {slot for slot in self.inputs if slot in set(self.results)}

    def _repeat(self, part: Repeat) -> list[str]:
        begun = [
            f"{listing.name} = [{', '.join(str(slot.name) for slot in listing.firsts)}]"
            for listing in part.lists
        ]
        if part.begin is None:
            body = self._apart(part)
            return [*begun, header(part.loop, body), *(f"    {line}" for line in body)]
        name, lines = self._carried(part)
        part.begin.name = name
        self.live[name] = part.begin
        end = end_of(part.end)
        body = self._write(part.body, {end: name})
        if end.name != name:
            body.append(f"{name} = {end.name}")
        part.result.name = name
        self.live[name] = part.result
        lines = begun + lines
        if not body:  # identities, of which there is nothing to write
            return lines
        lines.append(header(part.loop, body))
        return lines + [f"    {line}" for line in body]

    def _apart(self, part: Repeat) -> list[str]:
        """The body of a loop of which no turn reads what the one before made."""
        body = self._write(part.body)
        if part.end is None:
            return body
        name = str(part.end.name)
        if part.end not in set(_made(part.body)):
            name = self._fresh(self.ends[id(part)])
            body.append(f"{name} = {part.end.name}")
        self._hold(part.result, name)
        return body

    def _when(self, part: When) -> list[str]:
        lines: list[str] = []
        if part.other_end is not None and (self._outlives(part) or self._is_read_on(part.result)):
            name, going = self._copy(part), str(part.entry.name)  # either way makes the value anew
        else:
            name, lines = self._carried(part)
            going = name
        entry = str(part.entry.name)
        bodies = []
        for steps, end in ((part.body, part.end), (part.otherwise, part.other_end)):
            if end is None:
                continue
            before = dict(self.live)
            if going == name:
                part.entry.name = name
                self.live[name] = self._inside(part.entry, steps)
            body = self._write(steps, {end: name})
            if end.name != name:
                body.append(f"{name} = {end.name}")
            self.live = before
            bodies.append(body)
        part.entry.name = entry
        lines += [f"if {part.condition}:", *(f"    {line}" for line in bodies[0] or ["pass"])]
        if len(bodies) > 1:
            lines += ["else:", *(f"    {line}" for line in bodies[1] or ["pass"])]
        part.result.name = name
        self.live[name] = part.result
        return lines

    def _inside(self, entry: Slot, steps: Sequence[Part]) -> Slot:
        """What holds the name of a value in one of two ways, each of which uses it up."""
        stand_in = Slot({}, entry.shape, entry.layout)
        at = [self._last_read(part) for part in steps if entry in set(slots_read([part]))]
        self.last[stand_in] = max(at, default=0)
        return stand_in

    def _last_read(self, part: Part) -> int:
        return self.ends.get(id(part), self.position[id(part)])

    # names

    def _free(self, name: str, at: int) -> bool:
        holder = self.live.get(name)
        taken = name in self.unit.taken and name not in self.variables
        known = name in {spelled(own) for own in (*self.unit.parameters, *self.unit.lets)}
        return not taken and not known and (holder is None or self.last.get(holder, -1) <= at)

    def _fresh(self, at: int) -> str:
        names = [*_SPARE, *(f"x{k}" for k in range(1, 1000))]
        return next(name for name in names if self._free(name, at) and name not in self.live)

    def _name(self, slot: Slot, at: int, following: Part | None, wanted: dict[Slot, str]) -> str:
        """A variable for a new value: the author's name, else one that is free from here on."""
        if slot in wanted and self._free(wanted[slot], at):
            name = wanted[slot]
        else:
            far = slot.kept or self._is_far(slot, following)
            known = self._hinted(slot, at) if far else None
            names = [*_SPARE, *(f"x{k}" for k in range(1, 1000))]
            name = known or next(spare for spare in names if self._free(spare, at))
        self._hold(slot, name)
        return name

    def _hold(self, slot: Slot, name: str) -> None:
        slot.name = name
        self.live[name] = slot
        self.variables.add(name)
        self.unit.taken.add(name)

    def _hinted(self, slot: Slot, at: int) -> str | None:
        """What the author calls a value, as a variable is called.

        Beside a function of that name it is `votes_`, or nothing in particular where only one
        line reads it.
        """
        if slot.hint is None:
            return None
        name = hint = slot.hint.lower()
        if name not in self.variables and not self._free(name, at):
            name = f"{hint}_" if self.reads.get(slot, 0) > 1 else ""
        number = 2
        while name and not self._free(name, at):
            name, number = f"{hint}{number}", number + 1
        return name or None

    def _is_far(self, slot: Slot, following: Part | None) -> bool:
        """Whether something other than what comes next reads a value."""
        if following is None or slot not in set(slots_read([following])):
            return following is not None
        return self.last[slot] > self._last_read(following)


def _made(parts: Iterable[Part]) -> Iterable[Slot]:
    for part in parts:
        if isinstance(part, Step):
            yield from part.targets
        else:
            yield from _made(part.body)
            yield part.result
            if isinstance(part, When):
                yield from _made(part.otherwise)
            elif part.begin is not None:
                yield part.begin


def _listed(part: Part) -> list[Slot]:
    """What is put into lists behind a step, once for each of them."""
    return [slot for slot in made_by(part) for _ in slot.lists]
