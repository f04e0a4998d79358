"""`graphcnn fmt`: what it writes, what it leaves alone, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphcnn import cli

UGLY = "name:   x\ngraphcnn: 1\n"
GOOD = "graphcnn: 1\nname: x\n"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, input: str | bytes | None = None) -> Result:  # noqa: A002 - click's word
        result = CliRunner().invoke(cli.main, ["fmt", *arguments], input=input)
        assert "Traceback" not in result.output
        return result

    return invoke


def test_writes_what_changes_and_leaves_the_rest(run: Run) -> None:
    ugly, good = Path("ugly.yaml"), Path("good.yaml")
    ugly.write_text(UGLY)
    ugly.chmod(0o640)
    good.write_text(GOOD)
    before = good.stat()
    result = run(".", "ugly.yaml", "./ugly.yaml")
    assert (result.exit_code, result.stdout) == (0, "1 file reformatted, 1 file left unchanged\n")
    assert ugly.read_text() == GOOD
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert (good.stat().st_mtime_ns, good.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert sorted(path.name for path in Path().iterdir()) == ["good.yaml", "ugly.yaml"]


def test_check_names_files_and_writes_nothing(run: Run) -> None:
    Path("ugly.yaml").write_text(UGLY)
    result = run("--check", "ugly.yaml")
    assert result.exit_code == 1
    assert result.stdout == "would reformat ugly.yaml\n1 file would be reformatted\n"
    assert Path("ugly.yaml").read_text() == UGLY
    Path("ugly.yaml").write_text(GOOD)
    result = run("--check", "ugly.yaml")
    assert (result.exit_code, result.stdout) == (0, "1 file already formatted\n")


def test_diff_is_unified_and_writes_nothing(run: Run) -> None:
    Path("ugly.yaml").write_text(UGLY.rstrip())
    result = run("--diff", "ugly.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "--- ugly.yaml\tas it is",
        "+++ ugly.yaml\tformatted",
        "@@ -1,2 +1,2 @@",
        "-name:   x",
        "-graphcnn: 1",
        "\\ No newline at end of file",
        "+graphcnn: 1",
        "+name: x",
    ]
    assert result.stderr == "1 file would be reformatted\n"
    assert Path("ugly.yaml").read_text() == UGLY.rstrip()


def test_standard_input_goes_to_standard_output(run: Run) -> None:
    assert run("-", input=UGLY).stdout == GOOD
    assert run("-", input=GOOD).stdout == GOOD
    result = run("--check", "-", input=UGLY)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "would reformat <stdin>")


def test_a_file_with_errors_is_left_and_the_others_are_not(run: Run) -> None:
    Path("a.yaml").write_text("graphcnn: [")
    Path("b.yaml").write_text(UGLY)
    result = run(".", "missing.yaml")
    assert result.exit_code == 2
    assert "a.yaml:1:11: error[yaml-syntax]" in result.stderr
    assert "missing.yaml: no such file" in result.stderr
    assert Path("a.yaml").read_text() == "graphcnn: ["
    assert Path("b.yaml").read_text() == GOOD


def test_other_yaml_in_a_folder_is_passed_by(run: Run) -> None:
    Path("compose.yaml").write_text("services:   {}\n")
    Path("spec.yaml").write_text(GOOD)
    assert run(".").stdout == "1 file left unchanged\n"
    assert Path("compose.yaml").read_text() == "services:   {}\n"
    result = run("--only-specs", "compose.yaml", "spec.yaml")
    assert (result.exit_code, result.stdout) == (0, "1 file left unchanged\n")
    assert run("compose.yaml").stdout == "1 file reformatted\n"


def test_a_byte_order_mark_goes_and_line_breaks_stay(run: Run) -> None:
    Path("a.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert run("a.yaml").stdout == "1 file reformatted\n"
    assert Path("a.yaml").read_bytes() == GOOD.replace("\n", "\r\n").encode()


def test_a_layout_that_would_change_the_spec_is_not_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.yaml").write_text(UGLY)
    monkeypatch.setattr("graphcnn.formatting.format.write", lambda _: "graphcnn: 1\nname: y\n")
    result = run("a.yaml")
    assert result.exit_code == 2
    assert "a.yaml: the formatted text says something else; it is left as it is" in result.stderr
    assert Path("a.yaml").read_text() == UGLY


def test_a_link_stays_a_link(run: Run) -> None:
    Path("real").mkdir()
    Path("real/a.yaml").write_text(UGLY)
    Path("b.yaml").symlink_to("real/a.yaml")
    assert run("b.yaml").exit_code == 0
    assert Path("b.yaml").is_symlink()
    assert Path("real/a.yaml").read_text() == GOOD
