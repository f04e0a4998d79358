"""Groups, residuals and branches: lines among those around them."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.backends.keras.loops import Loops
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.steps import Slot, end_of
from graphcnn.backends.python.unit import Mismatch
from graphcnn.ir import (
    BranchesItem,
    DenseItem,
    ForItem,
    GroupItem,
    Item,
    Node,
    RepeatItem,
    ResidualItem,
    Value,
)
from graphcnn.program import Statement


class Structure(Loops):
    """How structure is written; a subclass writes ops and blocks."""

    def inline(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None:
        first = items[0]
        statement = first.statement
        if isinstance(first, (RepeatItem, ForItem)):
            begin: Slot | None = prev
            if first.inputs:
                begin = self.inputs(items, place, prev)[0]
            return self.looped(items, place, begin)
        (begin,) = self.inputs(items, place, prev)
        if isinstance(first, GroupItem):
            bodies = [item.body for item in items if isinstance(item, GroupItem)]
            return self.body(bodies, place, begin)
        if isinstance(first, ResidualItem):
            residuals = [item for item in items if isinstance(item, ResidualItem)]
            return self.residual(residuals, place, begin)
        if isinstance(first, DenseItem):
            dense = [item for item in items if isinstance(item, DenseItem)]
            end = end_of(self.body([item.body for item in dense], place, begin))
            return self.join([item.merge for item in dense], [begin, end], statement, place)
        branches = [item for item in items if isinstance(item, BranchesItem)]
        return self.branches(branches, place, begin)

    def join(
        self,
        merges: Sequence[Node | None],
        slots: list[Slot],
        statement: Statement,
        place: Place,
    ) -> Slot:
        nodes = [node for node in merges if node is not None]
        return self.op(nodes, slots, statement, place, None)[0]

    def residual(self, items: Sequence[ResidualItem], place: Place, prev: Slot) -> Slot:
        joined = [item.merge is not None for item in items]
        end = end_of(self.body([item.body for item in items], place, prev))
        if not any(joined):
            return end
        if not all(joined):
            return self.maybe_joined(items, joined, place, prev, end)
        shortcut = prev
        bodies = [item.shortcut for item in items if item.shortcut is not None]
        if bodies:
            if len(bodies) < len(items):
                raise Mismatch
            shortcut = end_of(self.body(bodies, place, prev))
        return self.join([item.merge for item in items], [end, shortcut], items[0].statement, place)

    def maybe_joined(
        self,
        items: Sequence[ResidualItem],
        joined: list[bool],
        place: Place,
        prev: Slot,
        end: Slot,
    ) -> Slot:
        """`skip` differs between uses."""
        if any(item.shortcut is not None for item in items):
            raise Mismatch
        skip = getattr(items[0].statement.action, "skip", None)
        condition = self.asked(joined) or place.condition(
            joined, skip, self.scope(prev), "use_skip"
        )
        chosen = [n for n, yes in enumerate(joined) if yes]
        merges = [items[n].merge for n in chosen]
        inner = place.subset(chosen)
        body, added = self.inside(lambda: self.join(merges, [end, prev], items[0].statement, inner))
        results = [item.result for item in items]
        values = [value for value in results if isinstance(value, Value)]
        return self.conditional(condition, joined, end, end_of(added), body, values, place)

    def branches(self, items: Sequence[BranchesItem], place: Place, prev: Slot) -> Slot | None:
        first = items[0]
        if any(len(item.paths) != len(first.paths) for item in items):
            raise Mismatch
        ends: list[Slot] = []
        for k, (name, _) in enumerate(first.paths):
            end = end_of(self.body([item.paths[k][1] for item in items], place, prev))
            if name is not None:
                self.ids[name] = end
                if end is not prev:
                    end.hint = name
            ends.append(end)
        merges = [item.merge for item in items]
        if all(merge is None for merge in merges):
            return prev
        if any(merge is None for merge in merges):
            raise Mismatch
        return self.join(merges, ends, first.statement, place)
