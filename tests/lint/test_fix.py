"""`--fix`: what it changes, what it leaves alone, and that the model stays what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from graphcnn import cli
from graphcnn.commands.fix import mend
from graphcnn.compiler import check, compile_file, read_spec
from graphcnn.imports import shipped_specs
from graphcnn.report import render_diagnostics
from graphcnn.source import SourceFile
from graphcnn.syntax import read
from tests.inline import spec
from tests.lint import ALL

ZOO = sorted(shipped_specs().glob("*.yaml"))


def fixed(text: str, *, unsafe: bool = False) -> str:
    """A spec after its fixes, which a second run leaves alone."""
    file, count = mend(SourceFile("net.yaml", text), ALL, unsafe=unsafe)
    again, more = mend(file, ALL, unsafe=unsafe)
    assert (again.text, more) == (file.text, 0)
    assert (file.text != text) == (count > 0)
    return file.text


def described(text: str) -> list[object]:
    """Everything about a model of which someone could depend on: names, shapes, weights."""
    found: list[object] = []
    file = SourceFile("net.yaml", text)
    for variant in read_spec(file).variants:
        model = compile_file(file, variant)
        figures = model.summary()
        weights = [
            (name, weight.shape) for node in model.ir.nodes for name, weight in node.weights()
        ]
        layers = [(node.name, str(node.op), node.facts.outputs) for node in model.ir.nodes]
        found.append((variant, layers, weights, figures.params, figures.macs, [*model.ir.outputs]))
    return found


SAFE = {
    "a let among others": (
        "let: {a: 1, b: 2, c: 3}",
        "- conv: $(b + 1)",
        "let: {b: 2}",
    ),
    "the last of several": ("let: {a: 1, b: 2}", "- conv: $a", "let: {a: 1}"),
    "the only one": ("parameters: {n: 1}\nlet: {a: 1}", "- conv: $n", "parameters: {n: 1}"),
    "one between blank lines": (
        "parameters: {n: 1}\n\nlet: {a: 1}\n\ndefaults: {conv: {out: $n}}",
        "- conv",
        "parameters: {n: 1}\n\ndefaults: {conv: {out: $n}}",
    ),
    "lines of their own": (
        "let:\n  a: 1   # one\n  # two\n  b:\n    - 2\n  c: 3  # three",
        "- conv: $a",
        "let:\n  a: 1   # one\n  # two",
    ),
    "over several lines in flow style": (
        "let: {a: 1,   # one\n      b: 2,   # two\n      c: 3}",
        "- conv: $a",
        "let: {a: 1,   # one\n      }",
    ),
    "over several lines with a comma at the end": (
        "let: {a: 1,   # one\n      b: 2,   # two\n     }",
        "- conv: $a",
        "let: {a: 1,   # one\n         # two\n     }",
    ),
    "quoted, with commas": ('let: {a: 1, b: "$([1, 2])"}', "- conv: $a", "let: {a: 1}"),
    "of a block": (
        "blocks:\n  b:\n    let: {a: 1}\n    graph: [relu]",
        "- b",
        "blocks:\n  b:\n    graph: [relu]",
    ),
    "of a block in flow style": (
        "blocks: {b: {let: {a: 1}, graph: [relu]}}",
        "- b",
        "blocks: {b: {graph: [relu]}}",
    ),
    "one that another one needed": ("let: {a: 1, b: $a, c: 3}", "- conv: $c", "let: {c: 3}"),
    "an import": ("imports: [resnet.yaml]", "- relu", ""),
    "an import among others": (
        "imports:\n  - densenet.yaml  # no\n  - googlenet.yaml",
        "- basic_conv: {out: 8, kernel: 1}",
        "imports:\n  - googlenet.yaml",
    ),
}


@pytest.mark.parametrize("case", SAFE)
def test_safe_fixes(case: str) -> None:
    head, statements, expected = SAFE[case]
    before, after = spec(statements, head=head), spec(statements, head=expected)
    assert fixed(before) == after
    assert described(after) == described(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- relu  # graphcnn: ignore[last-dropout]", "- relu"),
        ("- relu  # really  # graphcnn: ignore[last-dropout]", "- relu  # really"),
        ("- relu  # graphcnn: ignore[last-dropout] as published", "- relu  # as published"),
        ("# graphcnn: ignore[last-dropout]\n- relu", "- relu"),
        (
            "- relu\n- relu  # graphcnn: ignore[last-dropout, repeated-activation]",
            "- relu\n- relu  # graphcnn: ignore[repeated-activation]",
        ),
        (
            "- relu\n- relu  # graphcnn: ignore[repeated-activation,last-dropout]",
            "- relu\n- relu  # graphcnn: ignore[repeated-activation]",
        ),
        (
            "- relu\n- relu  # graphcnn: ignore[lossy-shortcut, repeated-activation, last-dropout]",
            "- relu\n- relu  # graphcnn: ignore[repeated-activation]",
        ),
    ],
)
def test_comments_that_ignore_nothing(before: str, after: str) -> None:
    assert fixed(spec(before)) == spec(after)


UNSAFE = {
    "a bias in flow style": (
        "",
        "- conv: {out: 8, kernel: 3}\n- batch_norm",
        "- conv: {out: 8, kernel: 3, bias: false}\n- batch_norm",
    ),
    "a bias in the short form": (
        "",
        "- conv: 8\n- batch_norm",
        "- conv: {out: 8, bias: false}\n- batch_norm",
    ),
    "a bias that is written": (
        "",
        "- {conv: {bias: true, out: 8}}   # first\n- batch_norm",
        "- {conv: {bias: false, out: 8}}   # first\n- batch_norm",
    ),
    "a bias in block style": (
        "",
        "- conv:\n    out: 8   # channels\n- batch_norm",
        "- conv:\n    out: 8   # channels\n    bias: false\n- batch_norm",
    ),
    "a bias of a name alone": (
        "defaults: {conv: {out: 8}}",
        "- conv\n- batch_norm",
        "- conv: {bias: false}\n- batch_norm",
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_biases(case: str) -> None:
    head, before, after = UNSAFE[case]
    assert fixed(spec(before, head=head)) == spec(before, head=head)
    assert fixed(spec(before, head=head), unsafe=True) == spec(after, head=head)


def test_a_bias_that_another_use_needs_stays() -> None:
    head = (
        "blocks: {b: {parameters: {norm: bool}, graph: [{conv: 8}, {batch_norm: {}, when: $norm}]}}"
    )
    text = spec("- b: {norm: true}\n- relu\n- b: {norm: false}", head=head)
    assert fixed(text, unsafe=True) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("parameters: {a: 1, b: 2}", "parameters: {b: 2}"),
        (
            "parameters: {a: 1, b: 2}\nvariants:\n  v: {a: 3, b: 4}\n  w: {a: 2}",
            "parameters: {b: 2}\nvariants:\n  v: {b: 4}\n  w: {}",
        ),
        (
            "parameters: {b: 2}\nblocks:\n  # of old\n  o: {graph: [relu]}",
            "parameters: {b: 2}",
        ),
        (
            'parameters: {b: 2}\nops:\n  o: {shape: "$([1])", macs: 0}',
            "parameters: {b: 2}",
        ),
    ],
)
def test_what_others_could_use_goes_only_if_asked(before: str, after: str) -> None:
    text = spec("- conv: $b", head=before)
    assert fixed(text) == text
    assert fixed(text, unsafe=True) == spec("- conv: $b", head=after)


def test_a_fix_that_breaks_the_spec_is_not_made() -> None:
    """The parameter's value has an anchor, and an alias elsewhere needs it."""
    text = spec("- conv: *n", head="parameters: {a: &n 8}")
    assert fixed(text, unsafe=True) == text
    expected = spec("- conv: 8\n- batch_norm", head="expect: {params: 48}")
    assert check(SourceFile("net.yaml", expected)) == []
    assert fixed(expected, unsafe=True) == expected


def test_one_that_breaks_it_does_not_stop_the_others() -> None:
    text = spec("- conv: *n", head="parameters: {a: &n 8}\nlet: {b: 1}")
    assert fixed(text, unsafe=True) == spec("- conv: *n", head="parameters: {a: &n 8}")


@given(st.data())
def test_the_zoo_comes_back_byte_for_byte(data: st.DataObject) -> None:
    """Comments that ignore nothing, anywhere in a shipped spec, go without a trace."""
    text = read(data.draw(st.sampled_from(ZOO[:12]))).text
    lines = text.splitlines()
    free = [i for i, line in enumerate(lines) if line.strip() and "#" not in line]
    for i in data.draw(st.sets(st.sampled_from(free), max_size=3)):
        lines[i] += "   # graphcnn: ignore[last-dropout]"
    file, _ = mend(SourceFile("net.yaml", "\n".join(lines) + "\n"), ALL)
    assert file.text == text


def test_line_ends_and_marks_stay(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    text = spec("- conv:\n    out: 8\n- batch_norm", head="let: {a: 1}")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    result = CliRunner().invoke(cli.main, ["validate", "--unsafe-fixes", str(path)])
    assert (result.exit_code, result.stderr) == (0, f"{path}: 2 warnings mended\n")
    after = spec("- conv:\n    out: 8\n    bias: false\n- batch_norm")
    assert path.read_bytes() == b"\xef\xbb\xbf" + after.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [*tmp_path.iterdir()] == [path]


def test_folders_and_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(spec("- relu\n- relu", head="let: {a: 1}"))
    Path("b.yaml").write_text(good := spec("- relu"))
    Path("c.yaml").write_text(bad := spec("- relu: {", head="let: {a: 1}"))
    result = CliRunner().invoke(cli.main, ["validate", "--fix", "."])
    assert result.exit_code == 1
    assert result.stderr == "a.yaml: 1 warning mended\n"
    assert "warning[repeated-activation]" in result.stdout
    assert (Path("b.yaml").read_text(), Path("c.yaml").read_text()) == (good, bad)


def test_what_is_no_longer_wanted_stays(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(text := spec("- relu", head="let: {a: 1}"))
    CliRunner().invoke(cli.main, ["validate", "--fix", "--ignore", "unused-let", str(path)])
    assert path.read_text() == text


@pytest.mark.parametrize("path", ["-", "resnet50"])
def test_only_files_can_be_changed(path: str) -> None:
    result = CliRunner().invoke(cli.main, ["validate", "--fix", path], input=spec("- relu"))
    assert result.exit_code == 2
    assert f"--fix changes files, and `{path}` is none" in result.stderr


@pytest.mark.parametrize(
    ("head", "total"),
    [
        ("let: {a: 1}", "1 warning; `--fix` mends 1"),
        ("parameters: {a: 1}", "1 warning; `--unsafe-fixes` mends 1"),
        (
            "parameters: {a: 1}\nlet: {b: 1, c: 2}",
            "3 warnings; `--fix` mends 2; `--unsafe-fixes` mends 1 more",
        ),
    ],
)
def test_what_can_be_mended_is_said(head: str, total: str) -> None:
    found = check(SourceFile("net.yaml", spec("- relu", head=head)), warnings=ALL)
    assert render_diagnostics(found).splitlines()[-1] == total


def test_what_could_not_be_mended_is_not_promised_again(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        text := spec("- conv: 8\n- batch_norm", head="expect: {params: 48}\nparameters: {a: 1}")
    )
    run = CliRunner().invoke(cli.main, ["validate", "--fix", str(path)])
    assert run.stdout.splitlines()[-1] == "2 warnings; `--unsafe-fixes` mends 2"
    assert path.read_text() == text
    run = CliRunner().invoke(cli.main, ["validate", "--unsafe-fixes", str(path)])
    assert "warning[bias-before-norm]" in run.stdout
    assert run.stdout.splitlines()[-1] == "1 warning"
