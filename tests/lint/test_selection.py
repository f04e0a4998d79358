"""Which warnings are wanted: comments, options, pyproject.toml, and the exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import graphcnn
from graphcnn import cli
from graphcnn.commands import project
from graphcnn.compiler import check
from graphcnn.imports import shipped_specs
from graphcnn.lint import RULES
from graphcnn.source import SourceFile
from graphcnn.syntax import read
from tests.inline import spec
from tests.lint import ALL, marked, warnings
from tests.pages import DOCS

Run = Callable[..., Result]

TWICE = spec("- relu\n- relu")  # repeated-activation
BOTH = spec("- conv: 8\n- batch_norm\n- relu\n- relu")  # and bias-before-norm


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `graphcnn validate` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    project._project.cache_clear()

    def invoke(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - click's word
        result = CliRunner().invoke(cli.main, ["validate", *arguments], input=input)
        assert "Traceback" not in result.output
        return result

    return invoke


def codes(result: Result) -> list[str]:
    return [one["code"] for one in json.loads(result.stdout)]


# --- comments


def ignoring(codes: str, *, own_line: bool = False) -> str:
    comment = f"# graphcnn: ignore[{codes}]"
    return spec(f"- relu\n{comment}\n- relu" if own_line else f"- relu\n- relu  {comment}")


@pytest.mark.parametrize("own_line", [False, True])
def test_a_comment_ignores(*, own_line: bool) -> None:
    assert marked(ignoring("repeated-activation", own_line=own_line)) == []


def test_it_may_say_why() -> None:
    text = spec(
        "- relu\n- relu   # for show  #graphcnn:ignore[ repeated-activation ]: as published"
    )
    assert marked(text) == []


def test_it_is_about_its_own_line() -> None:
    text = spec("- relu  # graphcnn: ignore[repeated-activation]\n- relu")
    assert marked(text) == [
        ("unused-ignore", "repeated-activation"),
        ("repeated-activation", "relu"),
    ]


def test_on_its_own_line_it_is_about_what_begins_below() -> None:
    block = """
    - conv: 8
    # graphcnn: ignore[repeated-activation]
    # (all of the group)

    - sequence:
        - relu
        - relu
        - relu
    - relu
    """
    found = warnings(spec(block))
    assert [(one.code, one.span.begin_position.line) for one in found] == [
        ("repeated-activation", 13)
    ]


def test_above_everything_it_is_about_the_file() -> None:
    text = (
        f"# A net.\n# graphcnn: ignore[repeated-activation]\n{spec('- relu' + chr(10) + '- relu')}"
    )
    assert marked(text) == []


def test_what_is_not_found_is_said() -> None:
    assert marked(ignoring("repeated-activation, last-dropout")) == [
        ("unused-ignore", "last-dropout")
    ]
    (found,) = warnings(spec("- relu  # graphcnn: ignore[last-dropuot]"))
    assert found.message == "there is no warning `last-dropuot`"
    assert found.help == "did you mean `last-dropout`?"
    (found,) = warnings(spec("- relu  # graphcnn: ignore[unused-ignore]"))
    assert found.message == "no comment ignores `unused-ignore`"
    (found,) = warnings(spec("- relu  # graphcnn: ignore"))
    assert found.message == "this comment ignores no code"


def test_errors_are_never_ignored() -> None:
    text = spec("- conv: {out: 0}  # graphcnn: ignore[bad-value]")
    path = Path("net.yaml")
    found = check(graphcnn.source.SourceFile("net.yaml", text, path), warnings=ALL)
    assert [one.code for one in found] == ["bad-value"]


@pytest.mark.parametrize(
    "head",
    [
        'doc: "# graphcnn: ignore[last-dropout]"',
        "doc: |\n  # graphcnn: ignore[last-dropout]",
        "doc: a#graphcnn: ignore[last-dropout]".replace(": i", ":i"),
        "# graphcnn: 1 is how a spec begins",
    ],
)
def test_what_is_no_comment_of_ours(head: str) -> None:
    assert marked(spec("- relu", head=head)) == []


def test_what_was_not_looked_for_is_not_missed(run: Run) -> None:
    Path("net.yaml").write_text(ignoring("last-dropout"))
    assert codes(run("net.yaml", "--format", "json", "--ignore", "last-dropout")) == [
        "repeated-activation"
    ]


def test_a_library_has_no_graph_to_look_at(tmp_path: Path) -> None:
    """What a comment in it ignores is there where the library is used."""
    (tmp_path / "lib.yaml").write_text(
        "graphcnn: 1\nname: lib\nblocks:\n  b:\n    graph:\n      - relu\n"
        "      - relu  # graphcnn: ignore[repeated-activation]\n"
    )
    (tmp_path / "net.yaml").write_text(spec("- b", head="imports: [lib.yaml]"))
    for name in ("lib.yaml", "net.yaml"):
        assert check(read(tmp_path / name), warnings=ALL) == []


# --- options


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["bias-before-norm", "repeated-activation"]),
        (["--select", "repeated-activation"], ["repeated-activation"]),
        (["--select", "repeated"], ["repeated-activation"]),
        (["--select", "repeated,bias"], ["bias-before-norm", "repeated-activation"]),
        (["--select", "unused"], []),
        (["--ignore", "repeated"], ["bias-before-norm"]),
        (["--ignore", "repeated", "--ignore", "bias-before-norm"], []),
        (["--select", "ALL", "--ignore", "bias"], ["repeated-activation"]),
        (["--ignore", "ALL"], []),
    ],
)
def test_options(run: Run, options: list[str], found: list[str]) -> None:
    Path("net.yaml").write_text(BOTH)
    result = run("net.yaml", "--format", "json", *options)
    assert codes(result) == found
    assert result.exit_code == (1 if found else 0)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("repeated-activatoin", "did you mean `repeated-activation`?"),
        ("rep", "did you mean"),  # no part of a word
        ("shape-mismatch", "`graphcnn explain` lists them"),  # an error
    ],
)
@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_words_that_mean_nothing(run: Run, option: str, word: str, hint: str) -> None:
    Path("net.yaml").write_text(TWICE)
    result = run("net.yaml", option, word)
    assert result.exit_code == 2
    assert f"{option}: there is no warning `{word}`" in result.stderr
    if word != "rep":
        assert hint in result.stderr


def test_standard_input(run: Run) -> None:
    assert codes(run("-", "--format", "json", input=TWICE)) == ["repeated-activation"]


def test_building_says_nothing(run: Run) -> None:
    Path("net.yaml").write_text(TWICE)
    result = CliRunner().invoke(cli.main, ["summary", "net.yaml"])
    assert (result.exit_code, result.stderr) == (0, "")


def test_from_python(run: Run) -> None:
    Path("net.yaml").write_text(TWICE)
    (found,) = graphcnn.validate("net.yaml")
    assert found.severity == "warning"
    Path("pyproject.toml").write_text('[tool.graphcnn]\nignore = ["repeated"]\n')
    project._project.cache_clear()
    assert graphcnn.validate("net.yaml") == []
    assert run("net.yaml").exit_code == 0


# --- pyproject.toml


def configured(table: str, *, path: str = "pyproject.toml") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(f"[tool.graphcnn]\n{table}\n")


@pytest.mark.parametrize(
    ("table", "options", "found"),
    [
        ("", [], ["bias-before-norm", "repeated-activation"]),
        ('select = ["bias"]', [], ["bias-before-norm"]),
        ('ignore = ["bias"]', [], ["repeated-activation"]),
        ('select = ["bias", "repeated"]\nignore = ["bias"]', [], ["repeated-activation"]),
        # `--select` takes the place of both, and `--ignore` comes on top.
        ('ignore = ["bias"]', ["--select", "bias"], ["bias-before-norm"]),
        ('ignore = ["bias"]', ["--ignore", "repeated"], []),
        ('per-file-ignores = {"net.yaml" = ["bias"]}', [], ["repeated-activation"]),
        ('per-file-ignores = {"nets/*.yaml" = ["ALL"]}', [], []),
        (
            'per-file-ignores = {"other/*.yaml" = ["ALL"]}',
            ["--select", "bias"],
            ["bias-before-norm"],
        ),
        ('per-file-ignores = {"*" = ["bias"]}', ["--select", "bias"], []),
    ],
)
def test_a_project(run: Run, table: str, options: list[str], found: list[str]) -> None:
    configured(table)
    Path("nets").mkdir()
    Path("nets/net.yaml").write_text(BOTH)
    assert codes(run("nets/net.yaml", "--format", "json", *options)) == found


def test_the_nearest_table_counts_alone(run: Run) -> None:
    configured('select = ["unused"]')
    configured('select = ["repeated"]', path="inner/pyproject.toml")
    Path("inner/nets").mkdir()
    Path("inner/nets/pyproject.toml").write_text("[project]\nname = 'graphcnn'\n")  # has no table
    Path("inner/nets/net.yaml").write_text(BOTH)
    Path("net.yaml").write_text(BOTH)
    result = run("inner", "net.yaml", "--format", "json")
    assert [(one["file"], one["code"]) for one in json.loads(result.stdout)] == [
        ("inner/nets/net.yaml", "repeated-activation")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.graphcnn]\nselct = []\n",
            "tool.graphcnn has no key `selct`; did you mean `select`?",
        ),
        ('[tool.graphcnn]\nselect = "ALL"\n', "tool.graphcnn.select is a list of codes, not text"),
        ("[tool.graphcnn]\nignore = [1]\n", "ignore is a list of codes, with a number in it"),
        (
            '[tool.graphcnn]\nignore = ["unusd"]\n',
            "tool.graphcnn.ignore: there is no warning `unusd`",
        ),
        ("[tool.graphcnn]\nper-file-ignores = []\n", "per-file-ignores is a table, not"),
        (
            '[tool.graphcnn.per-file-ignores]\n"a.yaml" = ["x"]\n',
            'tool.graphcnn.per-file-ignores."a.yaml": there is no warning `x`',
        ),
        ("[tool]\ngraphcnn = 3\n", "tool.graphcnn is a table, not a number"),
        ("[tool.graphcnn\n", "pyproject.toml is no TOML: "),
    ],
)
def test_mistakes_in_a_project(run: Run, text: str, message: str) -> None:
    Path("pyproject.toml").write_text(text)
    for name in ("a", "b"):
        Path(f"{name}.yaml").write_text(TWICE)
    result = run("a.yaml", "b.yaml")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("pyproject.toml") == 1, "it is said once"


# --- formats


def test_every_format_has_warnings(run: Run) -> None:
    Path(".git").mkdir()
    Path("net.yaml").write_text(TWICE)
    assert run("net.yaml").stdout.startswith("net.yaml:6:5: warning[repeated-activation]: ")
    github = run("net.yaml", "--format", "github").stdout
    assert github.startswith("::warning title=GraphCNN (repeated-activation),file=net.yaml,line=6,")
    (log,) = json.loads(run("net.yaml", "--format", "sarif").stdout)["runs"]
    (rule,), (result,) = log["tool"]["driver"]["rules"], log["results"]
    explained = {rule.code: rule.explanation for rule in RULES}
    assert rule["fullDescription"]["text"] == explained["repeated-activation"]
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert (result["ruleId"], result["level"]) == ("repeated-activation", "warning")
    assert '<failure type="repeated-activation"' in run("net.yaml", "--format", "junit").stdout


def test_a_spec_with_errors_has_no_warnings() -> None:
    text = spec("- conv: 8\n- relu\n- relu", head="init: {conv: {bias: $}}")
    assert [one.code for one in check(SourceFile("net.yaml", text), warnings=ALL)] == [
        "expression-syntax"
    ]


# --- the shipped specs


@pytest.mark.parametrize("path", sorted(shipped_specs().glob("*.yaml")), ids=lambda path: path.stem)
def test_the_zoo_has_no_warnings(path: Path) -> None:
    assert check(read(path), warnings=ALL) == []


def test_the_page_lists_every_rule() -> None:
    page = (DOCS / "lint.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[`(.+)`\]\(diagnostics\.md#(.+)\) \|", page, re.MULTILINE)
    assert listed == [(rule.code, rule.code) for rule in RULES]
