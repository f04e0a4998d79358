"""Diagnostics in the Static Analysis Results Interchange Format, SARIF 2.1.0.

The standard is https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the sections that
are named below are its.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from graphcnn.codes import CODES
from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.report.checked import Checked
from graphcnn.report.places import locate, region, root
from graphcnn.report.terminal import clean
from graphcnn.source import SourceFile

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOME = "https://graphcnn.dev/"
BASE = "%SRCROOT%"

_CONTEXT = 100  # characters around a mistake that tell it from others

_Json = dict[str, Any]


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    checked: Sequence[Checked] = (),
    color: bool = False,  # noqa: ARG001 - JSON has none
) -> str:
    """A log of one run, in ASCII; the same findings give the same text."""
    return json.dumps(_log(diagnostics, checked), indent=2) + "\n"


def _log(diagnostics: Sequence[Diagnostic], checked: Sequence[Checked]) -> _Json:
    rules = _rules(diagnostics)
    indices = {rule["id"]: at for at, rule in enumerate(rules)}
    files = _Files()
    results = [_result(one, indices[one.code], files) for one in diagnostics]
    run: _Json = {
        "tool": {
            "driver": {
                "name": "GraphCNN",
                "version": version("graphcnn"),
                "informationUri": HOME,
                "rules": rules,
            }
        },
        "invocations": [_invocation(checked)],
        # Where the repository lies is left to the reader: that differs between machines.
        "originalUriBaseIds": {BASE: {"description": {"text": "The root of the repository."}}},
        "artifacts": [
            {"location": location, "encoding": "utf-8", "sourceLanguage": "yaml"}
            for location in files.locations
        ],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(checked: Sequence[Checked]) -> _Json:
    """Whether everything could be looked at (section 3.20)."""
    failures = [one.failure for one in checked if one.failure is not None]
    invocation: _Json = {"executionSuccessful": not failures}
    if failures:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": _plain(failure)}} for failure in failures
        ]
    return invocation


def _rules(diagnostics: Sequence[Diagnostic]) -> list[_Json]:
    """The codes that were found, in the order of the table of codes (section 3.49)."""
    levels: dict[str, Severity] = {}
    for one in diagnostics:
        if levels.get(one.code) is not Severity.ERROR:
            levels[one.code] = one.severity
    return [_rule(code, levels[code]) for code in CODES if code in levels]


def _rule(name: str, level: Severity) -> _Json:
    code = CODES[name]
    return {
        "id": name,
        "shortDescription": {"text": f"{code.summary[:1].upper()}{code.summary[1:]}."},
        "fullDescription": {"text": code.explanation},
        "help": {"text": _help(name, "{}"), "markdown": _help(name, "```yaml\n{}```\n")},
        "defaultConfiguration": {"level": str(level)},
    }


def _help(name: str, layout: str) -> str:
    """The explanation of a code, a spec that has it, and the same spec mended."""
    code = CODES[name]
    parts = [f"{code.explanation}\n"]
    if code.example is not None:
        parts += ["A spec that has it:\n", layout.format(code.example)]
    if code.mend is not None:
        parts += ["The same spec without it:\n", layout.format(code.mend)]
    return "\n".join(parts)


def _result(diagnostic: Diagnostic, rule: int, files: _Files) -> _Json:
    file = diagnostic.span.file
    artifact = files.artifact(file)
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": str(diagnostic.severity),
        "message": {"text": _message(diagnostic)},
        "locations": [
            {"physicalLocation": {"artifactLocation": artifact, "region": _region(diagnostic)}}
        ],
        "partialFingerprints": {"graphcnn/v1": files.fingerprint(diagnostic, artifact["uri"])},
    }


def _message(diagnostic: Diagnostic) -> str:
    help = () if diagnostic.help is None else (f"help: {diagnostic.help}",)
    return "\n".join(map(_plain, (diagnostic.message, *diagnostic.notes, *help)))


def _plain(text: str) -> str:
    """Text of a stranger's spec, in which nothing is a link (section 3.11.6)."""
    return clean(text).replace("](", "] (")


def _region(diagnostic: Diagnostic) -> _Json:
    file = diagnostic.span.file
    line, column, end_line, end_column = region(diagnostic.span)
    return {
        "startLine": line,
        "startColumn": _utf16(file, line, column),
        "endLine": end_line,
        "endColumn": _utf16(file, end_line, end_column),
    }


def _utf16(file: SourceFile, line: int, column: int) -> int:
    """A column in units of UTF-16, as viewers count that do not read ``columnKind``."""
    before = file.line(line)[: column - 1]
    return column if before.isascii() else column + sum(char > "\uffff" for char in before)


class _Files:
    """The files that findings are in, in the order of the findings."""

    def __init__(self) -> None:
        self._base: Path = root()
        self._index: dict[str, int] = {}
        self._seen: Counter[str] = Counter()
        self.locations: list[_Json] = []

    def artifact(self, file: SourceFile) -> _Json:
        """Where a file is (section 3.4), with its index in the run's artifacts."""
        location = _location(file, locate(file, self._base))
        index = self._index.setdefault(location["uri"], len(self._index))
        if index == len(self.locations):
            self.locations.append(location)
        return {**location, "index": index}

    def fingerprint(self, diagnostic: Diagnostic, uri: str) -> str:
        """What stays as it is while the lines around a finding come and go (section 3.27.17).

        The code, the file, the line and what is marked in it, and how many like it come before.
        """
        span = diagnostic.span
        line, column = span.begin_position
        near = span.file.line(line)[max(column - _CONTEXT, 0) : column + _CONTEXT].strip()
        marked = span.file.text[span.start : min(span.end, span.start + _CONTEXT)]
        parts = json.dumps([diagnostic.code, uri, near, marked])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:32]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


def _location(file: SourceFile, path: Path | None) -> _Json:
    if path is None:
        return {"uri": quote(file.name.encode("utf-8", "surrogatepass"), safe="")}
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(os.fsencode(path.as_posix())), "uriBaseId": BASE}
