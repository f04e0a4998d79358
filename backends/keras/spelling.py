"""Names of the author's that an emitted file needs for other things are written with a `_`."""

from __future__ import annotations

import io
import re
import tokenize
from itertools import pairwise

#: types, which stand in the header of a function as such
_TYPES = frozenset(["bool", "float", "int", "str", "tuple"])

#: modules and functions that the code of a file reads
TAKEN = _TYPES | frozenset(
    ["batch_norm", "enumerate", "initializers", "keras", "layers", "math", "ops", "range", "zip"]
)


_IN_TEXT = re.compile(rf"(?<={{)({'|'.join(sorted(TAKEN))})\b(?![.(])")


def spelled(name: str) -> str:
    """A name as it stands in the emitted file."""
    return f"{name}_" if name in TAKEN else name


def respelled(text: str) -> str:
    """A function with the author's names spelled so; what is called or looked into is not his."""
    if not any(re.search(rf"\b{word}\b(?![.(])", text) for word in TAKEN):
        return text
    lines = text.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
    changes: list[tuple[int, int, int, str]] = []
    header, before = True, ""
    for token, after in pairwise(tokens):
        (row, begin), (_, end) = token.start, token.end
        header = header and token.type != tokenize.NEWLINE
        own = after.string == ":" if header else after.string not in (".", "(")
        own = own and before != "."
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
