"""YAML text to a frozen tree of scalars, sequences and mappings, each with its place in the text.

libyaml reads the text and hands over events; what is made of them is decided here: scalars by
the YAML 1.2 core schema (``no`` and ``1:30`` are text), no tags, no merge keys, one document, and
bounds on size, depth and what aliases may expand to, so that a stranger's file cannot hurt.
"""

from graphcnn.syntax.composer import parse
from graphcnn.syntax.reading import LIMIT, decode, is_spec, read
from graphcnn.syntax.tree import Entry, Mapping, Node, Scalar, Sequence, Value, plain

__all__ = [
    "LIMIT",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Value",
    "decode",
    "is_spec",
    "parse",
    "plain",
    "read",
]
