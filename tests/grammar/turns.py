"""Ids that differ by turn: what they are called once the loop is over."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tests.grammar.values import Space, Tensor, number


def settle(space: Space, turn: str, values: Sequence[int | str], before: Collection[str]) -> None:
    """What was known in a turn is known by the name that each turn has given it.

    ``turn`` is the expression in the ids; without values it is not known what it comes to. What
    was known ``before`` the loop stays as it is.
    """
    said = re.compile(r"_\$\(?" + re.escape(turn) + r"\)?")
    for name in [name for name in space.names if said.search(name) and name not in before]:
        one = space.names.pop(name)
        space.shared.pop(name, None)
        for value in values:
            once = said.sub(f"_{value}", name)
            given = {turn: number(value)} if isinstance(value, int) else {}
            space.taken.add(once)
            if isinstance(one, Tensor):
                space.names[once] = one.put(given)
            else:
                space.names[once] = {port: tensor.put(given) for port, tensor in one.items()}
    for name in [name for name in space.conditional if said.search(name)]:
        space.conditional.pop(name)
