"""Why some pairs of constructs are never drawn: most of them are nothing that the language has."""

from __future__ import annotations

from typing import NamedTuple

_PORTED = ("op with outputs", "block with outputs", "branches apart")
_SINGLE = (
    *("op", "block", "block with outputs", "op with outputs", "sequence", "graph", "residual"),
    *("branches", "branches apart", "dense", "for", "for of several lists"),
)
_FROM = ("from a name", "from a port", "from several", "from computed")
_WHEN = ("when true", "when false", "when computed")
_REPEAT = ("repeat 0", "repeat 1", "repeat more", "repeat computed")
_IDS = ("id", "id computed")
_NO_VALUE = "op of no value"
_RARE = "nothing forbids it, and both are so rare that no draw has had them side by side"
_SEVERAL = ("op of several", "block of several")


class Reason(NamedTuple):
    """Pairs of a row and a column of one table that are left out, and why."""

    table: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    why: str


REASONS = (
    *(
        Reason("beside", forms, forms, "a statement has one `id`, `from`, `when` and `repeat`")
        for forms in (_IDS, _FROM, _WHEN, _REPEAT)
    ),
    Reason(
        "beside",
        _FROM,
        (_NO_VALUE,),
        "an op that takes nothing has no `from`",
    ),
    Reason(
        "beside",
        ("from a name", "from a port"),
        _SEVERAL,
        "what takes several values is given a list",
    ),
    Reason(
        "beside",
        ("from several",),
        _SINGLE,
        "it takes one value",
    ),
    Reason(
        "beside",
        ("repeat 0", "repeat more", "repeat computed", "when false"),
        (*_PORTED, "dense", _NO_VALUE),
        "where it may be left out or follow itself, its value is drawn like the one that enters; "
        "several values are none, a learned one is another, and `dense` adds channels",
    ),
    Reason(
        "places",
        ("named path of one",),
        _PORTED,
        "a path ends with one value",
    ),
    Reason(
        "roles",
        ("applied again",),
        (
            *("sequence", "graph", "residual", "branches", "branches apart", "dense", "for"),
            *("for of several lists", *_REPEAT),
        ),
        "`reuse` takes an op or a block",
    ),
    Reason("after", ("op of no value",), ("block with outputs",), _RARE),
    Reason("after", ("branches apart",), ("reuse",), _RARE),
    Reason(
        "roles",
        ("applied again",),
        ("when false",),
        "what is left out has no weights",
    ),
    Reason(
        "roles",
        ("applied again",),
        (_NO_VALUE,),
        "a learned tensor is read again by its id",
    ),
)


def reason(table: str, row: str, column: str) -> str | None:
    """Why a pair is not drawn; nothing where it should be."""
    for one in REASONS:
        if one.table == table and row in one.rows and column in one.columns:
            return one.why
    return None
