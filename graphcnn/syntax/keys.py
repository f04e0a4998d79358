"""The keys of a mapping: text, each once, and no two words run together."""

from __future__ import annotations

from typing import Protocol

from graphcnn.syntax.tree import Entry, Mapping, Node, Scalar
from graphcnn.yaml_errors import shown


class Report(Protocol):
    """Reports what is wrong between two places of the text."""

    def __call__(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        *,
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> None: ...


def entries(items: list[Node], flow: bool, report: Report) -> dict[str, Entry]:
    """The entries of a mapping from its keys and values in turn, but for those that are refused."""
    found: dict[str, Entry] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, Scalar) or not isinstance(key.value, str):
            _bad_key(key, report)
            continue
        name = key.value
        if name in found:
            line = found[name].key.span.begin_position.line
            report(
                "duplicate-key",
                f"`{shown(name)}` is given twice",
                key.start,
                key.end,
                notes=(f"first given in line {line}",),
            )
        elif name == "<<" and not key.quoted:
            report(
                "merge-key",
                "`<<` is a merge key, and YAML 1.2 has none",
                key.start,
                key.end,
                help="write the entries out, or make a block of what is shared",
            )
        elif ":" in name and not key.quoted and _lacks_space(name, value, flow):
            report(
                "bad-key",
                f"`{shown(name)}` is read as one key",
                key.start,
                key.end,
                help=f"put a space after the colon: `{shown(name.replace(':', ': ', 1))}`",
            )
        else:
            found[name] = Entry(key, value)
    return found


def _bad_key(key: Node, report: Report) -> None:
    mend: str | None = "quote the key if it is text"
    if not isinstance(key, Scalar):
        message = f"a key is text, not a {'mapping' if isinstance(key, Mapping) else 'list'}"
    elif is_nothing(key):
        message, mend = "a key is missing before `:`", None
    else:
        word = shown(key.file.text[key.start : key.end])
        kinds = {bool: "a truth value", type(None): "nothing"}
        kind = kinds.get(type(key.value), "a number")
        message, mend = f"a key is text, and `{word}` is {kind}", f'quote it: `"{word}"`'
    report("bad-key", message, key.start, key.end, help=mend)


def is_nothing(node: Node) -> bool:
    """Whether a value was left out; `null` and `~` are written."""
    return isinstance(node, Scalar) and node.start == node.end


def _lacks_space(name: str, value: Node, flow: bool) -> bool:
    """Whether a plain key is a key and a value run together, as in {out:64} or conv:{out: 64}."""
    return ":{" in name or ":[" in name or (flow and is_nothing(value))
