"""A shortcut that gets smaller by leaving cells out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.ir import Node, Value
from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View
from graphcnn.ops.merge import Add, Average, Maximum, Multiply
from graphcnn.ops.pooling import AvgPool, MaxPool
from graphcnn.ops.shape import Crop, Identity, Pad, Slice
from graphcnn.size import equal

MAX_WAY = 16
"""Layers without weights on a shortcut; of a longer one the end is looked at."""


class LossyShortcut(GraphRule):
    code: ClassVar[str] = "lossy-shortcut"
    summary: ClassVar[str] = "a shortcut only leaves cells out to get smaller"
    explanation: ClassVar[str] = (
        "A shortcut that takes every other cell, as a pool of kernel 1 with a stride or a slice "
        "with a step does, throws three quarters of an image away, and nothing on the way is "
        "trained or averaged to make up for it. Pool over the cells, or project them with a "
        "strided 1x1 convolution and its norm, as ResNets do. Shortcuts with weights or real "
        "pools on them are passed over, and so is what meets no other path."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - residual:
      body:
        - conv: {out: 3, kernel: 3, stride: 2, padding: 1}
      shortcut:
        - max_pool: {kernel: 1, stride: 2}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - residual:
      body:
        - conv: {out: 3, kernel: 3, stride: 2, padding: 1}
      shortcut:
        - avg_pool: 2
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for merge in view.nodes(Add, Average, Maximum, Multiply):
            for value in merge.inputs:
                node = _leaves_out(value, view)
                if node is not None:
                    yield Finding(
                        node.span,
                        f"this {node.op.name} makes a shortcut smaller by leaving cells out",
                        help="pool over the cells, or project them with a strided 1x1 conv",
                        notes=(f"the shortcut ends in line {merge.span.begin_position.line}",),
                        origin=node.origin,
                    )


def _leaves_out(value: Value, view: View) -> Node | None:
    """What leaves cells out on the bare way from here back to where the paths part."""
    found: Node | None = None
    for _ in range(MAX_WAY):
        node = value.node
        if node is not None and _drops_cells(node):
            found = node
        elif node is None or not isinstance(node.op, (Pad, Identity)):
            break
        value = node.inputs[0]
    return found if view.readers[value] > 1 else None


def _drops_cells(node: Node) -> bool:
    op = node.op
    if isinstance(op, (MaxPool, AvgPool)):
        window = node.facts.window
        return window is not None and all(extent == 1 for extent in window.extent)
    if isinstance(op, Slice):
        return op.step > 1
    return isinstance(op, Crop) and _is_smaller(node)


def _is_smaller(node: Node) -> bool:
    """Whether an image has lost cells, and not channels alone."""
    before, after = node.inputs[0].shape, node.outputs[0].shape
    if before is None or after is None:
        return False
    return any(equal(a, b) is False for a, b in zip(before[1:], after[1:], strict=True))
