"""Where a spec and the JSON Schema part, and what the schema says there.

Python's validator looks at one definition of the schema at a time: where it refers to another,
it says so and waits. So a spec's depth does not become the depth of calls, and
what is right is passed over at the speed of the quick validator.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphcnn.ops import BY_NAME
from graphcnn.ops.attributes import JsonSchema
from graphcnn.ops.base import Op
from graphcnn.schema.decision import decider
from graphcnn.schema.document import document
from graphcnn.syntax import Entry, Mapping, Node, Scalar, Sequence
from graphcnn.yaml_errors import shown

if TYPE_CHECKING:
    from jsonschema import ValidationError

_DEFS = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Failure:
    """One value that the schema refuses, where it stands, and what the schema says there.

    ``around`` are the plain values that hold this one, the outermost first; ``definitions`` the
    ``$defs`` on the way to it. Where a key failed, ``node`` is what stands under it.
    """

    keyword: str  # of JSON Schema
    limit: Any  # what the keyword says
    schema: JsonSchema
    value: Any
    node: Node
    key: Scalar | None
    path: tuple[str | int, ...]
    around: tuple[Any, ...]
    of_key: bool
    title: str
    doc: str | None
    definitions: tuple[str, ...]

    @property
    def definition(self) -> str:
        return self.definitions[-1] if self.definitions else ""

    @property
    def name(self) -> str:
        """What the value is called: the key that holds it."""
        return str(self.key.value) if self.key else ""

    @property
    def op(self) -> type[Op] | None:
        """The op whose attributes these are."""
        kind, _, name = self.definition.partition("_")
        return BY_NAME.get(name) if kind in ("op", "attributes") else None

    @property
    def attribute(self) -> str | None:
        """The attribute of ``op`` that the value is for."""
        if self.op is None:
            return None
        if self.definition.startswith("op_"):  # the short form
            return self.op.main
        return next(step for step in reversed(self.path) if isinstance(step, str))

    @property
    def written(self) -> str:
        """The value as it stands in the file."""
        return shown(self.node.file.text[self.node.start : self.node.end])

    def scope(self) -> set[str]:
        """Names that an expression could use here."""
        bound = (
            around.get(section)
            for around in self.around
            if isinstance(around, dict)
            for section in ("parameters", "let", "for")
        )
        return {name for names in bound if isinstance(names, dict) for name in names}

    @property
    def subject(self) -> str:
        """What to call a mapping that has keys of its own."""
        return f"block `{self.name}`" if self.definition == "block" else self.title

    @property
    def entries(self) -> dict[str, Entry]:
        """What stands in it, where it is a mapping."""
        return self.node.entries if isinstance(self.node, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the spec, and the definition that it does not meet."""

    value: Any
    schema: JsonSchema
    path: tuple[str | int, ...] = ()
    definitions: tuple[str, ...] = ()
    of_key: bool = False
    title: str = ""
    doc: str | None = None
    local: str | None = None  # what the definition means in this place

    def words(self, steps: tuple[str | int, ...]) -> tuple[str, str | None, str | None]:
        """The nearest title and its description, and what the last step says of itself."""
        title, doc, local = self.title, self.doc, self.local
        at: Any = self.schema
        keys = False  # whether `at` holds attributes, one of which may be called `title`
        for step in (*steps, None):
            if isinstance(at, dict) and not keys:
                local = local or at.get("description")
                if "title" in at:
                    title, doc, local = at["title"], local, None
            if step is not None:
                keys = step == "properties" and not keys
                at = at[step]
        return title, doc, local


def failures(root: Node, spec: object) -> Iterator[Failure]:
    """Everything in ``spec``, the plain values of ``root``, that the schema refuses."""
    validator = _validator()

    def look(part: _Part) -> tuple[_Part, Iterator[ValidationError]]:
        return part, validator(part.schema).iter_errors(part.value)

    parts = [look(_Part(spec, document()))]
    while parts:
        part, errors = parts[-1]
        error = next(errors, None)
        if error is None:
            parts.pop()
        elif error.validator == "$ref":
            parts.append(look(_referred(part, error)))
        else:
            yield _locate(part, error, root, spec)


def _validator() -> Any:
    # Slow to load, and only a spec that was refused needs it.
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    standard: Any = Draft202012Validator.VALIDATORS

    def reference(_: Any, to: str, value: Any, __: Any) -> Iterator[ValidationError]:
        if not decider(to.removeprefix(_DEFS))(value):
            yield ValidationError("to be looked at by itself", validator="$ref", validator_value=to)

    def items(validator: Any, each: Any, value: Any, _: Any) -> Iterator[ValidationError]:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if not _passes(each, item):
                yield from validator.descend(item, each, path=index)

    def names(validator: Any, each: Any, value: Any, _: Any) -> Iterator[ValidationError]:
        for name in value if isinstance(value, dict) else ():
            if not _passes(each, name):
                yield from validator.descend(name, each)

    def pattern(validator: Any, regex: str, value: Any, parent: Any) -> Iterator[ValidationError]:
        # In JSON Schema `$` is the end of the text, in Python the line break before it too.
        exact = f"{regex[:-1]}\\Z" if regex.endswith("$") and not regex.endswith("\\$") else regex
        yield from standard["pattern"](validator, exact, value, parent)

    make: Any = extend  # has no types
    keywords = {"$ref": reference, "items": items, "propertyNames": names, "pattern": pattern}
    return make(Draft202012Validator, keywords)


def _passes(schema: JsonSchema, value: object) -> bool:
    """A quick yes, where there is one: of what is right there may be a great deal."""
    return schema.keys() == {"$ref"} and decider(schema["$ref"].removeprefix(_DEFS))(value)


def _referred(part: _Part, error: ValidationError) -> _Part:
    """The definition that ``error`` refers to, for the value that does not meet it."""
    definition = str(error.validator_value).removeprefix(_DEFS)
    steps = tuple(error.schema_path)
    title, doc, local = part.words(steps)
    return _Part(
        value=error.instance,
        schema=functools.reduce(dict.__getitem__, definition.split("/"), document()["$defs"]),
        path=(*part.path, *error.path),
        definitions=(*part.definitions, definition),
        of_key=steps[-1:] == ("propertyNames",),
        title=title,
        doc=doc,
        local=local,
    )


def _locate(part: _Part, error: ValidationError, root: Node, spec: object) -> Failure:
    """An error of the validator, with its place in the file and the words of the schema."""
    path = (*part.path, *error.path)
    node, key, value = root, None, spec
    around: list[Any] = []
    for step in path:
        around.append(value)
        value = around[-1][step]
        if isinstance(node, Mapping):
            key, node = node.entries[str(step)]
        elif isinstance(node, Sequence):
            key, node = None, node.items[int(step)]
    if part.of_key and isinstance(node, Mapping):
        key, node = node.entries[str(part.value)]
    title, doc, _ = part.words(tuple(error.schema_path))
    return Failure(
        keyword=str(error.validator),
        limit=error.validator_value,
        schema=error.schema if isinstance(error.schema, dict) else {},
        value=error.instance,
        node=node,
        key=key,
        path=path,
        around=tuple(around),
        of_key=part.of_key,
        title=title,
        doc=doc,
        definitions=part.definitions,
    )
