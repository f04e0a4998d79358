"""Expressions, `$name` and `$(…)`: their syntax, as trees that know their place in the file.

The grammar is a small part of Python's: numbers, strings, lists, `true false none`, arithmetic,
comparison, `and or not`, `a if c else b`, indexing, slices, comprehensions, calls of the
functions in ``FUNCTIONS`` and the properties of values in ``PROPERTIES``. One word differs from
Python: `in` is also a name, the value that enters a statement. Evaluation is in
``graphcnn.evaluate``; nothing here runs anything.
"""

from graphcnn.expression.text import parse_text
from graphcnn.expression.tree import (
    FUNCTIONS,
    PROPERTIES,
    Binary,
    CallOf,
    Compare,
    Comprehension,
    Conditional,
    Const,
    Expr,
    ExpressionError,
    Index,
    ListOf,
    Name,
    Property,
    SliceOf,
    Template,
    Unary,
    free_names,
    names_in,
)

__all__ = [
    "FUNCTIONS",
    "PROPERTIES",
    "Binary",
    "CallOf",
    "Compare",
    "Comprehension",
    "Conditional",
    "Const",
    "Expr",
    "ExpressionError",
    "Index",
    "ListOf",
    "Name",
    "Property",
    "SliceOf",
    "Template",
    "Unary",
    "free_names",
    "names_in",
    "parse_text",
]
