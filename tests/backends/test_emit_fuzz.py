"""Emitted files of random specs: what holds of the written ones holds of any."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from ruff.__main__ import find_ruff_bin

from graphcnn.compiler import compile_file
from graphcnn.source import SourceFile
from tests.backends.emitted import check
from tests.backends.spec_draws import specs

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def holds(file: SourceFile) -> None:
    text = check(compile_file(file))
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert not done.stdout


@settings(max_examples=25, suppress_health_check=SLOW)
@given(specs())
def test_random_specs(file: SourceFile) -> None:
    holds(file)


@pytest.mark.exhaustive
@settings(max_examples=500, suppress_health_check=SLOW)
@given(specs())
def test_more_random_specs(file: SourceFile) -> None:
    holds(file)
