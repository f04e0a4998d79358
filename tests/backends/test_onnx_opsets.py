"""Files of every opset: each is valid in its own, and computes the same, in old runtimes too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from graphcnn import cli, load
from graphcnn.backends.onnx import Onnx
from graphcnn.backends.onnx.older import FORMS
from graphcnn.backends.onnx.opset import DEFAULT, NEWEST, OLDEST
from graphcnn.compiler import Model, compile_file
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.weights import Held
from tests.backends.emitted import SPECS, variants, written
from tests.backends.onnx_runs import Case, close, message, run
from tests.backends.op_uses import USES, Uses
from tests.inline import model as inline
from tests.inline import spec

#: onnxruntime 1.20 of November 2024, which `make` puts beside the current one
OLDER = Path(sys.prefix, "older")

#: own ops whose declarations name no ONNX operator
_NO_ONNX = {"declared_names", "declared_ops"}


def built(case: Case, opset: int | None = None) -> bytes:
    (file,) = Onnx(opset).files(case.model, lambda: Held(case.weights), "-")
    return b"".join(file.chunks)


def small() -> Iterator[Model]:
    """The specs of the tests, in all their variants."""
    for path in sorted(SPECS.glob("*.yaml")):
        if path.stem not in _NO_ONNX:
            yield from variants(written(path.stem))


@pytest.mark.parametrize("uses", USES, ids=str)
def test_ops(uses: Uses) -> None:
    case = Case(compile_file(uses.in_blocks("graph")))
    seen = {OLDEST, DEFAULT, NEWEST} | {since - 1 for since, _ in FORMS.values()}
    for opset in sorted(seen):
        data = built(case, opset)
        found = message(data)
        assert [one.version for one in found.opset_import if not one.domain] == [opset]
        case.agrees(run(data, case.inputs))


def test_specs_in_the_oldest() -> None:
    """Among them a pad before a max pool, which onnxruntime would make one of."""
    for model in small():
        case = Case(model)
        data = built(case, OLDEST)
        message(data)
        case.agrees(run(data, case.inputs))


#: its last window would start in the padding, where H is odd
ROUNDED = inline(spec("- max_pool: {kernel: 2, stride: 2, padding: 1, ceil: true}", image="[1, H]"))

RUNS = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import numpy as np
import onnxruntime as ort
assert ort.__version__.startswith("1.20."), ort.__version__
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
for path in sorted(Path(sys.argv[2]).glob("*.onnx")):
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    wanted = {one.name for one in session.get_inputs()}
    given = np.load(path.with_suffix(".npz"))
    outputs = session.run(names, {name: given[name] for name in given if name in wanted})
    np.savez(path.with_suffix(".out.npz"), **dict(zip(names, outputs)))
"""


def test_an_older_runtime(tmp_path: Path) -> None:
    """What is built without options loads in a runtime of two years ago, and computes the same."""
    assert OLDER.is_dir(), "make installs it: pip install --no-deps --target .venv/older …"
    models = [compile_file(uses.in_blocks("graph")) for uses in USES]
    cases = [Case(model) for model in (*models, *small())]
    cases += [Case(ROUNDED, {"H": size}) for size in (1, 3, 4, 5)]
    for number, case in enumerate(cases):
        (tmp_path / f"{number:03}.onnx").write_bytes(built(case))
        np.savez(tmp_path / f"{number:03}.npz", allow_pickle=False, **case.inputs)
    subprocess.run([sys.executable, "-c", RUNS, str(OLDER), str(tmp_path)], check=True)
    for number, case in enumerate(cases):
        with np.load(tmp_path / f"{number:03}.out.npz") as outputs:
            for name, expected in case.expected.items():
                close(outputs[name], expected, f"{case.model.name}: {name}")


# Operators that a spec names

GATED = """\
graphcnn: 1
name: gated
inputs: {image: [3, 8, 8]}
ops:
  gate: {shape: $in.shape, macs: 0, onnx: %s}
graph:
  - conv: 4
  - gate
"""


def version(data: bytes) -> tuple[int, int]:
    found = onnx.load_model_from_string(data)
    return found.opset_import[0].version, found.ir_version


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("Softsign", (21, 10)), ("Swish", (24, 12)), ("mine::Gate", (21, 10))],
)
def test_only_what_needs_a_newer_opset_has_one(operator: str, expected: tuple[int, int]) -> None:
    model = inline(GATED % operator)
    assert version(Onnx().emit(model)) == expected


def test_an_opset_without_the_operator_is_refused() -> None:
    model = inline(GATED % "Swish")
    with pytest.raises(SpecError) as caught:
        Onnx(23).emit(model)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.begin_position.line) == ("unsupported-op", 8)
    assert "`Swish` is in no opset before 24, and opset 23 was asked for" in diagnostic.message
    assert diagnostic.help == "ask for opset 24 or newer"


@pytest.mark.parametrize("operator", ["Gate", "Add", "Upsample"])
def test_an_operator_that_onnx_does_not_have(operator: str) -> None:
    """There is none of this name, it takes two inputs, it was taken out."""
    with pytest.raises(SpecError) as caught:
        Onnx().emit(inline(GATED % operator))
    (diagnostic,) = caught.value.diagnostics
    assert f"ONNX has no operator `{operator}` of 1 inputs" in diagnostic.message


# Asking for one


@pytest.mark.parametrize("opset", [16, 27, -1])
def test_opsets_that_cannot_be_written(opset: int) -> None:
    with pytest.raises(UsageError, match=f"opset {opset} cannot be written: 17 to 26 can"):
        load("lenet5").build("onnx", opset=opset)


def test_an_opset_is_for_onnx() -> None:
    with pytest.raises(UsageError, match="what `keras` writes has none"):
        load("lenet5").build("keras", opset=21)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def build(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, ("build", *arguments, "-b", "onnx", "-o", "net.onnx"))
        return result.exit_code, result.stderr

    assert build("lenet5", "--opset", "17") == (0, "")
    assert version(Path("net.onnx").read_bytes()) == (17, 8)
    assert build("lenet5") == (0, "")
    assert version(Path("net.onnx").read_bytes()) == (21, 10)
    Path("gated.yaml").write_text(GATED % "Swish")
    code, said = build("gated.yaml")
    assert code == 0
    assert said == (
        "graphcnn: the file is of opset 24, not 21: `gate` (gated.yaml:8:5) is in no opset before\n"
    )
    assert build("gated.yaml", "--opset", "21")[0] == 1
    Path("net.yaml").write_text(spec("- relu"))
    assert build("net.yaml", "--opset", "12") == (
        2,
        "graphcnn: opset 12 cannot be written: 17 to 26 can\n",
    )
