"""Codes of specs that are valid, and cannot be built for a backend."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

_DECLARED = """
ops:
  half:
    shape: "$([in.channels // 2, in.height, in.width])"
    macs: 0
"""

CODES: dict[str, Code] = {
    "unsupported-op": Code(
        "the backend cannot express this op",
        "The spec is valid, but not everything in it has a form in the language that it is built "
        "for. The message says what is missing there. An op that the spec declares names the "
        "class that does its work.",
        spec("- half", head=_DECLARED, image="[4, 32, 32]"),
        spec("- half", head=f"{_DECLARED}    pytorch: mylib.Half\n", image="[4, 32, 32]"),
    ),
    "reserved-name": Code(
        "a name means something else in the emitted code",
        "Ids become attributes of classes, and parameters their arguments. A few names are taken "
        "by what these classes inherit or by what their code needs.",
        spec("- {conv: {out: 8, kernel: 3}, id: train}"),
        spec("- {conv: {out: 8, kernel: 3}, id: stem}"),
    ),
    "symbolic-weight": Code(
        "the shape of a weight depends on the size of the input",
        "A file holds weights of fixed shapes. Where the input's size is symbolic, a linear layer "
        "behind `flatten` has no fixed number of features: pool to a fixed size first.",
        spec("- flatten\n- {linear: 10, id: fc}", image="[3, H, W]"),
        spec("- global_avg_pool\n- flatten\n- {linear: 10, id: fc}", image="[3, H, W]"),
    ),
}
