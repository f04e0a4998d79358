"""What libyaml complains about, said to the person who made the mistake.

libyaml reports where its grammar broke. That is often a line after the mistake, and in terms of
the grammar; here the place is moved to the mistake and the words are those of a spec's author.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from graphcnn.diagnostics import Diagnostic
from graphcnn.source import SourceFile, Span


def shown(text: str, width: int = 40) -> str:
    """The text on one line, cut to ``width`` characters."""
    line = re.sub(r"\s+", " ", text[: 2 * width]).strip()
    return line if len(line) <= width else f"{line[: width - 1]}…"


_NO_COLON = re.compile(r"([A-Za-z_][A-Za-z0-9_]*) *([\[{(0-9$].*)")


def colon_missing(file: SourceFile, start: int, end: int) -> tuple[str | None, str]:
    """The key that `conv {out: 8}` or `conv(8)` begins with, and how to write it; or no key."""
    match = _NO_COLON.fullmatch(shown(file.text[start : min(end, start + 80)], 80))
    if match is None:
        return None, ""
    key, value = match.groups()
    if value.startswith("("):
        value = "{…}" if re.search("[,=]", value) else value.strip("()") or "{}"
    return key, f"a colon is missing: `{key}: {value}`"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What was known when libyaml gave up.

    ``at`` is where, ``context`` where the construct it was in began, ``last`` the span of the
    last value that was read whole, and ``bracket`` the innermost bracket still open.
    """

    file: SourceFile
    problem: str
    at: int
    context: int
    last: tuple[int, int]
    bracket: int | None

    @property
    def text(self) -> str:
        return self.file.text

    @property
    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def at_end(self) -> bool:
        return not self.text[self.at :].strip()

    @property
    def last_text(self) -> str:
        return self.text[slice(*self.last)]

    @property
    def after_value(self) -> bool:
        """Whether the line already holds a value before this place."""
        return self.last[1] > 0 and "\n" not in self.text[self.last[1] : self.at]

    def rest(self, start: int) -> int:
        """Where the line that holds ``start`` ends, without a comment."""
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else None]
        return start + len(line.split(" #")[0].rstrip())

    def place(self, offset: int) -> str:
        line, column = self.file.position(offset)
        return f"line {line}, column {column}"

    def error(
        self, message: str, start: int, end: int, *notes: str, help: str | None = None
    ) -> Diagnostic:
        end = max(start, min(end, len(self.text)))
        return Diagnostic("yaml-syntax", message, Span(self.file, start, end), notes, help)


def explain(complaint: Complaint) -> Diagnostic:
    """The diagnostic for what libyaml complained about."""
    for words, rule in _RULES:
        if words in complaint.problem:
            return rule(complaint)
    at = complaint.at
    return complaint.error(f"this is not YAML: {complaint.problem}", at, at + 1)


def _stray_character(c: Complaint) -> Diagnostic:
    if c.char == "\t":
        message = "a tab cannot indent YAML; use spaces"
        return c.error(message, c.at, c.at + 1)
    message = f"{'a backtick' if c.char == '`' else f'`{c.char}`'} cannot begin a value"
    return c.error(message, c.at, c.at + 1, help="quote the text")


def _colon(c: Complaint) -> Diagnostic:
    start, end = c.last
    if end - start > _MAX_KEY:
        return c.error(f"a key has at most {_MAX_KEY} characters", start, end)
    if "$(" in c.last_text:
        return c.error(
            "this `: ` cuts the expression off", c.at, c.at + 1, help="quote the expression"
        )
    if "\n" in c.last_text:
        line_start = c.text.rindex("\n", start, end) + 1
        first = shown(c.last_text.split("\n")[0])
        return c.error(
            "the indentation makes this line a part of the value above it",
            line_start + len(c.text[line_start:end]) - len(c.text[line_start:end].lstrip()),
            c.rest(c.at),
            f"`{first}` in {c.place(start)} begins that value",
            help=_mend(first) or "align the line with what it belongs to",
        )
    return c.error(
        "a second `:` in one line",
        c.at,
        c.at + 1,
        help="quote the text if `: ` is part of it, or begin a new line",
    )


def _list_in_line(c: Complaint) -> Diagnostic:
    message = "a list cannot begin in the line of its key"
    return c.error(message, c.at, c.at + 1, help="begin it on the next line, or write `[a, b]`")


def _no_colon(c: Complaint) -> Diagnostic:
    start, end = c.context, c.rest(c.context)
    word = shown(c.text[start:end])
    if end - start > _MAX_KEY:
        return c.error(f"a key has at most {_MAX_KEY} characters", start, end)
    return c.error(
        f"`{word}` stands among keys but has no `: ` after it", start, end, help=_mend(word)
    )


def _in_brackets(c: Complaint) -> Diagnostic:
    opening = c.text[c.context]
    closing = {"[": "]", "{": "}"}.get(opening, opening)
    if c.at_end:
        return _open_bracket(c, c.context)
    mend: str | None = "put a comma between the entries"
    if "$(" in c.last_text or (c.last_text.startswith("$") and c.char == "["):
        mend = "quote an expression that holds a comma, a bracket or a `: `"
    elif c.char in "]}":
        mend = None
    elif "\n" in c.text[c.context : c.at]:
        mend = f"close the `{opening}` where it should end, or put a comma between the entries"
    message = f"expected `,` or `{closing}`, found `{_word(c)}`"
    note = f"`{opening}` was opened in {c.place(c.context)}"
    return c.error(message, c.at, c.at + len(_word(c)), note, help=mend)


def _open_bracket(c: Complaint, at: int) -> Diagnostic:
    return c.error(f"`{c.text[at]}` is never closed", at, at + 1)


def _no_value(c: Complaint) -> Diagnostic:
    if c.at_end and c.bracket is not None:
        return _open_bracket(c, c.bracket)
    if c.char in "]}":
        return _extra_bracket(c)
    message = f"a {'key' if c.char == ':' else 'value'} is missing before `{_word(c)}`"
    return c.error(message, c.at, c.at + len(_word(c)))


def _extra_bracket(c: Complaint) -> Diagnostic:
    return c.error(f"`{c.char}` closes nothing", c.at, c.at + 1)


def _misplaced(c: Complaint) -> Diagnostic:
    """Something in a block mapping or list that is neither its next key or item nor its end."""
    if c.char and c.char in "]}":
        return _extra_bracket(c)
    end = c.rest(c.at)
    found = shown(c.text[c.at : end])
    if c.char == ":" and not c.after_value:
        return c.error("a key is missing before `:`", c.at, c.at + 1)
    if c.after_value:
        return _trailing(c, found, end)
    in_list = c.text.startswith("- ", c.context)
    outer, inner = c.file.position(c.context), c.file.position(c.at)
    note = f"the {'list' if in_list else 'mapping'} began in {c.place(c.context)}"
    if outer.column != inner.column:
        message = f"`{found}` is indented like nothing above it"
        return c.error(message, c.at, end, note, help="align it with what it belongs to")
    message = (
        f"`{found}` stands in a list but does not begin with `- `"
        if in_list
        else f"`{found}` stands among keys but is none"
    )
    return c.error(message, c.at, end, note, help=_mend(found))


def _trailing(c: Complaint, found: str, end: int) -> Diagnostic:
    quote, notes = c.last_text[:1], []
    mend = "quote the whole value, or begin a new line"
    if c.char in "&*":
        mend = "a value has one anchor at most, and an alias has none"
    elif quote in ("'", '"') and "\n" in c.last_text:
        notes = [f"the quotation before it began in {c.place(c.last[0])}"]
        mend = "close the quotation where it should end"
    elif quote in ("'", '"') and found.endswith(quote):
        escaped = "''" if quote == "'" else '\\"'
        mend = f"a `{quote}` that is part of the text is written `{escaped}`"
    message = f"`{found}` follows a value that has ended"
    return c.error(message, c.at, end, *notes, help=mend)


def _no_start(c: Complaint) -> Diagnostic:
    return c.error("`---` must stand between `%YAML` and the spec", c.at, c.rest(c.at))


def _outside(c: Complaint) -> Diagnostic:
    found = shown(c.text[c.at : c.rest(c.at)])
    message = f"`{found}` follows the value that the file consists of"
    note = f"that value began in {c.place(c.context)}"
    return c.error(
        message, c.at, c.rest(c.at), note, help="check the indentation of the first lines"
    )


def _open_quote(c: Complaint) -> Diagnostic:
    return c.error("the quotation is never closed", c.context, c.context + 1)


def _escape(c: Complaint) -> Diagnostic:
    start = max(c.text.rfind("\\", 0, c.at + 1), c.context)
    found = re.compile(r"\\(?:[xuU][0-9a-fA-F]*|.|$)", re.DOTALL).match(c.text, start)
    word = shown(found[0]) if found else "\\"
    mend = "write `\\\\` for a backslash, or use single quotes"
    if word[1:2] in ("x", "u", "U"):
        mend = "`\\x`, `\\u` and `\\U` take 2, 4 and 8 hexadecimal digits of one whole character"
    return c.error(f"`{word}` means nothing in double quotes", start, start + len(word), help=mend)


def _no_name(c: Complaint) -> Diagnostic:
    mark, kind = c.text[c.context], "alias" if c.text[c.context] == "*" else "anchor"
    message = f"`{mark}` begins an {kind} and wants a name of letters, digits, `-` and `_`"
    return c.error(message, c.context, c.rest(c.context), help="quote it if it is text")


def _unspaced_colon(c: Complaint) -> Diagnostic:
    word = shown(c.text[c.context : c.at])
    return c.error("a space must follow this `:`", c.at, c.at + 1, help=f"write `{word}: `")


def _block_header(c: Complaint) -> Diagnostic:
    message = f"after `{c.text[c.context]}` the text begins on the next line"
    mend = f"quote the value if it is text that begins with `{c.text[c.context]}`"
    return c.error(message, c.at, c.rest(c.at), help=mend)


def _directive(c: Complaint) -> Diagnostic:
    return directive(c.file, max(c.text.rfind("%", 0, c.at + 1), 0))


def directive(file: SourceFile, at: int) -> Diagnostic:
    """The diagnostic for a line that begins with `%` where none may."""
    message = "`%` begins a directive, and only one `%YAML 1.2` may stand before a spec"
    span = Span(file, at, at + 1)
    return Diagnostic("yaml-syntax", message, span, help="quote the line if it is text")


def _tag(c: Complaint) -> Diagnostic:
    start = max(c.text.find("!", c.context), c.context)
    return tag(c.file, start, c.rest(start))


def tag(file: SourceFile, start: int, end: int) -> Diagnostic:
    """The diagnostic for a tag, well-formed or not."""
    message = f"`{shown(file.text[start:end])}` is a tag, and a spec has none"
    mend = "leave it out, or quote the text if it begins with `!`"
    return Diagnostic("yaml-tag", message, Span(file, start, end), help=mend)


def _mend(line: str) -> str | None:
    """The space that a line most likely lacks."""
    if _GLUED.match(line):
        return f"put a space after the colon in `{line}`"
    if re.match(r"-[^\s-]", line):
        return f"put a space after `-` in `{line}`"
    return None


def _word(c: Complaint) -> str:
    found = re.compile(r"[,\[\]{}:]|[^\s,\[\]{}]+").match(c.text, c.at)
    return shown(found[0], 20) if found else c.char


# YAML's own bound on a key that stands in one line with its value.
_MAX_KEY = 1024
_GLUED = re.compile(r"[^\s:\"']+:[^\s:]")

# The first rule whose words are in the complaint explains it. Where libyaml and PyYAML's own
# parser, which stands in for a build without libyaml, use different words, both are here.
_RULES: tuple[tuple[str, Callable[[Complaint], Diagnostic]], ...] = (
    ("tag", _tag),
    ("directive", _directive),
    ("incompatible YAML document", _directive),
    ("cannot start any token", _stray_character),
    ("a tab character", _stray_character),
    ("mapping keys are not allowed", _stray_character),
    ("mapping values are not allowed", _colon),
    ("sequence entries are not allowed", _list_in_line),
    ("could not find expected ':'", _no_colon),
    ("expected ',' or", _in_brackets),
    ("node content", _no_value),
    ("did not find expected key", _misplaced),
    ("did not find expected '-' indicator", _misplaced),
    ("expected <block end>", _misplaced),
    ("document start>", _no_start),
    ("trailing text", _outside),
    ("scanning a quoted scalar: found unexpected", _open_quote),
    ("escape", _escape),
    ("hexdecimal number", _escape),
    ("hexadecimal", _escape),
    ("scanning an alias", _no_name),
    ("scanning an anchor", _no_name),
    ("found unexpected ':'", _unspaced_colon),
    ("scanning a block scalar", _block_header),
)
