r"""Rules that give the tensors of a foreign file their canonical names.

A rules file is a YAML list of rules. Each is a regular expression and what to call a tensor whose
whole name it matches; the first that fits counts, and `none` leaves the tensor out. A rule that is
never the first to fit is a mistake:

    - _blocks\.(\d+)\._expand_conv\.(\w+): blocks.\1.expand.conv.\2
    - .*_embedding: none

The expressions are RE2's, which takes time linear in the length of a name, whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphcnn import syntax
from graphcnn.diagnostics import UsageError
from graphcnn.source import Span
from graphcnn.weights.source import needs

if TYPE_CHECKING:
    from types import ModuleType

MAX_RULES: Final = 1_000
MAX_PATTERN: Final = 500
"""Characters of an expression, and of what it is replaced by."""
MAX_NAME: Final = 1_000
"""Characters of a tensor's name that rules are tried on."""
_MEMORY: Final = 1 << 20  # bytes that RE2 may use for one expression
_MAX_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: Any
    replacement: str | None
    span: Span


class Rules:
    """A list of rules; an empty one renames nothing."""

    def __init__(self, rules: tuple[_Rule, ...] = ()) -> None:
        self._rules = rules

    def renamed(self, name: str) -> list[str | None]:
        """What the first rule that fits calls a tensor, None to leave it out; [] if none fits."""
        rule, match = self._first(name)
        if rule is None:
            return []
        return [rule.replacement and str(match.expand(rule.replacement))]

    def idle(self, names: Iterable[str]) -> list[str]:
        """What is to be said of each rule that is the first to fit for none of these names."""
        used = {id(self._first(name)[0]) for name in names}
        return [
            f"{rule.span}: this rule fits no tensor, or an earlier one always does"
            for rule in self._rules
            if id(rule) not in used
        ]

    def _first(self, name: str) -> tuple[_Rule | None, Any]:
        """The first rule that fits a name, and how."""
        if len(name) <= MAX_NAME:
            for rule in self._rules:
                match = rule.pattern.fullmatch(name)
                if match is not None:
                    return rule, match
        return None, None


def read_rules(path: str | Path) -> Rules:
    """The rules in a file.

    Raises:
        UsageError: it cannot be read, or holds what is no rule; all such are named with their
            places.
        SpecError: it is no YAML.
    """
    try:
        import re2
    except ModuleNotFoundError:
        raise needs("google-re2", "weights", "a rules file") from None
    root = syntax.parse(syntax.read(Path(path)))
    problems: list[tuple[Span, str]] = []
    items: tuple[syntax.Node, ...] = ()
    if isinstance(root, syntax.Sequence) and len(root.items) <= MAX_RULES:
        items = root.items
    else:
        problems.append((root.span, f"a rules file is a list of at most {MAX_RULES:,} rules"))
    rules = [rule for item in items for rule in _rules(item, re2, problems)]
    if problems:
        shown = [f"{span}: {message}" for span, message in problems[:_MAX_PROBLEMS]]
        if len(problems) > _MAX_PROBLEMS:
            shown.append(f"and {len(problems) - _MAX_PROBLEMS} more")
        raise UsageError("there are mistakes in the rules:", shown)
    return Rules(tuple(rules))


def _rules(item: syntax.Node, re2: ModuleType, problems: list[tuple[Span, str]]) -> Iterator[_Rule]:
    """The one rule of an item, unless something is wrong with it."""
    if not isinstance(item, syntax.Mapping) or len(item.entries) != 1:
        problems.append((item.span, "a rule is `pattern: name`, one in each item of the list"))
        return
    ((text, entry),) = item.entries.items()
    value = entry.value
    if not isinstance(value, syntax.Scalar) or not isinstance(value.value, str | None):
        problems.append((value.span, "a tensor's new name is a text, or none to leave it out"))
        return
    replacement = None if value.value == "none" and not value.quoted else value.value
    if max(len(text), len(replacement or "")) > MAX_PATTERN:
        problems.append((item.span, f"a rule has at most {MAX_PATTERN} characters on each side"))
        return
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        pattern = re2.compile(text, options)
    except re2.error as error:
        said = error.args[0]
        said = said.decode(errors="replace") if isinstance(said, bytes) else said
        problems.append((entry.key.span, f"this is no regular expression of RE2: {said}"))
        return
    wrong = _bad_reference(replacement or "", pattern)
    if wrong is None:
        yield _Rule(pattern, replacement, entry.key.span)
    else:
        problems.append((value.span, wrong))


def _bad_reference(replacement: str, pattern: Any) -> str | None:
    """Why a replacement cannot be filled in, if so."""
    import re

    for escape in re.findall(r"\\(\d+|g<[^>]*>|.?)", replacement):
        name = escape[2:-1] if escape.startswith("g<") else escape
        known = name.isdecimal() and len(name) < 4 and int(name) <= pattern.groups
        if escape != "\\" and not known and not (name != escape and name in pattern.groupindex):
            return f"`\\{escape}` is none of the {pattern.groups} groups of the expression"
    return None
