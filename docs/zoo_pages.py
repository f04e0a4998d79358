"""The pages of the shipped models: a table of the families, and for each a page and a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import groupby
from math import prod
from pathlib import Path
from urllib.parse import urlsplit

from picture import picture

from graphcnn.commands.zoo import Entry, entries
from graphcnn.commands.zoo_query import Query
from graphcnn.compiler import Model, load
from graphcnn.ops.base import show_shape
from graphcnn.report.figures import field
from graphcnn.report.table import Column, markdown
from graphcnn.size import Size
from graphcnn.size.figures import exact, rounded

_ROOT = Path(__file__).parent.parent
_GOLDEN = "tests/golden"
_LANGUAGES = {"pytorch": "PyTorch", "keras": "Keras"}

_HEAD = """\
# The zoo

The models that come with GraphCNN, each family from one file. Any variant can be built by its name:

```sh
graphcnn build resnet50 --backend pytorch -o resnet50.py
```

[`graphcnn zoo`](../cli.md#zoo) lists all variants, or those that one looks for:
`graphcnn zoo 'params<5M' 'input>=224'`. Parameters and multiply-accumulates are those of the
smallest and of the largest variant.
"""

_FAMILIES = (
    Column("family"),
    Column("year", "right"),
    Column("variants", "right"),
    Column("params", "right"),
    Column("MACs", "right"),
    Column("input", "right"),
    Column("source"),
)
_VARIANTS = (
    Column("variant"),
    Column("params", "right"),
    Column("MACs", "right"),
    Column("activations", "right"),
    Column("receptive field", "right"),
    Column("input", "right"),
)


def pages() -> dict[str, Callable[[], str]]:
    """What makes each file, by its path in docs."""
    made: dict[str, Callable[[], str]] = {"zoo/README.md": _index}
    for family, members in _families().items():
        made[f"zoo/{family}.md"] = partial(_page, family, members)
        made[f"zoo/{family}.svg"] = partial(_picture, members)
        shown = _representative(members)
        for backend in _LANGUAGES:
            if not (_ROOT / _golden(backend, shown)).is_file():
                made[f"zoo/code/{backend}/{shown}.py"] = partial(_code, backend, shown)
    return made


@cache
def _families() -> dict[str, list[Entry]]:
    by_family = groupby(entries(Query()), key=lambda entry: entry.family)
    return {family: [*members] for family, members in by_family}


def _representative(members: list[Entry]) -> str:
    """The variant that is shown: the one that the parameters' defaults are of, or the first."""
    variants = load(members[0].model).program.variants
    return next((name for name, settings in variants.items() if not settings), members[0].model)


@cache
def _model(name: str) -> Model:
    return load(name)


def _index() -> str:
    rows = [_row(family, members) for family, members in _families().items()]
    return f"{_note('the specs')}\n{_HEAD}\n{markdown(_FAMILIES, rows)}"


def _row(family: str, members: list[Entry]) -> list[str]:
    first = members[0]
    return [
        f"[{first.title or family}]({family}.md)",
        str(first.year or ""),
        str(len(members)),
        _range(entry.params for entry in members),
        _range(entry.macs for entry in members),
        _inputs(members),
        f"[{urlsplit(first.source).netloc}]({first.source})" if first.source else "",
    ]


def _inputs(members: list[Entry]) -> str:
    """All shapes, or of many the smallest and the largest."""
    shown = [*dict.fromkeys(map(_shapes, sorted(members, key=_cells)))]
    return ", ".join(shown) if len(shown) < 3 else f"{shown[0]} to {shown[-1]}"


def _cells(entry: Entry) -> int:
    sizes = [[size for size in shape if isinstance(size, int)] for shape in entry.inputs.values()]
    return sum(map(prod, sizes))


def _range(sizes: Iterable[Size]) -> str:
    ordered = sorted(size for size in sizes if isinstance(size, int))
    shown = dict.fromkeys(rounded(size) for size in (ordered[0], ordered[-1]))
    return " \N{EN DASH} ".join(shown)


def _shapes(entry: Entry) -> str:
    return " and ".join(map(show_shape, entry.inputs.values()))


def _page(family: str, members: list[Entry]) -> str:
    first, shown = members[0], _representative(members)
    return "\n".join([_note(f"specs/{family}.yaml"), *_lines(family, first, shown, members)])


def _lines(family: str, first: Entry, shown: str, members: list[Entry]) -> Iterator[str]:
    yield f"# {first.title or family}"
    yield ""
    if first.doc:
        yield " ".join(first.doc.split())
        yield ""
    spec = f"[specs/{family}.yaml](../../specs/{family}.yaml)"
    yield f"- Spec: {spec}"
    if first.source:
        yield f"- Source: <{first.source}>"
    yield "- [All families](README.md)"
    yield ""
    yield markdown(_VARIANTS, map(_variant, members))
    yield f"## {shown}"
    yield ""
    yield f"![The layers and blocks of {shown}]({family}.svg)"
    yield ""
    yield "Shapes are those of one sample, channels first. A block is drawn as it is where most"
    yield "of it is used. \N{MULTIPLICATION SIGN}3 is three of the same in a row."
    yield ""
    for backend, language in _LANGUAGES.items():
        path = f"zoo/code/{backend}/{shown}.py"
        golden = _golden(backend, shown)
        target = f"../../{golden}" if (_ROOT / golden).is_file() else path.removeprefix("zoo/")
        yield f"- {language}: [{shown}.py]({target})"
    yield f"- ONNX, whose files are binary: `graphcnn build {shown} --backend onnx -o {shown}.onnx`"
    yield ""


def _variant(entry: Entry) -> list[str]:
    return [
        f"`{entry.model}`",
        exact(entry.params),
        rounded(entry.macs),
        rounded(entry.activations),
        field(entry.receptive_field),
        _shapes(entry),
    ]


def _golden(backend: str, model: str) -> str:
    """Where a test keeps what is emitted for a model, if it does."""
    return f"{_GOLDEN}/{backend}/{model}.py"


def _picture(members: list[Entry]) -> str:
    return picture(_model(_representative(members)))


def _code(backend: str, model: str) -> str:
    text = _model(model).build(backend)
    if not isinstance(text, str):
        raise TypeError(f"{backend} does not write text")
    return text


def _note(source: str) -> str:
    return f"<!-- Written by docs/generate.py from {source}: change it there. -->\n"
