"""Comments that ignore nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import ClassVar

from graphcnn.diagnostics import Edit, Fix, did_you_mean
from graphcnn.lint.comments import Comment
from graphcnn.lint.rule import Finding, Rule
from graphcnn.source import Span


class UnusedIgnore(Rule):
    code: ClassVar[str] = "unused-ignore"
    summary: ClassVar[str] = "a comment ignores what is not there"
    explanation: ClassVar[str] = (
        "A comment `# graphcnn: ignore[code]` names a warning that is not found where it stands, "
        "or one that does not exist. An error has no comment that ignores it. Such a comment would "
        "hide the warning that somebody introduces later."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3, bias: false}  # graphcnn: ignore[bias-before-norm]
  - batch_norm
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3, bias: false}
  - batch_norm
"""


def check(
    comments: Iterable[Comment], known: Collection[str], looked_for: Collection[str]
) -> Iterator[Finding]:
    """What comments name for nothing: of all ``known`` codes, those that were ``looked_for``."""
    for comment in comments:
        unused = {
            code: span
            for code, span in comment.codes.items()
            if code not in known or (code in looked_for and code not in comment.used)
        }
        if not comment.codes:
            help = "name them: `# graphcnn: ignore[code]`"
            yield Finding(comment.span, "this comment ignores no code", help)
        for code, span in unused.items():
            if code in known:
                message = f"nothing here is warned of as `{code}`"
                yield Finding(span, message, "remove it", fix=_fix(comment, unused, span))
            elif code == UnusedIgnore.code:
                yield Finding(span, f"no comment ignores `{code}`", "mend or remove the other one")
            else:
                yield Finding(span, f"there is no warning `{code}`", did_you_mean(code, known))


def _fix(comment: Comment, unused: dict[str, Span], span: Span) -> Fix:
    """Take one code out of a comment, or the comment if it has no other."""
    text = span.file.text
    if len(unused) == len(comment.codes):
        return Fix((_without(comment.span),), safe=True)
    start, end = span.start, span.end
    while text[end] in ", \t":
        end += 1
    if text[end] == "]":
        while text[start - 1] in ", \t":
            start -= 1
    return Fix((Edit(start, end, ""),), safe=True)


def _without(comment: Span) -> Edit:
    """Take a comment out, up to what it says behind the codes; with its line if nothing is left."""
    text = comment.file.text
    line = text.rfind("\n", 0, comment.start) + 1
    stop = text.find("\n", comment.end)
    stop = len(text) if stop < 0 else stop
    rest = text[comment.end : stop].strip()
    before = text[line : comment.start].rstrip()
    if rest:
        return Edit(comment.start, comment.end, "#")
    if before:
        return Edit(line + len(before), stop, "")
    return Edit(line, min(stop + 1, len(text)), "")
