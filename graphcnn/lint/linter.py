"""All rules over one spec: its text once, and the graph of each variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.imports import shipped_specs
from graphcnn.ir import Graph
from graphcnn.lint.comments import Comment, comments
from graphcnn.lint.names import Names
from graphcnn.lint.rule import GraphRule, ProgramRule
from graphcnn.lint.rules import RULES, unused_ignore
from graphcnn.lint.selection import Selection
from graphcnn.lint.view import View
from graphcnn.program import Program
from graphcnn.source import SourceFile
from graphcnn.syntax import Node

MAX_FINDINGS = 1_000
"""Places that a rule finds in a file, or in a variant; more are not looked for."""


class Linter:
    """Looks at one program. It is shown the graph of every variant, then asked what is left."""

    def __init__(self, program: Program, selection: Selection) -> None:
        self.program = program
        self.selection = selection
        self._foreign = _foreign_files(program)
        path = program.file.path
        wanted = [rule for rule in RULES if rule.code in selection.codes]
        self.program_rules = [
            rule
            for rule in wanted
            if issubclass(rule, ProgramRule) and selection.wants(rule.code, path)
        ]
        self.graph_rules = [rule for rule in wanted if issubclass(rule, GraphRule)]

    def _text(self) -> Iterator[Diagnostic]:
        """What there is to say of the file, whatever the variant."""
        if self.program_rules:
            names = Names(self.program)
            for rule in self.program_rules:
                for found in islice(rule.check(names), MAX_FINDINGS):
                    yield found.diagnostic(rule.code)

    def variant(self, graph: Graph) -> Iterator[Diagnostic]:
        """What there is to say of a graph, each place once."""
        view = View(graph, self.program)
        for rule in self.graph_rules:
            seen: set[tuple[SourceFile, int]] = set()
            for found in rule.check(view):
                place = found.span.file, found.span.start
                if place not in seen and self._wants(rule.code, found.span.file):
                    seen.add(place)
                    yield found.diagnostic(rule.code)
                if len(seen) >= MAX_FINDINGS:
                    break

    def _wants(self, code: str, file: SourceFile) -> bool:
        return file not in self._foreign and self.selection.wants(code, file.path)

    def kept(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """What is left to report of all findings, with what there is to say of the text.

        A spec with errors has no warnings. Those that a comment ignores are left out, and a comment
        that ignores nothing is one more.
        """
        found = list(found)
        errors = [one for one in found if one.severity is Severity.ERROR]
        if errors:
            return errors
        found += self._text()
        ignored = {file: comments(file, root) for file, root in _roots(self.program).items()}
        kept = [one for one in found if not _is_ignored(one, ignored)]
        if self._wants(unused_ignore.UnusedIgnore.code, self.program.file):
            known = {rule.code for rule in RULES} - {unused_ignore.UnusedIgnore.code}
            codes = {rule.code for rule in self.program_rules}
            if self.program.body is not None:
                codes |= {rule.code for rule in self.graph_rules}
            unused = unused_ignore.check(ignored[self.program.file], known, codes)
            code = unused_ignore.UnusedIgnore.code
            kept += (one.diagnostic(code) for one in islice(unused, MAX_FINDINGS))
        return kept


def _foreign_files(program: Program) -> set[SourceFile]:
    """The shipped specs that are imported, which nobody who imports them can change."""
    shipped = shipped_specs()
    return {
        file
        for file in program.files()
        if file is not program.file
        and file.path is not None
        and file.path.resolve().is_relative_to(shipped)
    }


def _roots(program: Program) -> dict[SourceFile, Node]:
    """The files that findings can be in, with their syntax trees."""
    return {one.file: one.root for one in program.programs()}


def _is_ignored(found: Diagnostic, ignored: dict[SourceFile, list[Comment]]) -> bool:
    line = found.span.begin_position.line
    hits = [
        comment
        for comment in ignored.get(found.span.file, ())
        if found.code in comment.codes and comment.first <= line <= comment.last
    ]
    for comment in hits:
        comment.used.add(found.code)
    return bool(hits)
