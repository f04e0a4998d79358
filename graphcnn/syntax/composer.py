"""A text's tree from libyaml's events, without recursion, and all that is wrong with the text."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

import yaml

from graphcnn.collector import paused
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.source import SourceFile, Span
from graphcnn.syntax.breaks import Readable
from graphcnn.syntax.keys import entries, is_nothing
from graphcnn.syntax.reading import LIMIT, too_large
from graphcnn.syntax.scalars import resolve
from graphcnn.syntax.tree import Entry, Mapping, Node, Scalar, Sequence, Value
from graphcnn.yaml_errors import Complaint, directive, explain, shown, tag

MAX_NODES = 1_000_000
MAX_ALIASED = 1_000_000
MAX_DEPTH = 100
MAX_SCALAR = 10_000
MAX_PROBLEMS = 100

# What YAML forbids, and byte order marks: one at the beginning is gone by now.
_FORBIDDEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_BLANK = r"(?:[ \t\r\n]++|#[^\r\n]*+)*+"
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
        self.readable = Readable("")
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
        if not self.root.items or is_nothing(self.root.items[0]):
            self.fail("empty-file", "the file is empty", 0, 0)
        return self.root.items[0]

    def consume(self) -> None:
        # Any: the stubs call each mark optional, yet the events of a parser always have both.
        next_event: Any = _LOADER(self.readable.text).get_event
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
        text, style, anchor = self.readable.original(event.value), event.style, event.anchor
        self.count(start)
        if event.tag is not None:
            self.tag(start)
        if anchor is not None:
            start = min(self.after(_ANCHOR, start), end)
        if style and style in "|>":
            end = start + len(self.text[start:end].rstrip(" \t\r\n"))
        value: Value = text
        if not style and len(text) <= MAX_SCALAR:
            known = text in self.resolved
            value = self.resolved[text] if known else self.resolve(text, start, end)
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
            value = resolve(text)
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
        if frame.cut:  # its keys are pieces of an expression
            return {}
        return entries(frame.items, frame.flow, self.report)

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
        try:
            self.readable = Readable(self.text)
        except ValueError as error:
            at, code = self.text.index(str(error)), ord(str(error))
            message = f"the character U+{code:04X} is not allowed beside all of private use"
            self.fail("yaml-syntax", message, at, at + 1)

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
        return at == 0 or self.text[at - 1] in "\r\n"

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


def parse(file: SourceFile) -> Node:
    """The tree that the text of ``file`` describes. Its spans leave a byte order mark out.

    Raises:
        SpecError: the text is no YAML, or uses what a spec may not. It carries all that was
            found up to the place where reading on made no sense.
    """
    if len(file.text) > LIMIT:
        raise SpecError([too_large(file)])
    if file.text.startswith("\ufeff"):
        file = SourceFile(file.name, file.text[1:], file.path)
    with paused():
        return _Composer(file).compose()
