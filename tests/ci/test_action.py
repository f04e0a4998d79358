"""The Action's steps on a repository: what is marked, what is written, what is commented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.action import ACTION, STEPS, Runner
from tests.ci.repository import BAD, COSTLY, GOOD, OTHER, ROOT, Repository, project
from tests.ci.schemas import mistakes

COMMENT = "Comment what changes"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write(specs__net=GOOD, compose=OTHER)
    assert made.commit().returncode == 0
    return made


# --- the file


def test_it_is_an_action() -> None:
    assert mistakes("vendor.github-actions", ROOT / "action.yml") == ""


def test_our_own_workflow_uses_it_rightly() -> None:
    path = ROOT / ".github/workflows/ci.yml"
    assert mistakes("vendor.github-workflows", path) == ""
    steps = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["action"]["steps"]
    assert steps[-1]["with"].keys() <= ACTION["inputs"].keys()


def test_what_comes_from_outside_is_never_code() -> None:
    """An input reaches a script as a variable; pasted into it, `$(…)` in a name would be run."""
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert len(scripts) == 3
    assert not [script for script in scripts if "${{" in script]


def test_a_comment_is_for_pull_requests_alone() -> None:
    """`pull_request_target` has a token that writes, and is nothing for other people's commits."""
    condition = STEPS[COMMENT]["if"]
    assert "github.event_name == 'pull_request'" in condition
    assert "inputs.comment == 'true'" in condition
    assert "!cancelled()" in condition  # it is said of a bad spec too


# --- validating


def test_a_good_spec_passes(repository: Repository) -> None:
    done = Runner(repository).run("Validate")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_mistake_is_marked_on_its_line(repository: Repository) -> None:
    repository.write(specs__net=BAD)
    done = Runner(repository).run("Validate")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(
        "::error title=GraphCNN (unknown-attribute),"
        "file=specs/net.yaml,line=12,endLine=12,col=21,endColumn=27::"
    )


def test_a_log_for_code_scanning_has_the_regions(repository: Repository) -> None:
    """The text in each region is what is wrong, whoever counts the lines."""
    repository.write(specs__net=BAD, specs__costly=COSTLY)
    done = Runner(repository, sarif="found.sarif", paths="specs").run("Validate")
    assert done.returncode == 1
    log = json.loads((repository.path / "found.sarif").read_text(encoding="utf-8"))
    assert [marked(result, repository.path) for result in log["runs"][0]["results"]] == [
        ("expectation-failed", "specs/costly.yaml", "<= 600"),
        ("unknown-attribute", "specs/net.yaml", "kernal"),
    ]


def marked(result: dict[str, Any], root: Path) -> tuple[str, str, str]:
    """The rule of a result, its file, and the text that it marks there."""
    place = result["locations"][0]["physicalLocation"]
    name, region = place["artifactLocation"]["uri"], place["region"]
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    assert region["startLine"] == region["endLine"]
    line = lines[region["startLine"] - 1]
    return result["ruleId"], name, line[region["startColumn"] - 1 : region["endColumn"] - 1]


def test_a_log_is_written_where_nothing_is_wrong(repository: Repository) -> None:
    assert Runner(repository, sarif="found.sarif").run("Validate").returncode == 0
    log = json.loads((repository.path / "found.sarif").read_text(encoding="utf-8"))
    assert log["runs"][0]["results"] == []


def test_paths_stand_one_a_line(repository: Repository) -> None:
    repository.write(**{"my specs__bad": BAD, "more__bad": BAD})
    done = Runner(repository, paths="\n  my specs  \n\nspecs/net.yaml\n").run("Validate")
    assert done.returncode == 1
    assert done.stdout.count("::error") == 1
    assert "file=my specs/bad.yaml" in done.stdout


@pytest.mark.parametrize("path", ["$(touch broken)", "`touch broken`", "; touch broken", "--help"])
def test_paths_are_not_run(repository: Repository, path: str) -> None:
    done = Runner(repository, paths=path, base="main").run("Validate")
    assert done.returncode == 2
    assert "no such file" in done.stderr or "there is no model" in done.stderr
    assert Runner(repository, paths=path, base="main").run(COMMENT).returncode == 2
    assert not (repository.path / "broken").exists()


# --- commenting


def pull_request(repository: Repository) -> Runner:
    """A runner for what has changed since the first commit."""
    runner = Runner(repository)
    runner.known["github.event.pull_request.base.sha"] = repository.git("rev-parse", "HEAD")
    return runner


def test_a_costly_change_is_commented_once_and_kept_up_to_date(repository: Repository) -> None:
    runner = pull_request(repository)
    repository.write(specs__net=COSTLY)
    assert repository.commit().returncode == 0
    done = runner.run(COMMENT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (comment,) = runner.comments
    assert comment.startswith("<!-- graphcnn diff -->\n## What this changes\n")
    assert "5,768" in comment
    assert runner.summary.read_text(encoding="utf-8") == comment
    repository.write(specs__net=GOOD.replace("width: 16", "width: 8"))
    assert runner.run(COMMENT).returncode == 0
    (comment,) = runner.comments
    assert "296" in comment
    repository.write(specs__net=GOOD)
    assert runner.run(COMMENT).returncode == 0
    (comment,) = runner.comments
    assert "No specs changed" in comment


def test_where_nothing_changes_nothing_is_said(repository: Repository) -> None:
    runner = pull_request(repository)
    repository.write(compose="services: {}\n")
    assert runner.run(COMMENT).returncode == 0
    assert runner.comments == []


def test_a_comment_of_someone_else_is_left_alone(repository: Repository) -> None:
    runner = pull_request(repository)
    other = {"id": 1, "user": {"type": "User"}, "body": "<!-- graphcnn diff -->\nmine"}
    runner.store.write_text(json.dumps([other]))
    repository.write(specs__net=COSTLY)
    assert runner.run(COMMENT).returncode == 0
    assert runner.comments[0] == other["body"]
    assert len(runner.comments) == 2


def test_a_bad_spec_is_commented_too(repository: Repository) -> None:
    runner = pull_request(repository)
    repository.write(specs__net=BAD)
    assert runner.run(COMMENT).returncode == 0
    (comment,) = runner.comments
    assert "unknown-attribute" in comment


def test_a_pull_request_from_a_fork_is_no_failure(repository: Repository) -> None:
    """Its token may not write; what would be commented is in the summary."""
    runner = pull_request(repository)
    repository.write(specs__net=COSTLY)
    done = runner.run(COMMENT, GH_FAILS="yes")
    assert done.returncode == 0
    assert done.stdout.startswith("::warning title=GraphCNN::")
    assert "`pull-requests: write`" in done.stdout
    assert "5,768" in runner.summary.read_text(encoding="utf-8")


@pytest.mark.parametrize("base", [None, "main"])
def test_the_base_of_a_shallow_checkout_is_fetched(
    repository: Repository, tmp_path: Path, base: str | None
) -> None:
    """`actions/checkout` brings one commit; the base is another."""
    first = repository.git("rev-parse", "HEAD")
    repository.git("switch", "--quiet", "--create", "change")
    repository.write(specs__net=COSTLY)
    assert repository.commit().returncode == 0
    checkout = Repository(tmp_path / "checkout")
    checkout.git("remote", "add", "origin", f"file://{repository.path}")
    checkout.git("fetch", "--quiet", "--depth=1", "origin", "change")
    checkout.git("checkout", "--quiet", "FETCH_HEAD")
    runner = Runner(checkout, base=base or "")
    runner.known["github.event.pull_request.base.sha"] = first
    done = runner.run(COMMENT)
    assert done.returncode == 0, done.stderr
    assert "5,768" in runner.comments[0]


def test_a_base_that_is_not_there_is_said(repository: Repository) -> None:
    for base in ("nowhere", "--upload-pack=touch broken"):
        done = Runner(repository, base=base).run(COMMENT)
        assert done.returncode not in (0, 1)
        assert not (repository.path / "broken").exists()


# --- installing


@pytest.mark.exhaustive
def test_it_installs_itself_apart(repository: Repository, tmp_path: Path) -> None:
    repository.environment.pop("PYTHONPATH", None)
    (repository.path / "venv.py").write_text("raise SystemExit('not this one')\n")
    runner = Runner(repository)
    runner.known["github.action_path"] = str(project(tmp_path / "graphcnn").path)
    done = runner.run("Install GraphCNN")
    assert done.returncode == 0, done.stdout + done.stderr
    name, _, command = runner.output.read_text(encoding="utf-8").strip().partition("=")
    assert name == "command"
    runner.known["steps.install.outputs.command"] = command
    assert Path(command).is_relative_to(tmp_path)
    assert runner.run("Validate").returncode == 0
    repository.write(specs__net=BAD)
    assert runner.run("Validate").returncode == 1


def test_every_input_is_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
