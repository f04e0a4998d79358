"""Arguments to parameters, and terms to attributes: where a spec's values get their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphcnn.diagnostics import did_you_mean
from graphcnn.evaluate import Names, kind_of
from graphcnn.ops.attributes import show
from graphcnn.program import Block, BlockUse, OpKind, Parameter, Program, Statement, Term
from graphcnn.size import UNKNOWN, Symbolic

if TYPE_CHECKING:
    from graphcnn.elaborate import Elaborator, Frame

_TYPE_NAMES = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "list": "a list",
}


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a parameter's type. An integer serves where a number is wanted."""
    if kind == "any" or value is UNKNOWN:
        return True
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, (int, Symbolic)):
        return kind in ("int", "float")
    if isinstance(value, float):
        return kind == "float"
    if isinstance(value, str) or value is None:
        return kind == "str"
    return kind == "list" and isinstance(value, list)


def type_of_default(value: Any) -> str:
    """The type that a default asks of its parameter."""
    for kind in ("bool", "int", "float", "str", "list"):
        if value is not None and fits(value, kind):
            return kind
    return "any"


class Arguments:
    """Binds what a use gives to what a block or file declares."""

    def __init__(self, elaborator: Elaborator) -> None:
        self.elaborator = elaborator
        self._file_scopes: dict[int, dict[str, Any]] = {}

    def file_scope(self, program: Program) -> dict[str, Any]:
        """Parameters and `let` of an imported file, at their defaults."""
        scope = self._file_scopes.get(id(program))
        if scope is None:
            scope = self._file_scopes[id(program)] = {}
            self.file(program, {}, scope)
        return scope

    def set_file_scope(self, program: Program, scope: dict[str, Any]) -> None:
        self._file_scopes[id(program)] = scope

    def file(
        self, program: Program, given: Mapping[str, Any], scope: dict[str, Any]
    ) -> None:
        """Fill ``scope`` with a file's parameters (``given`` over defaults) and its `let`."""
        frame = self.bare_frame(program, scope)
        for name, parameter in program.parameters.items():
            if name in given:
                scope[name] = given[name]
            elif parameter.default is not None:
                scope[name] = self.elaborator.value(parameter.default, frame)
            else:
                scope[name] = UNKNOWN
                self.elaborator.report(
                    "missing-parameter",
                    f"the parameter `{name}` has a type and no value",
                    parameter.key.span,
                    help="give it a default, or set it in every variant",
                )
        for name, term in program.let.items():
            scope[name] = self.elaborator.value(term, frame)

    def bare_frame(self, program: Program, scope: dict[str, Any]) -> Frame:
        from graphcnn.elaborate import Space

        return self.elaborator.frame(
            Names(scope), Space({}, {}, None), None, None, program, 0, ()
        )

    def bind(
        self, statement: Statement, block: Block, use: BlockUse, frame: Frame
    ) -> dict[str, Any]:
        """The value of each of a block's parameters, for one use."""
        report = self.elaborator.report
        for name in use.arguments:
            if name not in block.parameters:
                known = list(block.parameters)
                report(
                    "unknown-parameter",
                    f"block `{block.name}` has no parameter `{name}`",
                    use.keys[name].span,
                    frame=frame,
                    help=did_you_mean(name, known)
                    or (f"it takes {', '.join(known)}" if known else "it takes none"),
                )
        bound: dict[str, Any] = {}
        missing = []
        for name, parameter in block.parameters.items():
            term = use.arguments.get(name)
            if term is not None:
                bound[name] = self.argument(parameter, term, self.elaborator.value(term, frame), frame)
            elif parameter.default is not None:
                inner = self.bare_frame(
                    block.program, {**self.file_scope(block.program), **bound}
                )
                bound[name] = self.elaborator.value(parameter.default, inner)
            else:
                missing.append(name)
                bound[name] = UNKNOWN
        if missing:
            report(
                "missing-parameter",
                f"block `{block.name}` needs {', '.join(f'`{name}`' for name in missing)}",
                statement.key.span,
                frame=frame,
            )
        return bound

    def argument(self, parameter: Parameter, term: Term, value: Any, frame: Frame) -> Any:
        kind = parameter.type
        if kind is None:
            assert parameter.default is not None
            kind = "any" if parameter.default.computed else type_of_default(parameter.default.value)
            if kind == "int" and isinstance(value, list):
                return value  # one value per axis, as a kernel may be
        if fits(value, kind):
            return value
        self.elaborator.report(
            "wrong-type",
            f"`{parameter.name}` is {_TYPE_NAMES[kind]}, found {kind_of(value)}",
            term.node.span,
            frame=frame,
        )
        return UNKNOWN


def read_attributes(
    elaborator: Elaborator,
    statement: Statement,
    kind: OpKind,
    given: Mapping[str, Term],
    defaults: Mapping[str, Term],
    frame: Frame,
) -> tuple[dict[str, Any], bool]:
    """An op's attributes, evaluated and checked; and whether they are the same everywhere."""
    values: dict[str, Any] = {}
    constant = True
    for name, attribute in kind.attributes().items():
        term = given.get(name) or defaults.get(name)
        if term is None:
            if attribute.required:
                elaborator.report(
                    "missing-attribute",
                    f"`{kind.name}` needs `{name}`",
                    statement.key.span,
                    frame=frame,
                    help=f"`{name}`: {attribute.doc}" if attribute.doc else None,
                )
                values[name] = UNKNOWN
            continue
        if term.computed:
            constant = False
        value = elaborator.value(term, frame)
        if value is not UNKNOWN:
            try:
                value = attribute.kind.read(value)
            except ValueError as error:
                elaborator.report(
                    "bad-value",
                    f"`{name}` of `{kind.name}`: {error}",
                    term.node.span,
                    frame=frame,
                )
                value = UNKNOWN
        values[name] = value
    return values, constant


__all__ = ["Arguments", "fits", "read_attributes", "show", "type_of_default"]
