"""Which constructs a spec has, and which of them meet: read from its text alone.

The rows and columns follow from the JSON Schema, so that a construct which the language gains
stands in the table, with a zero, before anyone has thought of drawing it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphcnn.ops import BY_NAME
from graphcnn.schema.document import document
from graphcnn.schema.grammar import header, structures

Tree = Mapping[str, Any]
Pair = tuple[str, str]
Counts = Counter[tuple[str, str, str]]

#: what the keys of the schema are drawn as, where one is more than one construct
_FORMS: dict[str, tuple[str, ...]] = {
    "use": ("use of an op", "use of a block"),
    "branches": ("branches", "branches apart"),
    "for": ("for", "for of several lists"),
    "id": ("id", "id computed"),
    "from": ("from a name", "from a port", "from several", "from computed"),
    "when": ("when true", "when false", "when computed"),
    "repeat": ("repeat 0", "repeat 1", "repeat more", "repeat computed"),
    "do": (),
    "with": (),
}
#: statements by what they are: ops and blocks first, of which a statement has no key of its own
_OPS = ("op", "op of several", "op of no value", "op with outputs")
_BLOCKS = ("block", "block of several", "block with outputs")


def kinds() -> list[str]:
    """What a statement can be, the schema's structures among them."""
    found = [*_OPS, *_BLOCKS]
    for key in structures():
        found += _FORMS.get(key, (key,))
    return found


def beside() -> list[str]:
    """What may stand beside it."""
    return [form for key in header() for form in _FORMS.get(key, (key,))]


def places() -> list[str]:
    """Where a statement can stand: every list of statements of the schema."""
    found = ["graph of the file"]
    definitions = document()["$defs"]
    for name in ("block", "residual"):
        found += [
            f"{key} of a {name}"
            for key, value in definitions[name]["properties"].items()
            if value.get("$ref") == "#/$defs/statements"
        ]
    found += ["listed path", "named path", "named path of one"]
    found += [
        key for key, value in structures().items() if value.get("$ref") == "#/$defs/statements"
    ]
    return found


def roles() -> list[str]:
    """What a statement may be for others."""
    return [
        "output of the model",
        "output in training",
        "listed output of a block",
        "named output of a block",
        "read by its id",
        "applied again",
        "last of its list",
        "in an imported file",
        "on open sizes",
    ]


def sections() -> list[str]:
    """Keys of a file and of a block, and how some are filled."""
    keys = [*document()["properties"]]
    block = document()["$defs"]["block"]["properties"]
    return [
        *keys,
        *(f"{key} of a block" for key in block),
        *("import with values", "parameter of a type", "default computed", "several inputs"),
        *("input of features", "input of open sizes", "block that uses itself"),
    ]


class Reading:
    """One spec as it is counted."""

    def __init__(self, files: Mapping[str, Tree]) -> None:
        self.counts: Counts = Counter()
        self.blocks = {
            name: block for tree in files.values() for name, block in tree.get("blocks", {}).items()
        }
        main = next(iter(files.values()))
        self.ops = set(main.get("ops", ()))
        self.open = any(
            isinstance(size, str) and "$" not in size
            for shape in main["inputs"].values()
            for size in shape
        )
        for number, tree in enumerate(files.values()):
            self.imported = number > 0
            self.file(tree)

    def count(self, table: str, row: str, column: str) -> None:
        self.counts[table, row, column] += 1

    # files and blocks

    def file(self, tree: Tree) -> None:
        for key in tree:
            self.count("sections", key, "")
        for entry in tree.get("imports", ()):
            if isinstance(entry, dict):
                self.count("sections", "import with values", "")
        self.parameters(tree)
        shapes = [*tree.get("inputs", {}).values()]
        if len(shapes) > 1:
            self.count("sections", "several inputs", "")
        if any(len(shape) == 1 for shape in shapes):
            self.count("sections", "input of features", "")
        if self.open and shapes:
            self.count("sections", "input of open sizes", "")
        for name, block in tree.get("blocks", {}).items():
            self.block(name, block)
        outputs = tree.get("outputs", {})
        named = {
            "output of the model": [one for one in outputs.values() if isinstance(one, str)],
            "output in training": [
                one["from"] for one in outputs.values() if isinstance(one, dict)
            ],
        }
        self.body(tree.get("graph", ()), "graph of the file", named)

    def parameters(self, tree: Tree) -> None:
        for value in tree.get("parameters", {}).values():
            if value in ("int", "float", "bool", "str", "list", "any"):
                self.count("sections", "parameter of a type", "")
            if isinstance(value, str) and "$" in value:
                self.count("sections", "default computed", "")

    def block(self, name: str, block: Tree) -> None:
        for key in block:
            self.count("sections", f"{key} of a block", "")
        self.parameters(block)
        outputs = block.get("outputs", ())
        listed = isinstance(outputs, list)
        role = "listed output of a block" if listed else "named output of a block"
        names = outputs if listed else [*dict(outputs).values()]
        for key in ("graph", "sequence"):
            if key in block:
                self.body(block[key], f"{key} of a block", {role: names})
                if any(name == one for one in _words(block[key])):
                    self.count("sections", "block that uses itself", "")

    def body(self, statements: list[Any], place: str, named: Mapping[str, list[str]]) -> None:
        """The statements of a file or block, and those that others name."""
        inside = [*self.all(statements, place)]
        named = {**named, "read by its id": [*_read(statements)]}
        named["applied again"] = [
            str(one["reuse"]) for one, _ in inside if isinstance(one, dict) and "reuse" in one
        ]
        for one, kind in inside:
            id = one.get("id") if isinstance(one, dict) else None
            if id is None:
                continue
            matches = re.compile(_pattern(str(id)))
            for role, names in named.items():
                if any(matches.fullmatch(name) for name in names):
                    self.count("roles", role, kind)
                    for form in _beside(one):
                        self.count("roles", role, form)

    # statements

    def all(self, statements: list[Any], place: str) -> Iterator[tuple[Any, str]]:
        """Every statement in a list and those that it holds, with its kind; all are counted."""
        before: str | None = None
        for n, one in enumerate(statements):
            kind = self.kind(one)
            self.count("places", place, kind)
            forms = [*_beside(one)]
            for form in forms:
                self.count("places", place, form)
                self.count("beside", form, kind)
                for other in forms:
                    if other != form:
                        self.count("beside", form, other)
            self.role(kind, forms, last=n == len(statements) - 1)
            if before is not None:
                self.count("after", before, kind)
            before = kind
            yield one, kind
            for inner, body in _bodies(one):
                yield from self.all(body, inner)

    def role(self, kind: str, forms: list[str], *, last: bool) -> None:
        roles = {"last of its list": last, "in an imported file": self.imported,
                 "on open sizes": self.open}  # fmt: skip
        for role in [role for role, holds in roles.items() if holds]:
            for one in (kind, *forms):
                self.count("roles", role, one)

    def kind(self, one: Any) -> str:
        if isinstance(one, str):
            return self.called(one, several=False)
        source = one.get("from")
        several = isinstance(source, list) or str(source).startswith("$([")
        for key in map(str, one):
            if key == "use":
                name = str(one["use"])
                return "use of a block" if self.names_block(name) else "use of an op"
            if key == "branches":
                apart = str(one[key].get("merge")) in ("none", "$none")
                return "branches apart" if apart else "branches"
            if key == "for":
                return "for of several lists" if len(one[key]) > 1 else "for"
            if key in structures():
                return key
            if key not in header():
                return self.called(key, several=several)
        raise AssertionError(one)

    def names_block(self, text: str) -> bool:
        joined = "".join(re.findall(r"'([^']*)'", text.partition(" if ")[0]))
        return joined in self.blocks

    def called(self, name: str, *, several: bool) -> str:
        if name in BY_NAME or name in self.ops:
            if name == "split":
                return "op with outputs"
            if name == "parameter":
                return "op of no value"
            return "op of several" if several else "op"
        outputs = self.blocks[name].get("outputs", ())
        if len(self.blocks[name].get("inputs", ())) > 1:
            return "block of several"
        return "block with outputs" if len(outputs) > 1 else "block"


def _bodies(one: Any) -> Iterator[tuple[str, list[Any]]]:
    """Lists of statements that a statement holds, and the places that they are."""
    if not isinstance(one, dict):
        return
    for key in ("sequence", "graph", "dense", "do"):
        if key in one:
            yield key, one[key]
    for key in ("body", "shortcut"):
        if key in one.get("residual", {}):
            yield f"{key} of a residual", one["residual"][key]
    paths = one.get("branches", {}).get("paths", ())
    if isinstance(paths, list):
        yield from (("listed path", path) for path in paths)
        return
    for path in dict(paths).values():
        if isinstance(path, list):
            yield "named path", path
        else:
            yield "named path of one", [path]


def _beside(one: Any) -> Iterator[str]:
    """What stands beside a statement's action."""
    if not isinstance(one, dict):
        return
    if "id" in one:
        yield "id computed" if "$" in str(one["id"]) else "id"
    if "from" in one:
        source = one["from"]
        if isinstance(source, list):
            yield "from several"
        elif "$" in source:
            yield "from computed"
        else:
            yield "from a port" if "." in source else "from a name"
    if "when" in one:
        yield (
            f"when {str(one['when']).lower()}" if isinstance(one["when"], bool) else "when computed"
        )
    if "repeat" in one:
        times = one["repeat"]
        few = {0: "repeat 0", 1: "repeat 1"}
        yield few.get(times, "repeat more") if isinstance(times, int) else "repeat computed"
    if "doc" in one:
        yield "doc"


def _read(statements: list[Any]) -> Iterator[str]:
    """The names that `from` has, in these statements and in those inside."""
    for one in statements:
        if isinstance(one, dict) and "from" in one:
            source = one["from"]
            for name in source if isinstance(source, list) else [source]:
                yield from re.findall(r"'([^']+)'", name) or [name.removeprefix("$")]
        for _, body in _bodies(one):
            yield from _read(body)


def _words(statements: list[Any]) -> Iterator[str]:
    for one in statements:
        yield from [one] if isinstance(one, str) else one
        for _, body in _bodies(one):
            yield from _words(body)


def _pattern(id: str) -> str:
    """What reads a statement with this id: the id as it stands, or as a turn has it; or a port."""
    plain = re.split(r"\$\([^)]*\)|\$\w+", id)
    return "|".join((re.escape(id), r"\w+".join(map(re.escape, plain)))).join(("(", r")(\.\w+)?"))
