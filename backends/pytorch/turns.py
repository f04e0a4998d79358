"""A repeat that reads several values: a list of modules, and a loop over it."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.backends.python.code import Call, Input
from graphcnn.backends.pytorch.listing import Member, listed
from graphcnn.backends.pytorch.steps import Slot, Step


def module_list(members: Sequence[Member]) -> str:
    """``super().__init__(…)`` of an ``nn.ModuleList``."""
    texts = {member.text for member in members}
    if len(members) > 1 and len(texts) == 1:
        return f"super().__init__({texts.pop()} for _ in range({len(members)}))"
    return f"super().__init__([{listed(members, named=False)}])"


def loop_lines(steps: Sequence[Step], inputs: Sequence[Slot]) -> list[str] | None:
    """``for layer in self: x = layer(x, y)``, where that is what the steps are."""
    names = [str(slot.name) for slot in inputs]
    before = inputs[0]
    for number, step in enumerate(steps):
        call = Call(f"self[{number}]", tuple(Input(k) for k in range(len(inputs))))
        if step.code != call or step.sources != [before, *inputs[1:]] or len(step.targets) != 1:
            return None
        before = step.targets[0]
    if len(steps) < 2:
        return None
    return [
        "for layer in self:",
        f"    {names[0]} = layer({', '.join(names)})",
        f"return {names[0]}",
    ]
