"""What Python has without an import, which no variable of an emitted file should hide."""

from __future__ import annotations

#: types and functions, the same whatever version of Python the compiler runs on
BUILTINS = frozenset(
    {
        *("abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray"),
        *("bytes", "callable", "chr", "classmethod", "compile", "complex", "delattr", "dict"),
        *("dir", "divmod", "enumerate", "eval", "exec", "filter", "float", "format", "frozenset"),
        *("getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input", "int"),
        *("isinstance", "issubclass", "iter", "len", "list", "locals", "map", "max", "memoryview"),
        *("min", "next", "object", "oct", "open", "ord", "pow", "print", "property", "range"),
        *("repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str"),
        *("sum", "super", "tuple", "type", "vars", "zip"),
    }
)
