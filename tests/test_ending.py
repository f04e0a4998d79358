"""Being told to end: what is half written goes, and the exit code says which signal it was."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.inline import spec

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="other signals")

SECONDS = 60

#: `graphcnn build` with a backend that stops halfway in its file
BUILD = """
import time
from graphcnn import cli
from graphcnn.backends import File
from graphcnn.commands import build

class Slow:
    name, suffix = "slow", ".slow"
    support = emit = print

    def files(self, model, weights, name):
        yield File(name, self.pieces())

    def pieces(self):
        yield b"half of it"
        time.sleep(60)

build.find = lambda name: Slow()
cli.main(["build", "net.yaml", "-b", "slow", "-o", "net.slow"])
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_nothing_is_left_beside_the_file(ending: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(spec("- relu"))
    run = subprocess.Popen([sys.executable, "-c", BUILD], cwd=tmp_path, stderr=subprocess.PIPE)
    end = time.monotonic() + SECONDS
    while not any(path.name.startswith(".net.slow.") for path in tmp_path.iterdir()):
        assert run.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    run.send_signal(ending)
    _, said = run.communicate(timeout=SECONDS)
    assert (run.returncode, said.strip()) == (128 + ending, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """As `nohup` has it."""
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from graphcnn.commands import shell\n"
        "shell._end_in_order()\n"
        "os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('on')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"on"
