"""What docs/ci.md has for people to copy: its files fit their schemas, its scripts are run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests import pages
from tests.ci.action import ACTION
from tests.ci.repository import BAD, BIN, COSTLY, GOOD, Repository
from tests.ci.schemas import mistakes
from tests.ci.test_hooks import HOOKS

PAGE = pages.DOCS / "ci.md"


def files(name: str) -> list[str]:
    """The texts that the page has for a file."""
    blocks = [block for block in pages.blocks(PAGE) if block.label.split()[:1] == [name]]
    assert blocks
    return [block.text for block in blocks]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name.rpartition("/")[2]
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", files(".pre-commit-config.yaml"))
def test_its_hooks_are_there(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, ".pre-commit-config.yaml", text)
    command = [str(BIN / "pre-commit"), "validate-config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    hooks = [hook["id"] for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]]
    assert hooks == [hook["id"] for hook in HOOKS]


@pytest.mark.parametrize("text", files(".github/workflows/specs.yml"))
def test_its_workflows_are_right(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "specs.yml", text)
    assert mistakes("vendor.github-workflows", path) == ""
    workflow: dict[str, Any] = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    (step,) = (one for one in job["steps"] if one["uses"].startswith("OWNER/"))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    assert workflow["permissions"]["contents"] == "read"


def test_its_table_of_inputs_is_that_of_the_action() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    shown = {cells[1].strip(" `"): cells[2].strip(" `") for cells in (r.split("|") for r in rows)}
    said = {name: about["default"] for name, about in ACTION["inputs"].items()}
    assert shown == said | {"base": "the base of the pull request"}


def test_its_settings_are_understood(tmp_path: Path) -> None:
    (settings,) = files("pyproject.toml")
    repository = Repository(tmp_path / "repository")
    (repository.path / "pyproject.toml").write_text(settings, encoding="utf-8")
    unused = GOOD.replace("  width: 16\n", "  width: 16\n  depth: 3\n")
    repository.write(specs__new=unused, specs__old__net=unused)
    done = repository.run("graphcnn", "validate", "specs")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("warning[") == 1
    assert done.stdout.startswith("specs/new.yaml:7:3: warning[unused-parameter]")


@pytest.mark.parametrize(
    ("text", "code", "failures"), [(GOOD, 0, "0"), (BAD, 1, "1"), (COSTLY, 1, "1")]
)
def test_its_gitlab_job_does_what_it_says(
    tmp_path: Path, text: str, code: int, failures: str
) -> None:
    (config,) = files(".gitlab-ci.yml")
    assert mistakes("vendor.gitlab-ci", written(tmp_path, ".gitlab-ci.yml", config)) == ""
    repository = Repository(tmp_path / "repository")
    repository.write(specs__net=GOOD)
    assert repository.commit().returncode == 0
    base = repository.git("rev-parse", "HEAD")
    repository.write(specs__net=text)
    script = "\n".join(yaml.safe_load(config)["specs"]["script"])
    command = ("bash", "-eo", "pipefail", "-c", script)
    done = repository.run(*command, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == code, done.stderr
    suites = ET.parse(repository.path / "graphcnn.xml").getroot()  # noqa: S314 - our own
    assert suites.get("failures") == failures
    assert (repository.path / "graphcnn.sarif").stat().st_size > 0
    assert (repository.path / "diff.md").stat().st_size > 0
    (repository.path / "diff.md").unlink()
    assert repository.run(*command).returncode == code
    assert "diff.md" not in os.listdir(repository.path)  # noqa: PTH208 - names are what is asked
