"""Codes of expressions, `$name` and `$(…)`."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

CODES: dict[str, Code] = {
    "expression-syntax": Code(
        "an expression cannot be read",
        "Expressions have numbers, strings, lists, arithmetic, comparisons, `and or not`, `a if c "
        "else b`, indexing, comprehensions and a few functions. A plain `$` is written `$$`.",
        spec("- conv: {out: $(4 *), kernel: 3}"),
        spec("- conv: {out: $(4 * 2), kernel: 3}"),
    ),
    "expression-type": Code(
        "an expression combines values that do not go together",
        "A number and a text are not added, a boolean is no number, and only lists and texts are "
        "indexed.",
        spec("- conv: {out: $(width * 2), kernel: 3}", head='parameters: {width: "eight"}'),
        spec("- conv: {out: $(width * 2), kernel: 3}", head="parameters: {width: 8}"),
    ),
    "unknown-name": Code(
        "an expression asks for a name that is not defined",
        "In scope are the parameters and `let` of the file and of the block, variables of `for`, "
        "`i` in a repeat, `in` (what enters the statement), `x` (what enters the block), and the "
        "ids of statements before this one.",
        spec("- conv: {out: $widht, kernel: 3}", head="parameters: {width: 8}"),
        spec("- conv: {out: $width, kernel: 3}", head="parameters: {width: 8}"),
    ),
    "unknown-function": Code(
        "an expression calls a function that does not exist",
        "There are `min`, `max`, `abs`, `sum`, `len`, `range`, `ceil`, `floor`, `round`, `int` and "
        "`make_divisible`, and no others.",
        spec('- conv: {out: "$(maximum(4, 8))", kernel: 3}'),
        spec('- conv: {out: "$(max(4, 8))", kernel: 3}'),
    ),
    "unknown-property": Code(
        "a value has no such property",
        "A tensor has `channels`, `height`, `width`, `depth`, `length` (those that its axes have) "
        "and `shape`; what has several outputs has those.",
        spec("- conv: {out: $(in.chanels * 2), kernel: 3}"),
        spec("- conv: {out: $(in.channels * 2), kernel: 3}"),
    ),
    "index-out-of-range": Code(
        "a list is shorter than the index into it",
        "Items are counted from 0, and from the end by negative numbers.",
        spec("- conv: {out: '$(widths[2])', kernel: 3}", head="parameters: {widths: [8, 16]}"),
        spec("- conv: {out: '$(widths[1])', kernel: 3}", head="parameters: {widths: [8, 16]}"),
    ),
    "division-by-zero": Code(
        "an expression divides by zero",
        "The message stands at the division. Where zero is a sensible value, tell it apart with `a "
        "if c else b`.",
        spec("- conv: {out: $(64 // groups), kernel: 3}", head="parameters: {groups: 0}"),
        spec("- conv: {out: $(64 // groups), kernel: 3}", head="parameters: {groups: 2}"),
    ),
    "undecided": Code(
        "a condition holds for some input sizes and not for others",
        "With a symbolic size such as `H` the compiler only accepts what is true for every value "
        "of it. Fix the size, or make it a multiple: of `32*H` it is known that 32 divides it.",
        spec("- space_to_depth: 2", image="[3, H, W]"),
        spec("- space_to_depth: 2", image="[3, 2*H, 2*W]"),
    ),
    "too-much-work": Code(
        "an expression would take too much time or memory",
        "Lists have at most 10,000 items, and all expressions of a spec together a fixed number of "
        "steps. A symbolic size that grows without end is stopped too.",
        spec("- conv: {out: '$(len([1] * 1000000))', kernel: 3}"),
        spec("- conv: {out: '$(len([1] * 10))', kernel: 3}"),
    ),
}
