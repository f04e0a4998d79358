"""Checking a spec: quickly where it is right, thoroughly where it is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from graphcnn.diagnostics import Diagnostic
from graphcnn.schema.decision import decider
from graphcnn.syntax import Node, plain

if TYPE_CHECKING:
    from graphcnn.schema.wording import Finding

_WORD = re.compile("[A-Za-z_][A-Za-z0-9_]*")

MOST = 100
"""How many diagnostics one check gives."""


@dataclass(frozen=True)
class Report:
    """What was found: diagnostics, and the ``id()`` of each syntax node that failed itself.

    A missing key is a failure of its mapping, an unknown one of the value under it. ``meant`` has
    for the ``id()`` of each such value the key that was probably meant, or no text. ``lost`` are
    names that are not defined for a mistake in them: with `my-width` refused, `$(my-width)` is
    about `my` and `width`.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    bad: frozenset[int] = frozenset()
    meant: Mapping[int, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()


def check(root: Node) -> Report:
    """Check the tree of a spec against the schema.

    Two things are left to those who know the file's blocks and its imports: what a statement's
    key means that is no op, and whether a statement has exactly one op.
    """
    spec = plain(root)
    if decider()(spec):
        return Report()
    # Most specs are right, and need no words.
    from graphcnn.schema.failures import failures
    from graphcnn.schema.wording import explain

    # What aliases repeat fails each time, and is one finding.
    first = islice(failures(root, spec), 10 * MOST)
    findings: dict[tuple[str, str, int], Finding] = {}
    for finding in chain.from_iterable(map(explain, first)):
        one = finding.diagnostic
        findings.setdefault((one.code, one.message, one.span.start), finding)
        if len(findings) > MOST:
            break
    return _report(list(findings.values()))


def _report(findings: list[Finding]) -> Report:
    given = {one.name for one in findings if one.name and not one.use}
    # A key that is misspelt is not missing too.
    reported = {(one.mapping, one.meant) for one in findings if one.meant}
    strays = Counter(one.mapping for one in findings if one.stray)
    kept, again = [], []
    for one in findings:
        if one.missing and (one.mapping, one.missing) in reported:
            continue
        if one.missing and strays[one.mapping]:
            strays[one.mapping] -= 1
            continue
        if one.use and one.name and one.name.partition(".")[0] in given:
            again.append(one)  # it is refused where it is given
            continue
        if one.missing:
            reported.add((one.mapping, one.missing))
        kept.append(one)
    kept.sort(key=lambda one: one.diagnostic.span.start)
    diagnostics = [one.diagnostic for one in kept[:MOST]]
    if len(findings) > MOST:
        last = diagnostics.pop()
        note = f"these are the first {MOST}; there are more"
        diagnostics.append(replace(last, notes=(*last.notes, note)))
    return Report(
        tuple(diagnostics),
        frozenset(id(one.node) for one in (*kept, *again)),
        {id(one.node): one.meant or "" for one in findings if one.mapping and not one.missing},
        frozenset(word for one in findings if one.name for word in _WORD.findall(one.name)),
    )
