"""`graphcnn diff` as a command: its arguments, its streams and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphcnn import cli
from tests.difference.scratch import git
from tests.inline import spec

NET = spec("- {conv: {out: 8, kernel: 3}, id: stem}")
WIDE = NET.replace("out: 8", "out: 16")

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a folder with three specs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    Path("net.yaml").write_text(NET)
    Path("wide.yaml").write_text(WIDE)
    Path("bad.yaml").write_text(NET.replace("conv", "cov"))

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(cli.main, ["diff", *arguments], prog_name="graphcnn")
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def repository(run: Run) -> None:
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "all")
    Path("net.yaml").write_text(WIDE)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["net.yaml", "wide.yaml"], 0),
        (["net.yaml", "net.yaml", "--exit-code"], 0),
        (["net.yaml", "wide.yaml", "--exit-code"], 1),
        (["net.yaml", "bad.yaml"], 1),
        (["bad.yaml", "net.yaml"], 0),
        (["--exit-code", "bad.yaml", "net.yaml"], 1),
        (["net.yaml", "none.yaml"], 2),
        (["net.yaml", "wide.yaml", "bad.yaml"], 2),
        ([], 2),
        (["--", "net.yaml"], 2),
        (["net.yaml", "wide.yaml", "--format", "xml"], 2),
        (["main"], 2),
    ],
)
def test_exit_codes_for_models(run: Run, arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["main", "--", "net.yaml"], 0),
        (["--exit-code", "main", "--", "net.yaml"], 1),
        (["--exit-code", "main", "--", "wide.yaml"], 0),
        (["--exit-code", "main"], 1),
        (["main", "--exit-code", "--"], 1),
        (["--exit-code", "main", "HEAD", "--"], 0),
        (["main", "--", "bad.yaml"], 1),
        (["main", "HEAD", "main", "--"], 2),
        (["nope", "--", "net.yaml"], 2),
        (["main", "--", "nope.yaml"], 2),
        (["main", "--", "--exit-code"], 2),
    ],
)
def test_exit_codes_for_revisions(run: Run, arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code


def test_findings_go_to_standard_error(run: Run) -> None:
    result = run("net.yaml", "bad.yaml", "--format", "json")
    found = json.loads(result.stdout)
    assert found["specs"][0]["after"]["diagnostics"][0]["code"] == "unknown-op"
    assert "bad.yaml:5:6: error[unknown-op]" in result.stderr


def test_a_forgotten_separator_is_named(run: Run) -> None:
    result = run("main", "net.yaml")
    assert "there is no model `main`" in result.stderr
    assert "graphcnn diff main -- net.yaml" in result.stderr


@pytest.mark.usefixtures("repository")
def test_one_model_alone_is_too_few(run: Run) -> None:
    assert "name another one or a revision" in run("net.yaml").stderr
    assert "name another one" not in run("nope").stderr


def test_shipped_models_and_variants(run: Run) -> None:
    text = run("resnet18", "resnet34").stdout
    assert "layer3.2 … layer3.5  4 x basic_block  7 layers each  +4,722,688  +924.8 M" in text
    assert run("resnet", "resnet18").stdout.startswith("resnet → resnet18\n")


def test_a_file_of_blocks_is_no_model(run: Run) -> None:
    Path("lib.yaml").write_text("graphcnn: 1\nname: lib\nblocks: {unit: {sequence: [relu]}}\n")
    result = run("lib.yaml", "net.yaml")
    assert result.exit_code == 2
    assert "lib.yaml defines blocks only, no graph" in result.stderr
    assert "revisions" not in result.stderr
