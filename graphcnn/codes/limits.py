"""Codes of the bounds that keep a stranger's spec from exhausting time and memory."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

CODES: dict[str, Code] = {
    "too-large": Code(
        "the file is too large",
        "A spec has at most 16 MiB of text and two million values. `repeat`, `for` and blocks say "
        "things often in few words.",
    ),
    "too-long": Code(
        "a value or an expression is too long",
        "One value has at most 10,000 characters, and an expression fewer. Break it up with `let`.",
    ),
    "too-deep": Code(
        "something is nested too deeply",
        "Lists and mappings lie at most 100 deep in one another; imports, blocks and parentheses "
        "of an expression have their bounds too.",
        spec(f"- conv: {{out: $({'(' * 120}8{')' * 120}), kernel: 3}}"),
        spec("- conv: {out: $(((8))), kernel: 3}"),
    ),
    "too-many-nodes": Code(
        "the model becomes too large",
        "After everything is unrolled a model has at most a million nodes, some hundred times more "
        "than the largest that are in use.",
        spec("- {conv: 3, repeat: 2000000}"),
        spec("- {conv: 3, repeat: 2}"),
    ),
}
