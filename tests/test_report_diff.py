"""How differences look, to people and to programs.

`pytest --update-golden` writes `tests/golden/diff` anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphcnn.difference import Comparison
from graphcnn.difference.specs import SpecDiff
from graphcnn.report import COMPARISONS, diff_markdown, render_comparison
from graphcnn.report.diff_figures import listed, signed
from tests.difference.models import side, specs
from tests.inline import spec

FOLDER = Path(__file__).parent / "golden" / "diff"
ENDINGS = {"text": "txt", "markdown": "md", "json": "json"}

BEFORE = """\
graphcnn: 1
name: net
parameters: {width: 16, depth: 4, classes: 10}
variants: {small: {depth: 2}, large: {}, huge: {depth: 12}, old: {width: 8}}
inputs: {image: [3, 64, 64]}
graph:
  - conv: {out: $width, kernel: 7, stride: 2, padding: 3}
  - repeat: $depth
    sequence:
      - conv: {out: $width, kernel: 3, padding: 1}
      - batch_norm
      - relu
    id: body
  - global_avg_pool
  - flatten
  - {linear: $classes, id: head}
"""
AFTER = (
    BEFORE.replace("kernel: 7, stride: 2, padding: 3", "kernel: 5, stride: 2, padding: 2")
    .replace("      - relu\n", "      - silu\n      - dropout: 0.1\n")
    .replace("id: head", "id: classifier")
    .replace("huge: {depth: 12}, old: {width: 8}", "huge: {depth: 14}, new: {classes: 5}")
)


def comparison(*found: SpecDiff) -> Comparison:
    return Comparison("main", "the working tree", found)


CASES = {
    "variants": comparison(specs(BEFORE, AFTER)),
    "one": comparison(
        specs(
            spec(
                "- conv: {out: 8, kernel: 3, padding: 1}\n- relu\n- {conv: 16, id: last}",
                image="[3, H, W]",
            ),
            spec(
                "- conv: {out: 8, kernel: 5, padding: 2}\n- {conv: 16, id: last}\n"
                "- {add: {}, from: [last, last], id: twice}\n",
                image="[3, H, W]",
            ),
        ),
        specs(spec("- relu"), spec("# the same\n- relu")),
    ),
    "broken": comparison(
        specs(BEFORE, AFTER.replace("silu", "sillu")),
        specs("graphcnn: [", "graphcnn: ["),
        SpecDiff("new.yaml", None, side(spec("- relu"))),
        SpecDiff("gone.yaml", side(spec("- relu")), None),
    ),
}


# Each layer of each variant would be a long file that says little more.
GOLDEN = [
    (case, one) for case in CASES for one in COMPARISONS if (case, one) != ("variants", "json")
]


@pytest.mark.parametrize(("case", "format"), GOLDEN)
def test_golden(case: str, format: str, request: pytest.FixtureRequest) -> None:
    text = render_comparison(CASES[case], format)
    path = FOLDER / f"{case}.{ENDINGS[format]}"
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "pytest --update-golden writes it anew"


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{case}.{ENDINGS[one]}" for case, one in GOLDEN}
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_json_is_plain() -> None:
    found = json.loads(render_comparison(CASES["one"], "json"))
    (changed, same) = found["specs"]
    assert found["different"] is True
    assert same["variants"][0]["status"] == "same"
    layers = {one["change"]: one for one in changed["variants"][0]["layers"]}
    assert layers["changed"]["attributes"] == {"kernel": [3, 5], "padding": [1, 2]}
    assert layers["changed"]["costs"]["macs"] == "384 * H * W"
    assert layers["went"]["after"] is None
    assert layers["went"]["before"]["name"] == "relu"
    assert layers["came"]["after"]["outputs"] == [[16, "H", "W"]]


def test_colour_is_for_headings_alone() -> None:
    plain = render_comparison(CASES["variants"])
    colored = render_comparison(CASES["variants"], color=True)
    assert "\x1b[1mnet.yaml\x1b[0m" in colored
    assert colored.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain


def test_outputs_that_come_in_some_variants() -> None:
    head = "variants: {one: {}, two: {}}\noutputs: {a: stem"
    graph = "- {conv: 4, id: stem}\n- {relu: {}, id: last}"
    found = specs(spec(graph, head=head + "}"), spec(graph, head=head + ", b: last}"))
    text = render_comparison(comparison(found))
    assert "variant  params     MACs  output b\none          16  12.29 K      came\n" in text


def test_a_product_in_a_sentence_does_not_make_all_of_it_a_name() -> None:
    graph = "- conv: {out: %d, kernel: 3, padding: 1}\n- conv: {out: 8, kernel: 1, bias: false}"
    old, new = (side(spec(graph % out, image="[3, H, W]")) for out in (8, 16))
    text = render_comparison(comparison(SpecDiff("net.yaml", old, new)), "markdown")
    assert "Because of that, 1 other layer has other shapes (params +64, MACs `" in text


def test_nothing_to_compare() -> None:
    assert render_comparison(comparison()) == "No specs changed between main and the working tree\n"


def hostile(value: str) -> SpecDiff:
    head = (
        "ops: {odd: {attributes: {text: plain}, shape: '$([1])', macs: 0}}\n"
        "variants: {one: {}, two: {}}"
    )
    before = spec("- odd", head=head)
    after = spec(f"- odd: {{text: {json.dumps(value)}}}", head=head)
    return SpecDiff("a`b|<img>\n# @you.yaml", side(before), side(after))


@pytest.mark.parametrize(
    "value", ["@you", "![x](http://example.org)", "<img src=x>", "`code`", "a|b", "*b*", "#1"]
)
def test_nothing_from_a_spec_is_read_as_markdown(value: str) -> None:
    text = render_comparison(comparison(hostile(value)), "markdown")
    outside = "".join(part for i, part in enumerate(text.split("`")) if i % 2 == 0)
    assert value.strip("`") not in outside
    assert "@you" not in outside
    assert text.count("\n# ") == 0


def test_a_comment_is_never_longer_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_markdown, "MAX_CHARACTERS", 900)
    text = render_comparison(CASES["variants"], "markdown")
    assert len(text) < 1000
    assert text.endswith("The rest is left out here; `graphcnn diff` shows it.\n")
    assert text.count("<details>") == text.count("</details>")


def test_long_tables_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_markdown, "MAX_ROWS", 2)
    assert "| `large` |" in render_comparison(CASES["variants"], "markdown")
    assert "… and 3 more rows\n" in render_comparison(CASES["variants"], "markdown")


@pytest.mark.parametrize(("size", "text"), [(0, ""), (1234, "+1,234"), (-5, "-5")])
def test_sizes_have_signs(size: int, text: str) -> None:
    assert signed(size) == text


@pytest.mark.parametrize(
    ("count", "text"), [(2, "0, 1"), (4, "0, 1, 2, 3"), (5, "0, 1, 2 and 2 more")]
)
def test_names_in_a_row(count: int, text: str) -> None:
    assert listed(map(str, range(count))) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("id: a", "id: b", "`a` → `b`"),
        ("id: a", "id: a1", "`a` → `a1`"),
        ("repeat: 3, id: a", "repeat: 3, id: b", "`a` → `b`"),
    ],
)
def test_renamed_scopes(before: str, after: str, text: str) -> None:
    graph = "- {{sequence: [conv: 4, relu, conv: 4], {}}}"
    found = render_comparison(
        comparison(specs(spec(graph.format(before)), spec(graph.format(after))))
    )
    assert f" have other names: {text}\n" in found


def test_renamed_runs() -> None:
    before, after = (
        "- conv: 4\n" * 5,
        "- relu\n- conv: 4\n- {conv: 8, id: more}\n" + "- conv: 4\n" * 4,
    )
    sequence = "- sequence:\n{}  id: body"

    def inner(text: str) -> str:
        return sequence.format("".join(f"    {line}\n" for line in text.splitlines()))

    found = render_comparison(comparison(specs(spec(inner(before)), spec(inner(after)))))
    assert "10 weights have other names: `body.0 … body.4` → `body.1 … body.6`" in found


def test_numbers_at_other_depths_are_not_the_same() -> None:
    before = "- {sequence: [{sequence: [conv: 4], id: c}], id: a}"
    after = "- {sequence: [conv: 4], id: b}"
    found = render_comparison(comparison(specs(spec(before), spec(after))))
    assert "`a.c.0` → `b.0`" in found
