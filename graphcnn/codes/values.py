"""Codes of values: of the wrong type, out of bounds, or not what was expected."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

CODES: dict[str, Code] = {
    "wrong-type": Code(
        "a value is of another type",
        "A number is needed where text stands, a list where there is a number, and so on. Text "
        "that looks like a number is quoted (`'8'`); `yes`, `no` and `1:30` are text.",
        spec("- conv: {out: eight, kernel: 3}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "bad-value": Code(
        "a value is not among those that are allowed",
        "It is of the right type, but too small, too large, or none of the words that may stand "
        "there. The message says what may.",
        spec("- conv: {out: 8, kernel: 0}"),
        spec("- conv: {out: 8, kernel: 1}"),
    ),
    "bad-name": Code(
        "a name is not an identifier",
        "Names become names of Python code: letters, digits and `_`, not beginning with a digit, "
        "and no word of Python's such as `class`. Dots in a full name come from the scopes around.",
        spec('- {relu: {}, id: "first layer"}'),
        spec("- {relu: {}, id: first_layer}"),
    ),
    "wrong-length": Code(
        "a list is not as long as it must be",
        "One value for each axis, or for each spatial axis; lists that `for` goes through together "
        "are equally long.",
        spec("- conv: {out: 8, kernel: [3, 3, 3]}"),
        spec("- conv: {out: 8, kernel: [3, 3]}"),
    ),
    "expectation-failed": Code(
        "the model is not what `expect` says",
        "Either the spec has changed and the expectation is out of date, or there is a mistake in "
        "the graph: what was found is shown beside what was expected, and by how much it is off. "
        "Where a budget is exceeded, the five layers that cost most are named with their shares; "
        "for a receptive field, those that widen it most.",
        spec("- conv: {out: 8, kernel: 3}", head="expect: {params: <= 220}"),
        spec("- conv: {out: 8, kernel: 3, bias: false}", head="expect: {params: <= 220}"),
    ),
    "when-not-boolean": Code(
        "`when` is neither true nor false",
        "Numbers and text are not taken for truth values. Compare them.",
        spec("- {relu: {}, when: $depth}", head="parameters: {depth: 3}"),
        spec("- {relu: {}, when: $(depth > 0)}", head="parameters: {depth: 3}"),
    ),
    "no-fan": Code(
        "an initial value counts cells that a weight has not",
        "`kaiming_…` and `xavier_…` go by how many cells come in and go out, which a kernel or a "
        "matrix says by its axes. A bias, or the scale of a norm, has one axis.",
        spec("- batch_norm") + "init: {batch_norm: {weight: kaiming_normal}}\n",
        spec("- batch_norm") + "init: {batch_norm: {weight: {normal: 0.1}}}\n",
    ),
    "declared-rule": Code(
        "a rule of a declared op gives no proper value",
        "`shape` is a list of positive integers (or a list of such lists, for several outputs), "
        "each of `weights` and `buffers` too, and `macs` an integer.",
        spec(
            "- more",
            head="""
            ops:
              more:
                shape: "$([in.channels - 3, in.height, in.width])"
                macs: 0
                pytorch: mylib.layers.More
            """,
        ),
        spec(
            "- more",
            head="""
            ops:
              more:
                shape: "$([in.channels + 3, in.height, in.width])"
                macs: 0
                pytorch: mylib.layers.More
            """,
        ),
    ),
}
