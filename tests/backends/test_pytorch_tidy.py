"""What a class's text says shorter in the end."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python.argument import REQUIRED, Argument
from graphcnn.backends.python.unit import Unit
from graphcnn.backends.pytorch.tidy import tidy


def tidied(*lines: str, **parts: Any) -> Unit:
    unit = Unit("Cell", "", [], {}, {}, init=list(lines), **parts)
    tidy(unit)
    return unit


def test_a_choice_between_two_modules_is_one_line_if_it_fits() -> None:
    lines = ["self.act: nn.Module = nn.Identity()", "if deep:", "    self.act = nn.ReLU()"]
    assert tidied(*lines).init == ["self.act = nn.ReLU() if deep else nn.Identity()"]
    lines = ["if deep:", "    self.act: nn.Module = A()", "else:", "    self.act = B()"]
    assert tidied(*lines).init == ["self.act = A() if deep else B()"]
    long = [line.replace("A()", f"A({'1' * 80})") for line in lines]
    assert tidied(*long).init == long


def test_a_choice_between_three_modules_stays() -> None:
    lines = ["self.act: nn.Module = nn.Identity()", "if deep:", "    self.act = nn.ReLU()"]
    more = [*lines, "elif wide:", "    self.act = nn.Tanh()"]
    assert tidied(*more).init == more


def flag(*values: str | None, default: Any = REQUIRED) -> dict[str, Argument]:
    return {"act": Argument("act", list(values), default)}


def test_a_name_that_is_only_asked_for_is_a_flag() -> None:
    unit = tidied(
        "if act is not None:", "    f(act=1)", arguments=flag("silu", None, default="silu")
    )
    assert unit.init[0] == "if act:"
    assert unit.arguments["act"].values == [True, False]
    assert unit.arguments["act"].default is True
    assert tidied("if act is None:", arguments=flag("silu", None)).init == ["if not act:"]


def test_a_name_that_is_read_or_of_which_there_are_two_stays() -> None:
    for line, values in (("f(act)", ("a", None)), ("if act is not None:", ("a", "b"))):
        unit = tidied(line, arguments=flag(*values))
        assert unit.init == [line]
        assert unit.arguments["act"].values == list(values)


def test_a_variable_that_is_kept_at_once_is_none() -> None:
    unit = tidied("self.more = more", locals={"more": "a - b"})
    assert (unit.init, unit.locals) == (["self.more = a - b"], {})
    unit = tidied("self.deep = deep", "if deep:", "    f()", locals={"deep": "a > b"})
    assert unit.init == ["self.deep = a > b", "if self.deep:", "    f()"]


def test_a_variable_that_is_read_before_or_elsewhere_stays() -> None:
    for lines in (["if deep:", "    f()", "self.deep = deep"], ["self.deep = deep", "f(deep)"]):
        unit = tidied(*lines, locals={"deep": "a > b"})
        assert (unit.init, unit.locals) == (lines, {"deep": "a > b"})
