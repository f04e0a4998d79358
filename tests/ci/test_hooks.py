"""The hooks in the real pre-commit: a good spec passes, a bad one and a costly change do not."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.repository import BAD, BIN, COSTLY, GOOD, OTHER, ROOT, Repository, project
from tests.inline import spec

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose hooks are those of the manifest, run from this environment."""
    made = Repository(tmp_path / "repository")
    hooks = [hook | {"language": "system"} for hook in HOOKS]
    install(made, {"repo": "local", "hooks": hooks})
    return made


def install(repository: Repository, hooks: dict[str, Any]) -> None:
    config = yaml.safe_dump({"repos": [hooks]}, sort_keys=False)
    (repository.path / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    done = repository.run("pre-commit", "install")
    assert done.returncode == 0, done.stderr


def test_the_manifest_is_one() -> None:
    done = subprocess.run(
        [BIN / "pre-commit", "validate-manifest", MANIFEST], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_good_spec_is_committed_and_a_bad_one_is_not(repository: Repository) -> None:
    repository.write(specs__net=GOOD, compose=OTHER)
    done = repository.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    repository.write(specs__net=BAD)
    done = repository.commit()
    assert done.returncode == 1
    assert "specs/net.yaml:12:21: error" in done.stderr + done.stdout
    assert "error[unknown-attribute]" in done.stderr + done.stdout
    repository.write(specs__net=COSTLY)
    done = repository.commit()
    assert done.returncode == 1
    assert "error[expectation-failed]" in done.stderr + done.stdout
    assert repository.git("rev-list", "--count", "HEAD") == "1"


def test_a_layout_is_mended_and_the_commit_stopped(repository: Repository) -> None:
    ugly = GOOD.replace("name: net", "name:    net   # the net")
    assert ugly != GOOD
    repository.write(net=ugly)
    done = repository.commit()
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stderr + done.stdout
    mended = (repository.path / "net.yaml").read_text(encoding="utf-8")
    assert "\nname: net " in mended
    done = repository.commit()
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_come_in_batches(repository: Repository) -> None:
    """Names that are longer than a command line can be are handed over in several."""
    library = "graphcnn: 1\nname: lib\n\nblocks:\n  unit:\n    graph:\n      - relu\n"
    folder = f"{'deep' * 50}__" * 4
    using = spec("- unit", head="imports: [lib.yaml]")
    repository.write(**{f"{folder}lib": library})
    repository.write(**{f"{folder}net{k}": using for k in range(200)})
    repository.write(**{f"{folder}net150": using.replace("- unit", "- unitt")})
    repository.git("add", "--all")
    done = repository.run("pre-commit", "run", "graphcnn-validate", "--all-files", "--verbose")
    assert done.returncode == 1
    assert done.stdout.count("error[unknown-op]") == 1
    assert "specs, no errors" in done.stdout  # the batch that does not have it


def test_a_changed_library_can_have_all_specs_checked(repository: Repository) -> None:
    """As docs/ci.md says: one hook for the folder, whatever changes in it."""
    hook = HOOKS[0] | {"language": "system", "args": ["specs"], "pass_filenames": False}
    install(repository, {"repo": "local", "hooks": [hook]})
    library = "graphcnn: 1\nname: lib\nblocks: {unit: {graph: [relu]}}\n"
    repository.write(specs__lib=library, specs__net=spec("- unit", head="imports: [lib.yaml]"))
    assert repository.commit().returncode == 0
    repository.write(specs__lib=library.replace("unit", "cell"))
    done = repository.commit()
    assert done.returncode == 1
    assert "specs/net.yaml" in done.stderr + done.stdout


@pytest.mark.exhaustive
def test_pre_commit_installs_the_hooks_itself(tmp_path: Path) -> None:
    source = project(tmp_path / "graphcnn")
    repository = Repository(tmp_path / "repository")
    repository.environment.pop("PYTHONPATH", None)
    revision = source.git("rev-parse", "HEAD")
    hooks = [{"id": hook["id"]} for hook in HOOKS]
    install(repository, {"repo": str(source.path), "rev": revision, "hooks": hooks})
    repository.write(specs__net=GOOD, compose=OTHER)
    done = repository.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    repository.write(specs__net=BAD)
    done = repository.commit()
    assert done.returncode == 1
    assert "error[unknown-attribute]" in done.stderr + done.stdout
