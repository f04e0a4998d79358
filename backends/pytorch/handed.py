"""Sizes that a class is handed beside its tensors, since nothing that comes in tells them."""

from __future__ import annotations

from graphcnn.ir import BlockItem, Item
from graphcnn.program import Block, Statement


class Handed(Exception):
    """A class that turns out to be handed sizes, where what calls it hands it one value alone."""

    def __init__(self, what: Block | Statement) -> None:
        super().__init__()
        self.what = what


def made_of(item: Item) -> Block | Statement:
    """What the class of an item is written for."""
    return item.block if isinstance(item, BlockItem) else item.statement
