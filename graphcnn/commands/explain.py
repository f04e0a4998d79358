"""`graphcnn explain`: what a diagnostic means."""

from __future__ import annotations

from textwrap import fill, indent

from graphcnn.codes import CODES
from graphcnn.diagnostics import Severity, UsageError, did_you_mean
from graphcnn.report.terminal import style


def listing(*, color: bool = False) -> str:
    """Every code with its summary, errors first."""
    margin = max(map(len, CODES))
    groups: dict[Severity, list[str]] = {severity: [f"{severity}s:", ""] for severity in Severity}
    for code, entry in sorted(CODES.items()):
        space = " " * (margin - len(code))
        line = f"{style(code, bold=True, on=color)}{space}  {entry.summary}"
        groups[entry.severity].append(line)
    lines = [line for group in groups.values() for line in (*group, "")]
    return "\n".join([*lines, "`graphcnn explain CODE` says more about one of them.", ""])


def explanation(code: str, *, color: bool = False) -> str:
    """All about one code: what it means, a spec that has it, and the mend.

    Raises:
        UsageError: there is no such code.
    """
    code = code.strip().strip("[]")  # as it stands in `error[code]`
    entry = CODES.get(code)
    if entry is None:
        hint = did_you_mean(code, CODES) or "`graphcnn explain` lists them"
        raise UsageError(f"there is no diagnostic `{code}`; {hint}")
    kind = " (warning)" if entry.severity is Severity.WARNING else ""
    title = f"{style(code, bold=True, on=color)}{kind}: {entry.summary}"
    sections = [title, fill(entry.explanation, 80)]
    if entry.example:
        sections += ["For example:", indent(entry.example.rstrip(), "    ")]
    if entry.mend:
        sections += ["Mended:", indent(entry.mend.rstrip(), "    ")]
    return "\n\n".join(sections) + "\n"
