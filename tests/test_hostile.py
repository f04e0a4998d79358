"""Specs that are written to take time or memory: each ends soon, and says why.

Every one is checked in a process of its own, so that its memory can be measured. The system's count
of that is Linux' own: the one that `resource` gives begins with the size of the parent.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from graphcnn.codes.code import spec

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SECONDS = 10
"""Of CPU; they take one or two. A slow machine that does other things is no bug."""

MEGABYTES = 500

_SCRIPT = """
import json, re, sys, time
from pathlib import Path
from graphcnn.compiler import check
from graphcnn.diagnostics import SpecError
from graphcnn.lint import Selection
from graphcnn.syntax import decode

data = sys.stdin.buffer.read()
begin = time.process_time()
try:
    found = check(decode(data, "net.yaml"), warnings=Selection())
except SpecError as error:
    found = error.diagnostics
seconds = time.process_time() - begin
kilobytes = re.search("VmHWM:[^0-9]+([0-9]+)", Path("/proc/self/status").read_text())[1]
print(json.dumps([seconds, int(kilobytes) / 1024, sorted({one.code for one in found})]))
"""


def _tree(leaf: str, use: str = "b{}", width: int = 10, *, block: str = "") -> str:
    """Ten blocks of which each uses the one before ``width`` times."""
    lines = [f"  b0: {{{block} graph: [{leaf}]}}"]
    for k in range(1, 10):
        uses = ", ".join([use.format(k - 1)] * width)
        lines.append(f"  b{k}: {{{block} graph: [{uses}]}}")
    return "blocks:\n" + "\n".join(lines) + "\n"


def _listed(what: str, count: int, between: str = ", ") -> str:
    return between.join(what.format(k=k) for k in range(count))


HOSTILE = {
    "blocks of blocks": (spec("- b9", head=_tree("relu")), "too-many-nodes"),
    "blocks of nothing": (spec("- b9", head=_tree("")), "too-many-nodes"),
    "blocks with parameters": (
        spec(
            "- b9: {n: 1}",
            head=_tree(
                "relu", "{{b{}: {{n: $(m)}}}}", block="parameters: {n: int}, let: {m: $(n + 1)},"
            ),
        ),
        "too-many-nodes",
    ),
    "recursion that branches": (
        spec(
            "- t: {n: 40}",
            head="blocks:\n  t:\n    parameters: {n: int}\n    graph:\n"
            + "      - {t: {n: $(n - 1)}, when: $(n > 0)}\n" * 2,
        ),
        "too-many-nodes",
    ),
    "loops in loops": (
        spec(
            "- {for: {a: $n}, do: [{for: {b: $n}, do: [{for: {c: $n}, do: [relu]}]}]}",
            head="let: {n: $(range(5000))}",
        ),
        "too-many-nodes",
    ),
    "many variants": (
        spec(
            "- {conv: {out: $n, kernel: 99}}",
            head=f"parameters: {{n: 1}}\nvariants: {{{_listed('v{k}: {{n: {k}}}', 50_000)}}}",
        ),
        "too-large",
    ),
    "variants of a large file": (
        spec(
            "- relu",
            head=f"parameters: {{n: 1, {_listed('p{k}: 1', 50_000)}}}\n"
            f"variants: {{{_listed('v{k}: {{n: {k}}}', 1000)}}}",
        ),
        "too-many-nodes",
    ),
    "an endless list of inputs": (
        spec(f"- {{concat: {{}}, from: [{_listed('image', 9000)}], repeat: 1000}}"),
        "too-many-nodes",
    ),
    "thousands of outputs": (
        spec("- {for: {k: $(range(9999))}, do: [{split: 1000, from: image, id: half$k}]}").replace(
            "[3, 32, 32]", "[1000, 8, 8]"
        ),
        "too-many-nodes",
    ),
    "lists of lists in a loop": (
        spec(f"- for: {{{_listed('a{k}: $(range(5000))', 3000)}}}\n  do: [relu]"),
        "too-much-work",
    ),
    "long expressions": (
        spec("\n".join([f'- conv: "$(len([{_listed("1", 950, ",")}]))"'] * 8000)),
        "too-much-work",
    ),
    "ids of many unknown parts": (
        spec(
            "\n".join(
                [f'- {{relu: {{}}, id: "{"$(w)b" * 20}{k}"}}' for k in range(50)]
                + [f"- {{relu: {{}}, from: {'b' * 9000}}}"] * 50
            ),
            head="let: {w: a}",
        ),
        "undefined-id",
    ),
    "arguments that no block has": (
        spec(
            "\n".join([f"- b: {{{_listed('q{k}: 1', 100)}}}"] * 2000),
            head=f"blocks: {{b: {{parameters: {{{_listed('p{k}: 1', 1000)}}}, graph: [relu]}}}}",
        ),
        "unknown-parameter",
    ),
    "attributes that no op has": (
        spec("\n".join(f"- {{conv: {{out: 8, kernel: 1, strid{k}: 2}}}}" for k in range(30_000))),
        "unknown-attribute",
    ),
    "symbols that multiply": (
        spec(
            "- {sequence: [{max_pool: {kernel: 3, stride: 2, padding: 1}}, {upsample: 5}, {pad: 1}]"
            ", repeat: 60}"
        ).replace("[3, 32, 32]", "[3, H, W]"),
        "too-much-work",
    ),
    "names that nobody reads": (
        spec("- relu", head=f"let: {{{_listed('l{k}: {k}', 40_000)}}}"),
        "unused-let",
    ),
    "uses of names that are computed": (
        spec(
            "- {use: $q}",
            head="parameters: {q: b1}\nblocks:\n"
            + _listed(
                "  b{k}: {{parameters: {{p{k}: 1}}, "
                "graph: [{{use: $q, with: {{p{k}: 2}}, when: false}}]}}",
                5_000,
                "\n",
            )
            + "\n",
        )
        + "# graphcnn: ignore[last-dropout]\n",
        "unused-ignore",
    ),
    "comments that ignore nothing": (
        spec("- relu")
        + "  # graphcnn: ignore[last-dropout]\n" * 100_000
        + "  - relu  # graphcnn: ignore[last-dropout]\n" * 20_000,
        "unused-ignore",
    ),
    "a shortcut of many layers": (
        spec(
            "- identity\n" * 3_000
            + "- {identity: {}, id: end}\n"
            + "- {add: {}, from: [end, end], id: sum}\n"
            + "- {add: {}, from: [end, end]}\n" * 3_000
        ),
        "unused-value",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_it_ends_soon_and_small(case: str) -> None:
    text, code = HOSTILE[case]
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=text.encode(), capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    seconds, megabytes, codes = json.loads(run.stdout)
    assert code in codes
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
