"""Random specs over all ops and structures compute the same in every backend.

What a run of many found is told in docs/verify.md; each bug has a spec in tests/backends/specs.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, assume, given, note, seed, settings
from hypothesis import strategies as st

from graphcnn.compiler import Model, compile_file
from graphcnn.ops import OPS
from graphcnn.source import SourceFile
from graphcnn.verification import Verdict
from tests.backends.graph_draws import graphs
from tests.backends.op_draws import ALONE, ELSEWHERE
from tests.backends.spec_draws import specs
from tests.backends.test_emit_fuzz import SLOW
from tests.verification.runs import verified
from tests.verification.tally import Drawn, Record, record

#: parts of `make test-all`, so that workers share them and it shows how far they are
PARTS = 12

#: all but to explain a failure, which draws hundreds of models more
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]


#: what makes equal cells of one
REPEATS = {"adaptive_avg_pool", "adaptive_max_pool", "pad", "tile", "upsample"}


def may_tie(model: Model) -> bool:
    """Whether a max pool of volumes may see equal cells: TensorFlow's gradient is its own then."""
    nodes = model.ir.nodes
    pools = any(n.op.name == "max_pool" and len(n.inputs[0].shape or ()) == 4 for n in nodes)
    return pools and any(node.op.name in REPEATS for node in nodes)


def all_hold(files: st.SearchStrategy[SourceFile], count: int, part: int, report: Record) -> None:
    """So many draws compute the same everywhere, about half of them in training too."""
    drawn = Drawn()

    # The number of the part counts where draws are to be the same each time; else none repeats.
    @seed(part if settings().derandomize else None)
    @settings(max_examples=count, phases=PHASES, suppress_health_check=SLOW)
    @given(files, st.booleans())
    def holds(file: SourceFile, train: bool) -> None:
        note(file.text)
        model = compile_file(file)
        train = train and not may_tie(model)
        found = verified(model, train=train)
        undecided = found.verdict is Verdict.UNDECIDED
        drawn.unsteady += undecided
        assume(not undecided)
        assert found.passed, found.to_dict()
        drawn.add(model, train=train)

    try:
        holds()
    finally:
        record(report, drawn)


def test_every_op_is_drawn() -> None:
    assert {*ALONE, *ELSEWHERE} == {op.name for op in OPS}


def test_random_graphs(record_property: Record) -> None:
    all_hold(graphs(), 30, 0, record_property)


def test_random_blocks(record_property: Record) -> None:
    all_hold(specs(), 6, 0, record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_many_random_graphs(part: int, record_property: Record) -> None:
    all_hold(graphs(), 200, part, record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_many_random_blocks(part: int, record_property: Record) -> None:
    all_hold(specs(), 20, part, record_property)
