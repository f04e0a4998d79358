"""Write the pages that are derived from the code, or with --check say which are out of date.

docs/ops.md comes from the table of ops, docs/support.md from what backends say of each,
docs/diagnostics.md from the table of codes, docs/schema/1.json is what `graphcnn schema` prints,
and docs/zoo comes from the shipped specs.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from itertools import groupby
from pathlib import Path
from textwrap import fill

import zoo_pages

from graphcnn import backends, schema
from graphcnn.codes import CODES, Code
from graphcnn.commands import support
from graphcnn.diagnostics import Severity
from graphcnn.ops import OPS
from graphcnn.ops.attributes import show
from graphcnn.ops.base import Attribute, Free, Op

DOCS = Path(__file__).parent

_RANKS = {1: "(features)", 2: "(C, L)", 3: "(C, H, W)", 4: "(C, D, H, W)"}
# The parts of an op's docstring that are facts of the same kind for every op.
_FACT = re.compile(r"(Output[^:.]*|Weights|MACs): ")


_OPS_HEAD = """\
# Ops

Every op of the language, by group. `graphcnn ops NAME` shows the same in a terminal.

Shapes are those of one sample, channels first: (C, L), (C, H, W) or (C, D, H, W), and (features)
where nothing is spatial. An ellipsis stands for the same along every other spatial axis. Where an
attribute takes a value per axis, one value serves them all. Any attribute may be an
[expression](language.md#expressions), and [`defaults`](language.md#defaults) changes one for a
whole file. The *short form* is `op: value` in place of `op: {attribute: value}`.

A backend has an op *native* or *lowered*, or does not support it: see [the table](support.md).
"""

_SUPPORT_HEAD = """\
# What each backend supports

An op is *native* where one layer, function or operator of the target computes it, whatever its name
there. It is *lowered* where that takes several, or a class that is written into the file; what it
computes is the same. A model with an op that is *unsupported* cannot be built for that backend:
`graphcnn build` says so at the line of each such op, before anything is written.

`graphcnn ops --support` prints this table, of the backends that are installed, and
`graphcnn ops conv --support` one op's part of it. Some settings of an op ask for more than its
backend's usual form: a convolution in PyTorch whose padding differs between the two ends is a class
in the file too. What a backend has no form for at all is refused at its line as well; that is
mostly arithmetic with sizes that are known only when the model runs.
"""

_DIAGNOSTICS_HEAD = """\
# Diagnostics

Every error and every [warning](lint.md) has a code, which stays the same from version to version.
`graphcnn explain CODE` shows in a terminal what stands here.
"""


def ops_page() -> str:
    """The reference of the ops: what `graphcnn ops NAME` says, for all of them."""
    lines = [_note("the docstrings and attributes in graphcnn/ops"), _OPS_HEAD]
    for group, members in groupby(OPS, key=lambda op: op.group):
        listed = ", ".join(f"[`{op.name}`](#{op.name})" for op in members)
        lines.append(f"- {group}: {listed}")
    for group, members in groupby(OPS, key=lambda op: op.group):
        lines += ["", f"## {group.capitalize()} ops"]
        for op in members:
            lines += ["", *_op(op)]
    return "\n".join(lines) + "\n"


def _op(op: type[Op]) -> Iterator[str]:
    first, _, rest = (inspect.getdoc(op) or "").partition("\n")
    facts, prose = _parts(rest.strip())
    facts += [(fact, "none.") for fact in ("Weights", "MACs") if _is_free(op, fact.lower())]
    yield f"### `{op.name}`"
    yield ""
    yield first
    yield ""
    yield f"- **Input**: {_inputs(op)}"
    for name, text in facts:
        yield f"- **{name}**: {text}"
    yield f"- **Backends**: {', '.join(_support(op))}."
    if prose:
        yield ""
        yield prose
    attributes = list(op.attributes().values())
    if attributes:
        yield ""
        yield "| attribute | meaning | value | default |"
        yield "|---|---|---|---|"
        yield from (_attribute(one) for one in attributes)
    if op.main is not None and {op.main}.issuperset(a.name for a in attributes if a.required):
        yield ""
        yield f"Short form: `{op.name}: …` sets `{op.main}`."


def _is_free(op: type[Op], rule: str) -> bool:
    """Whether an op has a rule from the base that says that there is nothing."""
    return next(base for base in op.__mro__ if rule in base.__dict__) is Free


def _parts(text: str) -> tuple[list[tuple[str, str]], str]:
    """The facts of a docstring, and the rest of it; a fact ends with its last full line."""
    facts: list[tuple[str, str]] = []
    prose: list[str] = []
    inside = False
    for line in text.split("\n"):
        found = _FACT.match(line)
        if found:
            facts.append((found[1], line[found.end() :]))
            inside = True
        elif inside:
            name, before = facts.pop()
            facts.append((name, f"{before} {line}"))
        else:
            prose.append(line)
        inside = inside and not line.endswith(".")
    return facts, "\n".join(prose)


def _inputs(op: type[Op]) -> str:
    low, high = op.arity
    if high == 0:
        return "none."
    count = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
    ranks = " or ".join(_RANKS[rank] for rank in op.ranks) if op.ranks else "any shape"
    return f"{count} of {ranks}." if count != "1" else f"{ranks}."


def _attribute(one: Attribute) -> str:
    default = "*required*" if one.required else _code(show(one.default))
    return f"| `{one.name}` | {one.doc} | {one.kind.describe()} | {default} |"


def _code(text: str) -> str:
    return text if text.startswith("`") else f"`{text}`"


def _support(op: type[Op]) -> Iterator[str]:
    # Those that come with graphcnn, whatever else is installed.
    points = distribution("graphcnn").entry_points.select(group=backends.GROUP)
    for name in sorted(points.names):
        level, reason = backends.find(name).support(op)
        yield f"`{name}` {level}" + (f" ({reason})" if reason else "")


def support_page() -> str:
    """How each backend that comes with graphcnn has each op: what `ops --support` prints."""
    points = distribution("graphcnn").entry_points.select(group=backends.GROUP)
    table = support.render(support.rows(backends=sorted(points.names)), "markdown")
    return f"{_note('what the backends say of each op')}\n{_SUPPORT_HEAD}\n{table}"


def diagnostics_page() -> str:
    """Every diagnostic code with its meaning, an example, and the example mended."""
    lines = [
        _note("the table in graphcnn/codes"),
        _DIAGNOSTICS_HEAD,
        *_table("error", {c: one for c, one in CODES.items() if one.severity is Severity.ERROR}),
        "",
        *_table(
            "warning", {c: one for c, one in CODES.items() if one.severity is Severity.WARNING}
        ),
    ]
    for code, entry in sorted(CODES.items()):
        lines += ["", *_diagnostic(code, entry)]
    return "\n".join(lines) + "\n"


def _table(what: str, codes: dict[str, Code]) -> Iterator[str]:
    yield f"| {what} | meaning |"
    yield "|---|---|"
    yield from (
        f"| [`{code}`](#{code}) | {entry.summary} |" for code, entry in sorted(codes.items())
    )


def _diagnostic(code: str, entry: Code) -> Iterator[str]:
    yield f"## {code}"
    yield ""
    yield fill(f"{entry.summary[:1].upper()}{entry.summary[1:]}. {entry.explanation}", 100)
    if entry.example is not None:
        yield ""
        yield f"```yaml {entry.severity}[{code}]\n{entry.example.rstrip()}\n```"
    if entry.mend is not None:
        yield ""
        yield "Mended:"
        yield ""
        yield f"```yaml\n{entry.mend.rstrip()}\n```"


def _note(source: str) -> str:
    return f"<!-- Written by docs/generate.py from {source}: change it there. -->\n"


PAGES: dict[str, Callable[[], str]] = {
    "ops.md": ops_page,
    "support.md": support_page,
    "diagnostics.md": diagnostics_page,
    "schema/1.json": schema.text,
    **zoo_pages.pages(),
}


def outdated() -> list[str]:
    """The generated files that are not what would be written now."""
    return [name for name, make in PAGES.items() if _read(DOCS / name) != make()]


def left_over() -> list[str]:
    """Files of docs/zoo that nothing writes any more."""
    files = (path for path in (DOCS / "zoo").rglob("*.*") if path.is_file())
    return sorted({path.relative_to(DOCS).as_posix() for path in files} - {*PAGES})


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main() -> None:
    """Write what is out of date, or with --check fail if something is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    names, others = outdated(), left_over()
    for name in names:
        print(f"docs/{name} {'is out of date' if check else 'written'}")
        if not check:
            (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
    for name in others:
        print(f"docs/{name} {'is left over' if check else 'removed'}")
        if not check:
            (DOCS / name).unlink()
    if check and names + others:
        sys.exit("run `make docs`")


if __name__ == "__main__":
    main()
