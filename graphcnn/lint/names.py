"""The names of a file: who reads them, and which blocks and ops anything may use."""

from __future__ import annotations

import re
from functools import cached_property

from graphcnn.lint.scopes import Computed, Walk, scalars
from graphcnn.program import Block, Program

_WORD = re.compile(r"[A-Za-z_]\w*")

MAX_COMPUTED = 100
"""Uses with computed names, of different arguments, beyond which everything may be used."""


class Names:
    """The names of one file without errors.

    ``parameters`` and ``lets`` are those of the file and, under the names of its blocks, theirs.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.blocks = {k: b for k, b in program.blocks.items() if b.program is program}
        self.ops = {k: op for k, op in program.ops.items() if op.span.file is program.file}
        walk = Walk(program)
        walk.file()
        self.parameters, self.lets = walk.parameters, walk.lets
        self.hidden, self.uses = walk.hidden, walk.uses

    # which blocks and ops are used

    @cached_property
    def used(self) -> frozenset[str]:
        """The blocks and ops that the network may use; of a library, all that it defines may."""
        if self.program.body is None:
            return frozenset((*self.blocks, *self.ops))
        return self._reached([None])

    @cached_property
    def asked_for(self) -> frozenset[str]:
        """The blocks and ops that anything in the file may use, itself used or not."""
        return self._reached([None, *self.blocks])

    def _reached(self, owners: list[str | None]) -> frozenset[str]:
        if self.computed is None:
            return frozenset((*self.program.blocks, *self.program.ops))
        found: set[str] = set()
        waiting, looked_at = list(owners), set[Computed]()
        while waiting:
            uses = self.uses[waiting.pop()]
            computed = uses.computed - looked_at
            looked_at |= computed
            new = uses.named.union(*map(self._candidates, computed)) - found
            found |= new
            waiting += new & self.blocks.keys()
        return frozenset(found)

    @cached_property
    def computed(self) -> set[Computed] | None:
        """The computed uses of the file; None where they are too many to look at."""
        found = {one for uses in self.uses.values() for one in uses.computed}
        return found if len(found) <= MAX_COMPUTED else None

    def _candidates(self, use: Computed) -> set[str]:
        """What a computed use may come to: what its arguments fit, if its name can be that."""
        program = self.program
        ops = program.ops.items()
        fitting = {name for name, block in program.blocks.items() if accepts(block, use.given)}
        fitting |= {name for name, op in ops if use.given <= op.attributes().keys()}
        return fitting if use.free else fitting & self._words

    @cached_property
    def _words(self) -> set[str]:
        """Every word of a value in the file."""
        texts = (one.value for one in scalars(self.program.root))
        return {word for text in texts if isinstance(text, str) for word in _WORD.findall(text)}


def accepts(block: Block, given: frozenset[str]) -> bool:
    """Whether a block can be used with arguments of these names."""
    parameters = block.parameters
    return given <= parameters.keys() and all(
        name in given for name, one in parameters.items() if one.default is None
    )
