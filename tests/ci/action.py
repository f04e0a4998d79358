"""The steps of action.yml, run as GitHub's runner would run them.

Expressions are replaced by what a test says of them, and `gh` is a program that keeps comments in
a file.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import yaml

from tests.ci.repository import BIN, ROOT, Repository

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}

_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")

_GH = """\
#!{python}
import json, os, pathlib, sys
import jq
store = pathlib.Path(os.environ["GH_STORE"])
if "GH_FAILS" in os.environ:
    sys.exit("HTTP 403: Resource not accessible by integration")
comments = json.loads(store.read_text())
arguments = sys.argv[1:]
assert arguments.pop(0) == "api", arguments
options, places = {{}}, []
while arguments:
    word = arguments.pop(0)
    if word in ("--paginate", "--silent"):
        continue
    if word in ("--jq", "--method", "--field"):
        options[word] = arguments.pop(0)
    else:
        places.append(word)
(place,) = places
if "--field" not in options:
    assert place == "repos/owner/name/issues/7/comments", place
    for found in jq.compile(options["--jq"]).input_value(comments).all():
        print(found)
else:
    name, _, path = options["--field"].partition("=@")
    body = pathlib.Path(path).read_text()
    if options.get("--method") == "PATCH":
        number = int(place.removeprefix("repos/owner/name/issues/comments/"))
        (comment,) = (one for one in comments if one["id"] == number)
        comment[name] = body
    else:
        assert place == "repos/owner/name/issues/7/comments", place
        user = {{"type": "Bot"}}
        comments.append({{"id": len(comments) + 1, "user": user, name: body}})
    store.write_text(json.dumps(comments))
"""


class Runner:
    """A job on a repository."""

    def __init__(self, repository: Repository, **inputs: str) -> None:
        self.repository = repository
        self.temporary = repository.path.parent / "runner"
        self.temporary.mkdir(exist_ok=True)
        self.summary = self.temporary / "summary.md"
        self.output = self.temporary / "output"
        self.store = self.temporary / "comments.json"
        self.known = {
            f"inputs.{name}": str(about["default"]) for name, about in ACTION["inputs"].items()
        } | {
            "github.event.pull_request.base.sha": "",
            "github.event.pull_request.number": "7",
            "github.repository": "owner/name",
            "github.token": "no token",
            "steps.install.outputs.command": str(BIN / "graphcnn"),
            "steps.python.outputs.python-path": sys.executable,
        }
        self.known |= {f"inputs.{name.replace('_', '-')}": text for name, text in inputs.items()}
        if not self.store.exists():
            self.store.write_text("[]")
        gh = self.temporary / "gh"
        gh.write_text(_GH.format(python=sys.executable))
        gh.chmod(0o755)

    @property
    def comments(self) -> list[str]:
        """What stands below the pull request."""
        return [comment["body"] for comment in json.loads(self.store.read_text())]

    def run(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the step of that name."""
        step = STEPS[name]
        assert step["shell"] == "bash"
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        environment = {name: self.value(text) for name, text in step["env"].items()} | {
            "GH_STORE": str(self.store),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.repository.path),
            "PATH": f"{self.temporary}{os.pathsep}{self.repository.environment['PATH']}",
            "RUNNER_TEMP": str(self.temporary),
        }
        # How a step with `shell: bash` is run, see GitHub's workflow syntax.
        command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script))
        return self.repository.run(*command, **environment, **more)

    def value(self, text: str) -> str:
        """A text with its expressions worked out; one that is not known is a mistake."""
        return _EXPRESSION.sub(lambda found: self._first(found[1]), text)

    def _first(self, expression: str) -> str:
        values = [self.known[name] for name in expression.split(" || ")]
        return next(filter(None, values), "")
