"""Folders that a stranger made: a walk stays inside of them, and reads plain files alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphcnn import cli, load
from graphcnn.weights import fresh, save
from tests.inline import spec

Run = Callable[..., Result]

HIDDEN = "password: 'hunter2\n"  # no YAML, so that a finding would show its line
UNTIDY = spec("- {conv:   8}\n- relu", head="let: {spare: 1}")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line beside a folder with links to what lies outside of it."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text(HIDDEN)
    (tmp_path / "outside.yaml").write_text(UNTIDY)
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "other.yaml").write_text(UNTIDY)
    (folder / "net.yaml").write_text(spec("- conv: 8"))
    (folder / "secret.yaml").symlink_to("../secret.yaml")
    (folder / "outside.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "away").symlink_to("../away")
    (folder / "itself.yaml").symlink_to("itself.yaml")
    (folder / "nowhere.yaml").symlink_to("no-such-file")
    os.mkfifo(folder / "pipe.yaml")
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, arguments, prog_name="graphcnn")

    return invoke


def untouched() -> bool:
    return Path("outside.yaml").read_text() == Path("away/other.yaml").read_text() == UNTIDY


def test_validate_stays_inside(run: Run) -> None:
    result = run("validate", "specs")
    assert (result.exit_code, result.stdout) == (0, "1 spec, no errors\n")
    assert "hunter2" not in result.output


def test_fmt_stays_inside(run: Run) -> None:
    assert run("fmt", "specs").exit_code == 0
    assert untouched()


def test_fixes_stay_inside(run: Run) -> None:
    assert run("validate", "--fix", "specs").exit_code == 0
    assert untouched()


def test_a_link_inside_is_followed(run: Run) -> None:
    Path("specs/again.yaml").symlink_to("net.yaml")
    assert run("validate", "specs").stdout == "2 specs, no errors\n"


def test_a_path_that_is_named_is_followed(run: Run) -> None:
    assert "[unused" in run("validate", "specs/outside.yaml").stdout
    assert run("fmt", "specs/outside.yaml").exit_code == 0
    assert not untouched()
    assert Path("specs/outside.yaml").is_symlink()


def test_a_folder_that_is_a_link_is_followed(run: Run) -> None:
    assert "[unused" in run("validate", "specs/away").stdout


def test_links_alone_are_no_specs(run: Run) -> None:
    Path("specs/net.yaml").unlink()
    result = run("validate", "specs")
    assert (result.exit_code, result.stderr) == (
        2,
        "graphcnn: specs holds no specs (*.yaml, *.yml)\n",
    )


@pytest.mark.parametrize("how", ["symlink_to", "hardlink_to"])
def test_weights_do_not_replace_the_spec(run: Run, how: str) -> None:
    text = Path("specs/net.yaml").read_text()
    save("net.safetensors", fresh(load("specs/net.yaml")))
    getattr(Path("new.pt"), how)(Path("specs/net.yaml").resolve())
    result = run("weights", "convert", "net.safetensors", "new.pt", "--model", "specs/net.yaml")
    assert (result.exit_code, result.stderr) == (
        2,
        "graphcnn: new.pt is the spec itself; name another file\n",
    )
    assert Path("specs/net.yaml").read_text() == text
