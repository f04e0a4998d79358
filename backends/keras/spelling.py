"""Names of the author's that an emitted file needs for other things are written with a `_`."""

from __future__ import annotations

import io
import re
import tokenize
from itertools import pairwise

from graphcnn.backends.python.builtin_names import BUILTINS
from graphcnn.backends.python.copied import helpers

#: modules and functions that the code of a file reads
_READ = frozenset(["batch_norm", "initializers", "keras", "layers", "math", "ops", "sys"])

#: types that it reads
_TYPES = frozenset(["Any", "KerasTensor"])

TAKEN = BUILTINS | _READ

_IN_TEXT = re.compile(rf"(?<={{)({'|'.join(sorted(TAKEN))})\b(?![.(])")


def spelled(name: str) -> str:
    """A name as it stands in the emitted file."""
    return f"{name}_" if name in TAKEN else name


def builder_name(name: str) -> str:
    """The function that builds a model of this name."""
    taken = name in _TYPES or name in helpers(__package__)
    return f"{name}_" if taken else spelled(name)


def respelled(text: str) -> str:
    """A function with the author's names spelled so; what is called or looked into is not his."""
    if not any(re.search(rf"\b{word}\b(?![.(])", text) for word in TAKEN):
        return text
    lines = text.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
    changes: list[tuple[int, int, int, str]] = []
    header, before, depth = True, "", 0
    for token, after in pairwise(tokens):
        (row, begin), (_, end) = token.start, token.end
        header = header and token.type != tokenize.NEWLINE
        depth += (token.string in "([") - (token.string in ")]") if token.string else 0
        own = after.string == ":" if header else after.string not in (".", "(")
        own = own and before != "." and not (depth and after.string == "=")
        before = token.string
        if token.type == tokenize.NAME and token.string in TAKEN and own:
            changes.append((row, begin, end, spelled(token.string)))
        elif token.type == tokenize.STRING and token.string.startswith("f"):
            found = _IN_TEXT.sub(lambda match: spelled(match.group()), token.string)
            if found != token.string:
                changes.append((row, begin, end, found))
    for row, begin, end, word in reversed(changes):
        line = lines[row - 1]
        lines[row - 1] = line[:begin] + word + line[end:]
    return "\n".join(lines)
