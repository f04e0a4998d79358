"""Settings of the whole test run: hypothesis profiles, threads, the reference models."""

from __future__ import annotations

import os
import signal
from types import ModuleType

import hypothesis
import pytest

from graphcnn.backends import Device

# Several workers share the cores, so each counts on one; set before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Slow machines are no bugs, so no profile has a deadline. Continuous integration tries the same
# examples every time, that a red run can be repeated; at home each run tries new ones.
hypothesis.settings.register_profile(
    "default", deadline=None, max_examples=50, derandomize="CI" in os.environ
)
# Ten times as many where a test does not say itself how many; those that look for what nobody
# thought of (`test_fuzz`, `test_differential`) say thousands.
hypothesis.settings.register_profile("exhaustive", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Where tests run in the background this is ignored, and so it would be by the programs that they
# start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Emitted files, which tests read; `--doctest-modules` would import them.
collect_ignore_glob = ["golden/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden anew from what is emitted now",
    )
    parser.addoption(
        "--device",
        choices=[*Device],
        default=Device.CPU,
        help="what the shipped models are verified on: the cpu, or the gpu of those frameworks "
        "that find one",
    )


@pytest.fixture
def device(pytestconfig: pytest.Config) -> Device:
    """What `--device` says."""
    return Device(pytestconfig.getoption("--device"))


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """Torchvision, importable beside any build of torch; see `tests.reference`."""
    # Imported here because tests without a framework should not wait for one.
    from tests import reference

    return reference.torchvision()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tables of what exhaustive tests verified."""
    from tests.verification.tally import tables

    ended = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    for table in tables(ended):
        terminalreporter.section("verified")
        terminalreporter.write(table)
