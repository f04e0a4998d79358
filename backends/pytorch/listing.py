"""The members of an ``nn.Sequential`` as text: its arguments, or a list that is made first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from re import fullmatch

from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import are_opposite
from graphcnn.backends.python.unit import Unit

#: how many members that are alike make a loop
_ROW = 3


@dataclass(frozen=True)
class Member:
    """One entry of an ``nn.Sequential``; ``condition`` is the text of when it is there."""

    name: str
    text: str
    condition: str | None = None


def sequential(members: Sequence[Member], *, named: bool) -> str:
    """``nn.Sequential(…)``; with names where they are not just counted."""
    return f"nn.Sequential({listed(members, named=named)})"


def listed(members: Sequence[Member], *, named: bool) -> str:
    """Members as the arguments of an ``nn.Sequential``."""
    if named or any(has_id(member) for member in members):
        rows = _rows(members)
        if len(rows) == 1 and len(rows[0]) >= _ROW:
            return f"OrderedDict({_generator(rows[0])})"
        pairs = [f'("{member.name}", {member.text})' for row in rows for member in row]
        return f"OrderedDict([{', '.join(pairs)}])"
    return ", ".join(member.text for member in members)


def _rows(members: Sequence[Member]) -> list[list[Member]]:
    """Members that are alike and numbered one after the other, as `layer1`, `layer2`."""
    found: list[list[Member]] = []
    for member in members:
        last = found[-1][-1] if found else None
        alike = last is not None and last.text == member.text and not _reads_i(member)
        if last is not None and alike and _following(last.name) == member.name:
            found[-1].append(member)
        else:
            found.append([member])
    return found


def _reads_i(member: Member) -> bool:
    return "i" in names_in(member.text)


def _numbered(name: str) -> tuple[str, int] | None:
    """A name that ends in a number as its two parts."""
    found = fullmatch(r"(.*?)(0|[1-9]\d*)", name)
    return (found[1], int(found[2])) if found else None


def _following(name: str) -> str | None:
    parts = _numbered(name)
    return f"{parts[0]}{parts[1] + 1}" if parts else None


def _generator(row: Sequence[Member]) -> str:
    """Such a row, however long: `(f"layer{i}", Layer()) for i in range(1, 3)`."""
    stem, begin = _numbered(row[0].name) or ("", 0)
    bounds = f"{begin}, {begin + len(row)}" if begin else str(len(row))
    return f'(f"{stem}{{i}}", {row[0].text}) for i in range({bounds})'


def can_be_listed(members: Sequence[Member], *, named: bool) -> bool:
    """Whether names and numbers go together: what a generator or a condition makes is counted."""
    counted = any(not member.name or member.condition for member in members)
    return not (counted and (named or any(has_id(member) for member in members)))


def are_counted(members: Sequence[Member]) -> bool:
    """Whether the names of members are those that a list gives them, from 0 on without a gap."""
    return [member.name for member in members] == [*map(str, range(len(members)))]


def has_id(member: Member) -> bool:
    """Whether a member has a name that is no number."""
    return bool(member.name) and not member.name.isdigit()


def layer_lines(members: Sequence[Member], name: str) -> list[str]:
    """Lines that gather members in a list called ``name``, some of them under a condition."""
    lines: list[str] = []
    texts: list[str] = []

    def flush() -> None:
        if not lines:
            lines.append(f"{name}: list[nn.Module] = [{', '.join(texts)}]")
        elif texts:
            lines.append(_added(name, texts))
        texts.clear()

    before = None
    for condition, group in groupby(members, key=lambda member: member.condition):
        found = [member.text for member in group]
        if condition is None:
            texts += found
        else:
            flush()
            otherwise = before is not None and are_opposite(before, condition)
            lines.append("else:" if otherwise else f"if {condition}:")
            lines.append(f"    {_added(name, found)}")
        before = condition
    flush()
    return lines


def sequential_init(unit: Unit, members: Sequence[Member]) -> list[str]:
    """``super().__init__(…)`` of an ``nn.Sequential``; conditional members make a list first."""
    if any(member.condition for member in members):
        layers = free_name(unit, "layers")
        return [*layer_lines(members, layers), f"super().__init__(*{layers})"]
    # a member without a module, such as a sum over an axis, leaves a gap in the numbers
    gaps = all(m.name for m in members) and not are_counted(members)
    return [f"super().__init__({listed(members, named=gaps)})"]


def free_name(unit: Unit, name: str) -> str:
    """A name for a local variable that none of the author's names is."""
    known = {*unit.parameters, *unit.lets, *unit.arguments, *unit.spelling.values()}
    while name in known:
        name += "_"
    return name


def _added(name: str, texts: Sequence[str]) -> str:
    if len(texts) == 1 and not texts[0].startswith("*"):
        return f"{name}.append({texts[0]})"
    return f"{name} += [{', '.join(texts)}]"


def careful(text: str) -> str:
    """A module's text, without leave to overwrite its input."""
    return text.replace("(inplace=True)", "()")
