"""YAML text to a frozen tree of scalars, sequences and mappings, each with its place in the text.

libyaml reads the text and hands over events; what is made of them is decided here: scalars by
the YAML 1.2 core schema (``no`` and ``1:30`` are text), no tags, no merge keys, one document, and
bounds on size, depth and what aliases may expand to, so that a stranger's file cannot hurt.
"""

from __future__ import annotations

import math
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

import yaml

from graphcnn.collector import paused
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.source import SourceFile, Span
from graphcnn.yaml_errors import Complaint, directive, explain, shown, tag

LIMIT = 16 * 1024 * 1024
"""Bytes that a spec may have."""

MAX_NODES = 2_000_000
MAX_ALIASED = 1_000_000
MAX_DEPTH = 100
MAX_SCALAR = 10_000
MAX_DIGITS = 20
MAX_PROBLEMS = 100

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    file: SourceFile
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar(_Placed):
    """One value. ``quoted`` also holds for block scalars: text by its form, whatever it says."""

    value: Value
    quoted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sequence(_Placed):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mapping(_Placed):
    """Keys to values in the order of the text. Not to be changed, though a dict could be."""

    entries: dict[str, Entry]

    def get(self, name: str) -> Node | None:
        entry = self.entries.get(name)
        return entry.value if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


class Entry(NamedTuple):
    key: Scalar
    value: Node


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars; nodes shared by aliases become shared objects."""
    made: dict[int, object] = {}

    def convert(node: Node) -> object:
        if isinstance(node, Scalar):
            return node.value
        if id(node) not in made:
            made[id(node)] = (
                [convert(item) for item in node.items]
                if isinstance(node, Sequence)
                else {name: convert(entry.value) for name, entry in node.entries.items()}
            )
        return made[id(node)]

    return convert(node)


def read(path: Path, name: str | None = None) -> SourceFile:
    """The file at ``path``, called ``name`` in diagnostics.

    Raises:
        UsageError: there is no such file, it is not a regular one, or it cannot be read.
        SpecError: it is larger than ``LIMIT`` or not UTF-8.
    """
    name = str(path) if name is None else name
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UsageError(f"{name} is a directory, not a spec")
        # Opening a pipe would wait for its writer, and a device may never end.
        if not stat.S_ISREG(mode):
            raise UsageError(f"{name} is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except FileNotFoundError:
        raise UsageError(f"{name}: no such file") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{name!r} cannot be read: {error}") from None
    return decode(data, name, path)


def decode(data: bytes, name: str, path: Path | None = None) -> SourceFile:
    """The UTF-8 text in ``data``, with or without a byte order mark.

    Raises:
        SpecError: ``data`` is larger than ``LIMIT`` or not UTF-8.
    """
    if len(data) > LIMIT:
        raise SpecError([_too_large(SourceFile(name, "", path))])
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return SourceFile(name, body.decode(), path)
    except UnicodeDecodeError as error:
        file = SourceFile(name, body.decode(errors="replace"), path)
        at = len(body[: error.start].decode())
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        raise SpecError(
            [
                Diagnostic(
                    "not-utf8",
                    f"byte 0x{body[error.start]:02X} is not UTF-8 text",
                    Span(file, at, at + 1),
                    help=f"save the file as UTF-8{' (it looks like UTF-16)' if wide else ''}",
                )
            ]
        ) from None


def parse(file: SourceFile) -> Node:
    """The tree that the text of ``file`` describes. Its spans leave a byte order mark out.

    Raises:
        SpecError: the text is no YAML, or uses what a spec may not. It carries all that was
            found up to the place where reading on made no sense.
    """
    if len(file.text) > LIMIT:
        raise SpecError([_too_large(file)])
    if file.text.startswith("\ufeff"):
        file = SourceFile(file.name, file.text[1:], file.path)
    with paused():
        return _Composer(file).compose()


def _too_large(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        "too-large", f"a spec has at most {LIMIT // 1024**2} MiB of text", Span(file, 0, 0)
    )


_WORDS: Final[dict[str, Value]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"""
    (?P<decimal> [-+]?[0-9]+ )
    | (?P<prefixed> 0o[0-7]+ | 0x[0-9a-fA-F]+ )
    | (?P<float> [-+]? (?: \.[0-9]+ | [0-9]+(?:\.[0-9]*)? ) (?: [eE][-+]?[0-9]+ )? )
    | (?P<unreal> [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )
    """,
    re.VERBOSE,
)


def _resolve(text: str) -> Value:
    """What the YAML 1.2 core schema reads in ``text``; ValueError for a number out of bounds."""
    if text in _WORDS:
        return _WORDS[text]
    # Most scalars are words, and no number begins with a letter.
    if text[0] not in "-+.0123456789" or not (match := _NUMBER.fullmatch(text)):
        return text
    if match.lastgroup == "unreal":
        raise ValueError("infinity and not-a-number have no use in a spec")
    if match.lastgroup == "float":
        number = float(text)
        if math.isinf(number):
            raise ValueError("the number is too large for a float")
        return number
    if len(text) > MAX_DIGITS:
        raise ValueError(f"an integer has at most {MAX_DIGITS} digits")
    return int(text) if match.lastgroup == "decimal" else int(text, 0)


# What YAML forbids, and byte order marks: one at the beginning is gone by now.
_FORBIDDEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_BLANK = r"(?:[ \t\r\n\x85\u2028\u2029]++|#[^\r\n\x85\u2028\u2029]*+)*+"
_GAP = re.compile(_BLANK)
_ANCHOR = re.compile(rf"&[0-9A-Za-z_-]*{_BLANK}")
_TAG = re.compile(r"![^\s,\[\]{}]*")
_VERSION = re.compile(r"%YAML[ \t]+1\.[12](?![^ \t\r\n])")
_ITEM_IN_TEXT = re.compile(r"\n[ \t]*- ")
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Frame:
    """A collection that has not ended. For a mapping, ``items`` takes keys and values in turn."""

    __slots__ = ("anchor", "cut", "flow", "height", "items", "mapping", "size", "start")

    def __init__(self, start: int, anchor: str | None, mapping: bool, flow: bool, size: int):
        self.start = start
        self.anchor = anchor
        self.mapping = mapping
        self.flow = flow
        self.cut = False
        self.size = size
        self.height = 0
        self.items: list[Node] = []


class _Anchored(NamedTuple):
    node: Node
    size: int
    height: int


class _Composer:
    """Builds the tree from libyaml's events, without recursion, and collects what is wrong."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.problems: list[Diagnostic] = []
        self.root = _Frame(0, None, mapping=False, flow=False, size=0)
        self.frames = [self.root]
        self.anchors: dict[str, _Frame | _Anchored] = {}
        # Plain scalars repeat: each is resolved, and its text kept, once.
        self.resolved: dict[str, Value] = {}
        self.nodes = 0
        self.aliased = 0
        # Where the latest value lies, and the latest that took an item for its own text.
        self.last = (0, 0)
        self.misaligned: tuple[int, int] | None = None

    def compose(self) -> Node:
        self.check_characters()
        self.check_directives()
        try:
            self.consume()
        except yaml.YAMLError as error:
            self.syntax_error(error)
        if self.problems:
            self.give_up()
        if not self.root.items or _is_nothing(self.root.items[0]):
            self.fail("empty-file", "the file is empty", 0, 0)
        return self.root.items[0]

    def consume(self) -> None:
        # Any: the stubs call each mark optional, yet the events of a parser always have both.
        next_event: Any = _LOADER(self.text).get_event
        frames = self.frames
        for event in iter(next_event, None):
            kind = type(event)
            node: Node
            if kind is yaml.ScalarEvent:
                node = self.scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self.open(event, kind is yaml.MappingStartEvent)
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node = self.close(event)
            elif kind is yaml.AliasEvent:
                node = self.alias(event)
            elif kind is yaml.DocumentEndEvent:
                self.check_rest(event.end_mark.index, event.explicit)
                return
            else:
                continue
            frames[-1].items.append(node)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        text, style, anchor = event.value, event.style, event.anchor
        self.count(start)
        if event.tag is not None:
            self.tag(start)
        if anchor is not None:
            start = min(self.after(_ANCHOR, start), end)
        if style and style in "|>":
            end = start + len(self.text[start:end].rstrip())
        if style or len(text) > MAX_SCALAR:
            value = text
        elif text in self.resolved:
            value = self.resolved[text]
        else:
            value = self.resolve(text, start, end)
        if len(text) > MAX_SCALAR:
            message = f"a value has at most {MAX_SCALAR:,} characters, not {len(text):,}"
            self.report("too-long", message, start, end)
        self.last = (start, end)
        node = Scalar(self.file, start, end, value, bool(style))
        if anchor is not None:
            self.anchors[anchor] = _Anchored(node, 1, 0)
        return node

    def resolve(self, text: str, start: int, end: int) -> Value:
        """The value of a plain scalar that has not been met before."""
        frame = self.frames[-1]
        if frame.flow and "$(" in text and text.count("(") > text.count(")"):
            frame.cut = True
            self.report(
                "cut-expression",
                f"the expression `{shown(text)}` is cut off here",
                start,
                end,
                help="quote an expression that holds a comma, a bracket or a `: `",
            )
            return text
        if " - " in text and not (frame.flow or frame.mapping):
            item = _ITEM_IN_TEXT.search(self.text, start, end)
            if item:
                self.misaligned = (start, end)
                self.report(
                    "misaligned-item",
                    "this `-` begins no item: its line continues the text of the line above",
                    item.end() - 2,
                    end,
                    help="align `-` with the items of its list, or end the line above with `:`",
                )
                return text
        try:
            value = _resolve(text)
        except ValueError as error:
            self.report("bad-number", str(error), start, end, help="quote it if it is text")
            return text
        self.resolved[text] = value
        return value

    def open(self, event: Any, mapping: bool) -> None:
        start, size = event.start_mark.index, self.nodes + self.aliased
        self.count(start)
        if event.tag is not None:
            self.tag(start)
        if event.anchor is not None:
            start = self.after(_ANCHOR, start)
        if len(self.frames) > MAX_DEPTH:
            self.too_deep(start)
        frame = _Frame(start, event.anchor, mapping, bool(event.flow_style), size)
        if event.anchor is not None:
            self.anchors[event.anchor] = frame
        self.frames.append(frame)

    def close(self, event: Any) -> Node:
        frame = self.frames.pop()
        end = event.end_mark.index
        if event.start_mark.index == end:  # no bracket, and the mark lies at whatever comes next
            end = self.last[1]
        self.last = (frame.start, end)
        node = (
            Mapping(self.file, frame.start, end, self.entries(frame))
            if frame.mapping
            else Sequence(self.file, frame.start, end, tuple(frame.items))
        )
        height = frame.height + 1
        self.frames[-1].height = max(self.frames[-1].height, height)
        if frame.anchor is not None and self.anchors[frame.anchor] is frame:
            size = self.nodes + self.aliased - frame.size
            self.anchors[frame.anchor] = _Anchored(node, size, height)
        return node

    def entries(self, frame: _Frame) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        if frame.cut:  # its keys are pieces of an expression
            return entries
        for key, value in zip(frame.items[::2], frame.items[1::2], strict=True):
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                self.bad_key(key)
                continue
            name = key.value
            if name in entries:
                line = entries[name].key.span.begin_position.line
                self.report(
                    "duplicate-key",
                    f"`{shown(name)}` is given twice",
                    key.start,
                    key.end,
                    notes=(f"first given in line {line}",),
                )
            elif name == "<<" and not key.quoted:
                self.report(
                    "merge-key",
                    "`<<` is a merge key, and YAML 1.2 has none",
                    key.start,
                    key.end,
                    help="write the entries out, or make a block of what is shared",
                )
            elif ":" in name and not key.quoted and _lacks_space(name, value, frame.flow):
                self.report(
                    "bad-key",
                    f"`{shown(name)}` is read as one key",
                    key.start,
                    key.end,
                    help=f"put a space after the colon: `{shown(name.replace(':', ': ', 1))}`",
                )
            else:
                entries[name] = Entry(key, value)
        return entries

    def bad_key(self, key: Node) -> None:
        mend: str | None = "quote the key if it is text"
        if not isinstance(key, Scalar):
            message = f"a key is text, not a {'mapping' if isinstance(key, Mapping) else 'list'}"
        elif _is_nothing(key):
            message, mend = "a key is missing before `:`", None
        else:
            word = shown(self.text[key.start : key.end])
            kinds = {bool: "a truth value", type(None): "nothing"}
            kind = kinds.get(type(key.value), "a number")
            message, mend = f"a key is text, and `{word}` is {kind}", f'quote it: `"{word}"`'
        self.report("bad-key", message, key.start, key.end, help=mend)

    def alias(self, event: Any) -> Node:
        start, end = self.last = event.start_mark.index, event.end_mark.index
        self.count(start)
        name, frame = shown(event.anchor), self.frames[-1]
        known = self.anchors.get(event.anchor)
        if not isinstance(known, _Anchored):
            if known is None:
                self.report("yaml-syntax", f"no `&{name}` comes before this alias", start, end)
            else:
                line = self.file.position(known.start).line
                message = f"`*{name}` lies within `&{name}`, which it stands for"
                notes = (f"`&{name}` began in line {line}",)
                self.report("alias-cycle", message, start, end, notes=notes)
            return Scalar(self.file, start, end, None, quoted=False)
        self.aliased += known.size
        if self.aliased > MAX_ALIASED:
            message = f"the aliases up to here stand for more than {MAX_ALIASED:,} values"
            self.fail("alias-bomb", message, start, end)
        if len(self.frames) - 1 + known.height > MAX_DEPTH:
            self.too_deep(start)
        frame.height = max(frame.height, known.height)
        if isinstance(known.node, Scalar) and frame.mapping and len(frame.items) % 2 == 0:
            # What is said of a key is said where it stands.
            return Scalar(self.file, start, end, known.node.value, known.node.quoted)
        return known.node

    def check_characters(self) -> None:
        found = _FORBIDDEN.search(self.text)
        if found:
            at, code = found.start(), ord(found[0])
            self.fail("yaml-syntax", f"the character U+{code:04X} is not allowed", at, at + 1)

    def check_directives(self) -> None:
        """Allow one %YAML. Looked at before libyaml does, which many %TAG lines keep busy."""
        at = self.after(_GAP, self.after(_VERSION, self.after(_GAP, 0)))
        if self.text.startswith("%", at) and self.begins_line(at):
            self.add(directive(self.file, at))
            self.give_up()

    def check_rest(self, at: int, explicit: bool) -> None:
        """Report what follows the first document; libyaml is not asked for more."""
        at = self.after(_GAP, at)
        while self.text.startswith("...", at) and self.begins_line(at):
            explicit, at = True, self.after(_GAP, at + 3)
        if at == len(self.text):
            return
        if explicit or (self.text.startswith("---", at) and self.begins_line(at)):
            message = "a second document begins here, and a spec is one"
            self.report("many-documents", message, at, at + 3, help="put it into its own file")
        else:
            self.add(self.explained("trailing text", at, self.root.items[0].start))

    def syntax_error(self, error: yaml.YAMLError) -> NoReturn:
        if self.frames[-1].cut or self.last == self.misaligned:
            self.give_up()  # libyaml stumbles over what has just been reported
        problem, at = str(error), 0
        context: int | None = None
        if isinstance(error, yaml.MarkedYAMLError):
            problem = f"{error.context}: {error.problem}"
            if error.problem_mark:
                at = error.problem_mark.index
            if error.context_mark:
                context = error.context_mark.index
        self.add(self.explained(problem, at, context))
        self.give_up()

    def explained(self, problem: str, at: int, context: int | None) -> Diagnostic:
        bracket = next((frame.start for frame in reversed(self.frames) if frame.flow), None)
        began = at if context is None else context
        return explain(Complaint(self.file, problem, at, began, self.last, bracket))

    def tag(self, start: int) -> None:
        start = self.text.index("!", start)
        self.add(tag(self.file, start, self.after(_TAG, start)))

    def too_deep(self, at: int) -> NoReturn:
        self.fail(
            "too-deep", f"more than {MAX_DEPTH} lists and mappings lie in one another", at, at + 1
        )

    def count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fail("too-large", f"a spec has at most {MAX_NODES:,} values", at, at + 1)

    def after(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.text, at)
        return match.end() if match else at

    def begins_line(self, at: int) -> bool:
        return at == 0 or self.text[at - 1] in "\r\n\x85\u2028\u2029"

    def report(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        *,
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> None:
        span = Span(self.file, start, min(end, len(self.text)))
        self.add(Diagnostic(code, message, span, notes, help))

    def add(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            self.give_up()

    def fail(
        self, code: str, message: str, start: int, end: int, *, help: str | None = None
    ) -> NoReturn:
        self.report(code, message, start, end, help=help)
        self.give_up()

    def give_up(self) -> NoReturn:
        raise SpecError(sorted(self.problems, key=lambda problem: problem.span.start))


def _is_nothing(node: Node) -> bool:
    """Whether a value was left out; `null` and `~` are written."""
    return isinstance(node, Scalar) and node.start == node.end


def _lacks_space(name: str, value: Node, flow: bool) -> bool:
    """Whether a plain key is a key and a value run together, as in {out:64} or conv:{out: 64}."""
    return ":{" in name or ":[" in name or (flow and _is_nothing(value))
