"""What the canonical layout is, each rule by an example."""

from __future__ import annotations

import pytest

from graphcnn import syntax
from graphcnn.diagnostics import SpecError
from graphcnn.formatting import format_spec
from graphcnn.source import SourceFile

LONG = "{out: 111111111, kernel: 222222222, stride: 333333333, padding: 444444444, groups: 5555555}"


def formatted(text: str) -> str:
    return format_spec(SourceFile("spec.yaml", text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# top\n\ngraph: [relu]\nname: x\n\n\ngraphcnn: 1\n",
            "# top\n\ngraphcnn: 1\nname: x\n\ngraph:\n  - relu\n",
            id="sections",
        ),
        pytest.param(
            "blocks:\n  b: {graph: [relu], doc: text}\n  c:\n    graph: []\n",
            "blocks:\n  b:\n    doc: text\n    graph:\n      - relu\n\n  c:\n    graph: []\n",
            id="blocks",
        ),
        pytest.param(
            "graph:\n- id: a\n  when: $b\n  conv: {out: 3,\n    kernel: 1}\n- {relu: {}}\n",
            "graph:\n  - {conv: {out: 3, kernel: 1}, id: a, when: $b}\n  - relu: {}\n",
            id="statements",
        ),
        pytest.param(
            f"graph:\n  - {{conv: {LONG}, id: a}}\n",
            "graph:\n  - conv:\n      out: 111111111\n      kernel: 222222222\n"
            "      stride: 333333333\n      padding: 444444444\n      groups: 5555555\n    id: a\n",
            id="long statements",
        ),
        pytest.param(
            "graph:\n  - {residual: {body: [relu], skip: $a}}\n",
            "graph:\n  - residual:\n      body:\n        - relu\n      skip: $a\n",
            id="bodies",
        ),
        pytest.param(
            f"variants:\n  a_name_that_is_long: {LONG}\n  b: {{ }}\n",
            f"variants:\n  a_name_that_is_long:\n    {LONG}\n  b: {{}}\n",
            id="on the line below",
        ),
        pytest.param(
            "parameters: {a: 1.0e-3, b: 0x10,  c: 1.50}\nlet:\n    d: 1\n",
            "parameters: {a: 1.0e-3, b: 0x10, c: 1.50}\n\nlet:\n  d: 1\n",
            id="numbers, and sections as they are",
        ),
        pytest.param(
            "let: {a: \"$x\", b: '$(c[0])', c: 'no', d: \"1\", e: 'say \"$x\"'}\n",
            'let: {a: $x, b: "$(c[0])", c: no, d: "1", e: say "$x"}\n',
            id="quotes",
        ),
        pytest.param(
            "graph:\n  - conv:\n      out: $(a[0])\n",
            'graph:\n  - conv: {out: "$(a[0])"}\n',
            id="quotes that flow style needs",
        ),
        pytest.param(
            "parameters:   # of all\n  a: 1         # one\n  bb: 2 # two\n"
            "  c: [1, # three\n    2]\n",
            "parameters:   # of all\n  a: 1         # one\n  bb: 2  # two\n"
            "  c:\n    - 1  # three\n    - 2\n",
            id="comments behind values",
        ),
        pytest.param(
            "graph:\n- relu\n\n\n# of flatten\n- flatten\n  # - linear\noutputs: {a: b}\n",
            "graph:\n  - relu\n\n  # of flatten\n  - flatten\n  # - linear\n\noutputs: {a: b}\n",
            id="comments on their own",
        ),
        pytest.param(
            "doc: >\n     one\n\n     two\nname: 'a\n\n     b'\n",
            "name: 'a\n\n  b'\ndoc: >\n  one\n\n  two\n",
            id="text of many lines",
        ),
        pytest.param(
            "graph:\n  - {add: {}, from: [a, b$(n\n- 1)]} # c\n",
            "graph:\n  - {add: {}, from: [a, b$(n - 1)]}  # c\n",
            id="text whose second line looks like an item",
        ),
        pytest.param(
            "parameters: &p {a: 1}\nname: x\nvariants: {a: *p}\n",
            "parameters: &p {a: 1}\n\nname: x\n\nvariants:\n  a: *p\n",
            id="aliases, which keep the order of keys",
        ),
        pytest.param("--- # a\nx:   1\n...\n", "# a\nx: 1\n", id="document marks"),
        pytest.param("%YAML 1.2\n---\nx:   1\n", "%YAML 1.2\n---\nx: 1\n", id="a directive"),
        pytest.param(
            "x: |+\n   a\n\n\nname: b", "name: b\n\nx: |+\n  a\n\n\n", id="kept blank lines"
        ),
    ],
)
def test_layout(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


def test_line_breaks_are_those_of_the_first_line() -> None:
    assert formatted("a: 1\r\nb:   2\n") == "a: 1\r\n\r\nb: 2\r\n"
    assert formatted("a: 1\nb:   2\r\n") == "a: 1\n\nb: 2\n"


@pytest.mark.parametrize("text", ["a", "[1,  2]", "{}", "- # c\n  a"])
def test_what_is_no_mapping_comes_out_too(text: str) -> None:
    made = formatted(text)
    assert syntax.plain(syntax.parse(SourceFile("a", made))) == syntax.plain(
        syntax.parse(SourceFile("a", text))
    )
    assert made.count("#") == text.count("#")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [", "yaml-syntax"),
        ("# only\n", "empty-file"),
        ("[" * 101 + "]" * 101, "too-deep"),
        ("a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
         + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 10)}]\n"
                   for i in range(7)), "alias-bomb"),
    ],
)  # fmt: skip
def test_what_validate_refuses_is_refused(text: str, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        formatted(text)
    assert caught.value.diagnostics[0].code == code


def test_depth_is_no_matter() -> None:
    deep = "".join(f"{'  ' * depth}a:  # {depth}\n" for depth in range(99)) + "  " * 99 + "b\n"
    assert formatted(deep).count("#") == 99
    lists = "[" * 99 + "1 # c\n" + "]" * 99
    assert formatted(lists) == "- " * 99 + "1  # c\n"
