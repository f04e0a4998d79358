"""A name that keeps another of the same name from being seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule


class ShadowedName(ProgramRule):
    code: ClassVar[str] = "shadowed-name"
    summary: ClassVar[str] = "a name hides another one"
    explanation: ClassVar[str] = (
        "A parameter, `let` or input of a block, a name of a loop, the `i` of a repeat or an id is "
        "called like something further out. Which of the two a reader takes `$name` for is a "
        "matter of luck. An id and a parameter of one name are worse: `$name` is the parameter, "
        "and `from: name` the value with the id."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8}
inputs: {image: [3, 32, 32]}
graph:
  - conv: $width
  - for: {width: [16, 32]}
    do:
      - conv: $width
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8}
inputs: {image: [3, 32, 32]}
graph:
  - conv: $width
  - for: {wider: [16, 32]}
    do:
      - conv: $wider
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        for name, inner, outer in names.hidden:
            yield Finding(
                inner.key.span,
                f"`{name}` is {inner.what} here, and hides {outer.what} in line {outer.line}",
                help="call one of them something else",
            )
