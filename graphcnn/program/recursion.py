"""Blocks that use each other without end, found before anything is expanded."""

from __future__ import annotations

from collections.abc import Iterator

from graphcnn.diagnostics import Diagnostic
from graphcnn.program.tree import (
    BlockUse,
    Branches,
    ComputedUse,
    Dense,
    Group,
    Program,
    Residual,
    Statement,
)


def check_recursion(program: Program) -> list[Diagnostic]:
    """Report each circle of blocks, and note in ``program`` which blocks never end.

    Only uses that nothing guards count: those without `when`, and outside of a `repeat` or `for`
    that may be empty. Where a guard never turns false, elaboration finds out.
    """
    uses = {
        name: dict(_certain_uses(block.body))
        for name, block in program.blocks.items()
        if block.program is program
    }
    endless = _endless({name: set(used) for name, used in uses.items()})
    program.endless = frozenset(program.blocks[name] for name in endless)
    return [_report(circle, uses) for circle in _circles(endless, uses)]


def _certain_uses(body: tuple[Statement, ...]) -> Iterator[tuple[str, Statement]]:
    """The blocks that a list of statements uses, whatever the parameters are."""
    for statement in body:
        repeat = statement.repeat
        if statement.when is not None or (repeat is not None and not _is_positive(repeat.value)):
            continue
        action = statement.action
        if isinstance(action, BlockUse):
            yield action.name, statement
        elif isinstance(action, ComputedUse) and isinstance(action.name.value, str):
            yield action.name.value, statement
        elif isinstance(action, (Group, Dense)):
            yield from _certain_uses(action.body)
        elif isinstance(action, Residual):
            yield from _certain_uses(action.body)
            if action.skip is None and action.shortcut is not None:
                yield from _certain_uses(action.shortcut)
        elif isinstance(action, Branches):
            for path in action.paths:
                yield from _certain_uses(path.body)


def _is_positive(value: object) -> bool:
    return type(value) is int and value > 0


def _endless(uses: dict[str, set[str]]) -> set[str]:
    """Those that cannot be built up from ones that end: the circles, and what leads to them."""
    users: dict[str, list[str]] = {name: [] for name in uses}
    waiting = {}
    for name, used in uses.items():
        own = used & uses.keys()
        waiting[name] = len(own)
        for one in own:
            users[one].append(name)
    ending = [name for name, count in waiting.items() if not count]
    while ending:
        name = ending.pop()
        del waiting[name]
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                ending.append(user)
    return set(waiting)


def _circles(endless: set[str], uses: dict[str, dict[str, Statement]]) -> Iterator[list[str]]:
    """Each block of ``endless`` leads to a circle; these are the circles, each once."""
    seen: set[str] = set()
    for start in uses:
        path: list[str] = []
        name = start
        while name in endless and name not in seen:
            seen.add(name)
            path.append(name)
            name = next(used for used in uses[name] if used in endless)
        if name in path:
            yield path[path.index(name) :]


def _report(circle: list[str], uses: dict[str, dict[str, Statement]]) -> Diagnostic:
    first, following = circle[0], circle[1 % len(circle)]
    shown = circle if len(circle) <= 8 else [*circle[:4], "…", *circle[-3:]]
    notes = tuple(
        f"`{name}` uses `{used}` in line {uses[name][used].key.span.begin_position.line}"
        for name, used in zip(circle[:8], [*circle[1:], first], strict=False)
    )
    return Diagnostic(
        "endless-recursion",
        f"block `{first}` uses itself without end: {' → '.join([*shown, first])}",
        uses[first][following].key.span,
        notes if len(circle) > 1 else (),
        "end the recursion with `when`",
    )
