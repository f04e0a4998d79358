"""Codes of how statements are connected: ids, inputs, repeats, blocks and shared weights."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

_HEADS = """
- {conv: {out: 8, kernel: 3, padding: 1}, id: first}
- {reuse: first, from: %s, id: again}
- {add: {}, from: [first, again]}
"""

CODES: dict[str, Code] = {
    "undefined-id": Code(
        "no value has this name here",
        "`from` names the id of a statement before this one, in the same block or around it, an "
        "input, or `prev`. What lies inside a block, a group with an id or a repeat is not seen "
        "from outside.",
        spec(
            """
            - {conv: {out: 8, kernel: 1}, id: first}
            - {relu: {}, from: frist}
            """
        ),
        spec(
            """
            - {conv: {out: 8, kernel: 1}, id: first}
            - {relu: {}, from: first}
            """
        ),
    ),
    "used-before-defined": Code(
        "a value is used before it exists",
        "Statements see only what stands before them. Move one of the two.",
        spec(
            """
            - {relu: {}, from: later}
            - {conv: {out: 8, kernel: 1}, id: later, from: image}
            """
        ),
        spec(
            """
            - {conv: {out: 8, kernel: 1}, id: sooner, from: image}
            - {relu: {}, from: sooner}
            """
        ),
    ),
    "cycle": Code(
        "values wait for each other",
        "A graph has no cycles: each value is made from values that exist before it. The message "
        "goes once around the circle.",
        spec(
            """
            - {relu: {}, from: later}
            - {conv: {out: 8, kernel: 1}, id: later}
            """
        ),
        spec(
            """
            - relu
            - {conv: {out: 8, kernel: 1}, id: later}
            """
        ),
    ),
    "no-output": Code(
        "nothing comes out of the network",
        "Every output exists in training alone, or belongs to a statement that `when` leaves out.",
        spec(
            "- {relu: {}, id: main}\n- {tanh: {}, id: aux}",
            head="outputs: {aux: {from: aux, only: training}}",
        ),
        spec(
            "- {relu: {}, id: main}\n- {tanh: {}, id: aux}",
            head="outputs: {main: main, aux: {from: aux, only: training}}",
        ),
    ),
    "duplicate-id": Code(
        "two statements have one id",
        "An id is there once in its scope. In a loop it is numbered with an expression.",
        spec(
            """
            - for: {width: [8, 16]}
              do:
                - {conv: {out: $width, kernel: 1}, id: layer}
            """
        ),
        spec(
            """
            - for: {width: [8, 16]}
              do:
                - {conv: {out: $width, kernel: 1}, id: layer$width}
            """
        ),
    ),
    "no-previous": Code(
        "there is no value before this statement",
        "A graph with several inputs begins with none of them, likewise a block: say which with "
        "`from`.",
        spec("- relu").replace("image: [3, 32, 32]", "left: [3, 32, 32], right: [3, 32, 32]"),
        spec("- {add: {}, from: [left, right]}").replace(
            "image: [3, 32, 32]", "left: [3, 32, 32], right: [3, 32, 32]"
        ),
    ),
    "several-values": Code(
        "the value before has several parts",
        "Of an op or block with several outputs one is chosen by its name, such as `half.0`. "
        "Or the statement before is left out by its `when`, and which of its several inputs passes "
        "by is open.",
        spec(
            """
            - {split: 3, id: parts}
            - relu
            """
        ),
        spec(
            """
            - {split: 3, id: parts}
            - {add: {}, from: [parts.0, parts.1, parts.2]}
            """
        ),
    ),
    "wrong-arity": Code(
        "the op or block takes another number of inputs",
        "`from` lists the inputs in order, such as `from: [prev, skip]`.",
        spec("- subtract"),
        spec("- {subtract: {}, from: [prev, image]}"),
    ),
    "endless-recursion": Code(
        "blocks use each other without end",
        "A block may use itself, but `when` must end it.",
        spec(
            "- tree: {depth: 3}",
            head="""
            blocks:
              tree:
                parameters: {depth: int}
                graph:
                  - tree: {depth: $(depth - 1)}
            """,
        ),
        spec(
            "- tree: {depth: 3}",
            head="""
            blocks:
              tree:
                parameters: {depth: int}
                graph:
                  - {tree: {depth: $(depth - 1)}, when: $(depth > 0)}
            """,
        ),
    ),
    "bad-reuse": Code(
        "a module is used again where it does not fit",
        "`reuse` applies the same weights to another value, which must have the channels that they "
        "were made for. What is to be used twice is an op or a block.",
        spec(_HEADS % "prev"),
        spec(_HEADS % "image"),
    ),
}
