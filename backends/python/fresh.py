"""What `init` says of fresh weights, as rules that code can have: by class, or by name.

A file goes through its layers and asks for the class of each, as people write it. That is right
where all layers of a class are to hold the same. Where it is not, layers with groups may be asked
for by themselves; what is left is named, one layer at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphcnn.backends.python.precedence import operand
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch, same
from graphcnn.backends.python.where import Where
from graphcnn.expression import Expr
from graphcnn.initialisation import Initial
from graphcnn.ops.base import Shape


@dataclass(frozen=True)
class Part:
    """A layer that holds weights: what it is called, and the classes that it may be of.

    ``held`` are the canonical shapes of its weights, by what the code calls them, and ``schemes``
    what fresh ones hold of which `init` says it. ``grouped`` says whether a convolution has groups,
    None of other layers. ``section`` is the op under which it stands in `init`.
    """

    name: str
    kinds: tuple[str, ...]
    section: str
    held: Mapping[str, Shape]
    schemes: Mapping[str, Any]
    grouped: bool | None = None


@dataclass(frozen=True)
class Rule:
    """What all layers of a class hold, or those of it with groups, or without.

    ``lacking`` are weights that some of them do not have.
    """

    kind: str
    schemes: Mapping[str, Any]
    grouped: bool | None
    lacking: frozenset[str]


def rules(parts: Sequence[Part], order: Iterable[str]) -> tuple[list[Rule], list[Part]]:
    """The rules by class, in the order of the sections, and the layers that have to be named."""
    found: list[Rule] = []
    named: list[Part] = []
    done: set[str] = set()
    for section in order:
        kinds = {kind for part in parts if part.section == section for kind in part.kinds}
        for kind in sorted(kinds - done):
            done.add(kind)
            of_kind = [part for part in parts if kind in part.kinds]
            by_class = _by_class(kind, of_kind)
            if by_class is None:
                named += [part for part in of_kind if part.schemes and part not in named]
            else:
                found += by_class
    return found, named


def _by_class(kind: str, parts: list[Part]) -> list[Rule] | None:
    """Rules under which all layers of a class hold what they should; None where there are none."""
    whole = _shared(parts)
    if whole is not None:
        return [Rule(kind, whole, None, _lacking(parts, whole))] if whole else []
    if any(part.grouped is None for part in parts):
        return None
    found = []
    for grouped in (True, False):
        some = [part for part in parts if part.grouped is grouped]
        schemes = _shared(some)
        if schemes is None:
            return None
        if schemes:
            found.append(Rule(kind, schemes, grouped, _lacking(some, schemes)))
    return found


def _shared(parts: list[Part]) -> dict[str, Any] | None:
    """What all of them hold, as far as they have the weight; None where one holds another thing."""
    found: dict[str, Any] = {}
    for part in parts:
        for weight, scheme in part.schemes.items():
            if found.setdefault(weight, scheme) != scheme:
                return None
    fit = all(
        weight in part.schemes for part in parts for weight in part.held.keys() & found.keys()
    )
    return found if fit else None


def _lacking(parts: list[Part], schemes: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(weight for part in parts for weight in schemes.keys() - part.held.keys())


def part_of(by_key: Mapping[str, Any], part: str) -> dict[str, Any]:
    """What belongs to the weights of one part of a layer: of `depthwise.weight`, `weight`."""
    begin = f"{part}."
    return {k.removeprefix(begin): v for k, v in by_key.items() if k.startswith(begin)}


def branches(
    by_class: Iterable[Rule],
    own: Sequence[str],
    variable: str,
    body_of: Callable[[Rule], list[str]],
) -> list[tuple[list[str], str, list[str]]]:
    """Classes, what else is asked of ``variable``, and the lines for those that are such.

    ``own`` are the author's classes. They come first, since they may be subclasses of others.
    """
    found: list[tuple[list[str], str, list[str]]] = []
    for rule in sorted(by_class, key=lambda rule: rule.kind not in own):
        body = body_of(rule)
        if not body:
            continue
        begun = any(rule.kind in kinds for kinds, _, _ in found)
        sign = ">" if rule.grouped else "=="
        end = "" if begun or rule.grouped is None else f" and {variable}.groups {sign} 1"
        if found and found[-1][1:] == (end, body):
            found[-1][0].append(rule.kind)
        else:
            found.append(([rule.kind], end, body))
    silent = [name for name in own if not any(name in kinds for kinds, _, _ in found)]
    if found and silent:
        found.insert(0, (silent, "", ["pass  # it fills its weights itself"]))
    return found


def worded(initials: Sequence[Initial], written: Initial, where: Where) -> Initial:
    """`init` with what differs between the graphs in the author's words.

    Raises:
        Mismatch: there are no words for something.
    """
    ops, layers = (
        {
            name: _worded([found[at].get(name) for found in initials], schemes, where)
            for name, schemes in written[at].items()
        }
        for at in (0, 1)
    )
    return Initial(ops, layers)


def _worded(values: Sequence[Any], written: Any, where: Where) -> Any:
    if isinstance(written, Mapping):
        return {key: _worded([v[key] for v in values], one, where) for key, one in written.items()}
    if same(values):
        return values[0]
    text = (
        where.matching(values, where.proposed(written, {})) if isinstance(written, Expr) else None
    )
    if text is None:
        raise Mismatch
    return text


def times(factor: int, number: Any) -> Any:
    """A number of the section times another, as a value or as text."""
    if not isinstance(number, Text):
        return factor * number
    return Text(f"-{operand(number)}" if factor == -1 else f"{factor} * {operand(number)}")


def by_what(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[Any, list[str]]]:
    """Names by what belongs to them, in the order of the first of each."""
    found: list[tuple[Any, list[str]]] = []
    for name, what in named:
        names = next((names for known, names in found if known == what), None)
        if names is None:
            found.append((what, [name]))
        else:
            names.append(name)
    yield from found
