"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from graphcnn import cli
from graphcnn.backends import names
from graphcnn.commands import shell
from graphcnn.commands.new import STARTER
from graphcnn.commands.zoo import Entry
from tests.inline import spec

GOOD = spec("- conv: {out: 8, kernel: 3}")
BAD = spec("- conv: {out: 8, kernel: 0}")
COMMAND = [sys.executable, "-m", "graphcnn"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "NO_COLOR", "GRAPHCNN_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str, input: str | bytes | None = None) -> Result:  # noqa: A002 - click's word
        result = CliRunner().invoke(cli.main, arguments, input=input, prog_name="graphcnn")
        assert "Traceback" not in result.output
        return result

    return invoke


def process(
    *arguments: str, env: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    """A real process, for what only one shows."""
    environment = {**os.environ, **(env or {})}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [*COMMAND, *arguments], check=False, env=environment, **options
    )


# --- help and version


def test_help_lists_the_commands(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in ("validate", "summary", "build", "zoo", "ops", "schema", "new", "explain"):
        assert f"\n  {command} " in result.output
    assert run("-h").output == result.output


@pytest.mark.parametrize("command", sorted(cli.main.commands))
def test_every_command_has_help(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage: graphcnn" in result.output


def test_version(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").output == f"graphcnn {version('graphcnn')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["validate"],
        ["validate", "--format", "xml", "a.yaml"],
        ["validate", "--jobs", "0", "a.yaml"],
        ["summary"],
        ["summary", "resnet50", "--depth", "0"],
        ["summary", "resnet50", "--depth", "x"],
        ["summary", "resnet50", "--depth", "1", "--format", "json"],
        ["summary", "resnet5"],
        ["summary", "."],
        ["summary", "no.yaml"],
        ["summary", ""],
        ["summary", "a\0b"],
        ["summary", "resnet50", "--set", "classes"],
        ["summary", "resnet50", "--set", "=3"],
        ["summary", "resnet50", "--set", "classes="],
        ["summary", "resnet50", "--set", "classes=ten"],
        ["summary", "resnet50", "--set", "classes=[1"],
        ["summary", "resnet50", "--set", "clases=10"],
        ["summary", "resnet50", "--set", "classes=1", "--set", "classes=2"],
        ["build", "resnet50"],
        ["build", "resnet50", "--backend", "pytorhc"],
        ["ops", "convv"],
        ["explain", "shape-mismatched"],
        ["new", "1st"],
        ["new", "class"],
        ["new", "a/b"],
        ["new", "é"],
    ],
)
def test_wrong_requests_end_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["summary", "resnett50"], "did you mean `resnet50`?"),
        (["summary", "resnet50", "--set", "clases=10"], "did you mean `classes`?"),
        (["build", "resnet50", "--backend", "pytorhc"], "did you mean `pytorch`?"),
        (["ops", "convv"], "did you mean `conv`?"),
        (["ops", "CONV"], "did you mean `conv`?"),
        (["ops", "BatchNorm2d"], "did you mean `batch_norm`?"),
        (["ops", "swish"], "did you mean `silu`?"),
        (["explain", "shape-mismatched"], "did you mean `shape-mismatch`?"),
    ],
)
def test_misspelt_names_are_recognised(run: Run, arguments: list[str], hint: str) -> None:
    assert hint in run(*arguments).stderr


# --- validate


def test_a_clean_file(run: Run) -> None:
    Path("net.yaml").write_text(GOOD, encoding="utf-8")
    result = run("validate", "net.yaml")
    assert (result.exit_code, result.output) == (0, "1 spec, no errors\n")
    result = run("validate", "net.yaml", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_findings(run: Run) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    result = run("validate", "net.yaml")
    assert result.exit_code == 1
    assert result.stdout.startswith("net.yaml:5:28: error[bad-value]: ")
    (found,) = json.loads(run("validate", "net.yaml", "--format", "json").stdout)
    assert list(found) == [
        "file", "line", "column", "end_line", "end_column",
        "severity", "code", "message", "notes", "help",
    ]  # fmt: skip
    assert (found["file"], found["line"], found["column"]) == ("net.yaml", 5, 28)
    assert (found["end_line"], found["end_column"]) == (5, 29)
    assert (found["severity"], found["code"]) == ("error", "bad-value")


def test_standard_input(run: Run) -> None:
    assert run("validate", "-", input=GOOD).exit_code == 0
    result = run("validate", "-", input=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>:5:28: error[bad-value]")
    assert "not-utf8" in run("validate", "-", input=b"name: \xff").stdout
    assert "empty-file" in run("validate", "-", input="").stdout


def test_folders(run: Run) -> None:
    for path in ("a/one.yaml", "a/b/two.yml", "a/.hidden/three.yaml", "a/readme.txt"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(BAD, encoding="utf-8")
    found = json.loads(run("validate", "a", "--format", "json").stdout)
    assert [one["file"] for one in found] == ["a/one.yaml", "a/b/two.yml"]


def test_other_yaml_is_passed_by_where_that_is_asked_for(run: Run) -> None:
    """What a hook is given is any YAML of a repository; with a version line it is a spec."""
    Path("compose.yaml").write_text("services: {}\n---\nvalue: !Ref other\n", encoding="utf-8")
    Path("net.yaml").write_text(GOOD, encoding="utf-8")
    result = run("validate", "--only-specs", "compose.yaml", "net.yaml")
    assert (result.exit_code, result.output) == (0, "1 spec, no errors\n")
    assert (run("validate", "--only-specs", "compose.yaml").output) == ""
    assert run("validate", "compose.yaml").exit_code == 1
    Path("net.yaml").write_text("# mine\ngraphcnn: 1\nname: [", encoding="utf-8")
    assert run("validate", "--only-specs", "net.yaml").exit_code == 1
    assert run("validate", "--only-specs", "no.yaml").exit_code == 2


def test_a_file_is_looked_at_once(run: Run) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    found = json.loads(run("validate", "net.yaml", ".", "net.yaml", "--format", "json").stdout)
    assert len(found) == 1


def test_what_an_import_has_wrong_is_said_once(run: Run) -> None:
    Path("lib.yaml").write_text(
        "graphcnn: 1\nname: lib\nblocks: {unit: {graph: [convv]}}\n", encoding="utf-8"
    )
    for name in ("a", "b"):
        text = spec("- unit", head="imports: [lib.yaml]")
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    for paths in (["a.yaml", "b.yaml"], ["."], ["a.yaml", "lib.yaml"]):
        found = json.loads(run("validate", *paths, "--format", "json").stdout)
        assert [(one["file"], one["code"]) for one in found] == [("lib.yaml", "unknown-op")]


def test_one_missing_file_hides_nothing(run: Run) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    Path("empty").mkdir()
    result = run("validate", "no.yaml", "empty", "net.yaml")
    assert result.exit_code == 2
    assert "error[bad-value]" in result.stdout
    assert "no.yaml: no such file" in result.stderr
    assert "empty holds no specs" in result.stderr


def test_all_variants_are_checked(run: Run) -> None:
    text = spec(
        "- conv: {out: $width, kernel: 3}",
        head="parameters: {width: 8}\nvariants: {small: {}, none_at_all: {width: 0}}",
    )
    Path("net.yaml").write_text(text, encoding="utf-8")
    (found,) = json.loads(run("validate", "net.yaml", "--format", "json").stdout)
    assert "in variant `none_at_all`" in found["notes"]


def test_a_variant_must_be_there(run: Run) -> None:
    text = spec("- conv: {out: 8}", head="variants: {small: {}}")
    Path("net.yaml").write_text(text, encoding="utf-8")
    assert run("validate", "net.yaml:small").exit_code == 0
    result = run("validate", "net.yaml:smal")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "graphcnn: net.yaml has no variant `smal`; did you mean `small`?\n"
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    result = run("validate", "net.yaml:smal")
    assert (result.exit_code, result.stderr) == (1, "")  # what hides variants comes first
    assert "error[bad-value]" in result.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name")
def test_a_pipe_is_no_missing_model(run: Run) -> None:
    os.mkfifo("pipe")
    for command in ("validate", "summary"):
        result = run(command, "pipe")
        assert (result.exit_code, result.stderr) == (2, "graphcnn: pipe is not a regular file\n")


def test_shipped_models_by_name(run: Run) -> None:
    assert run("validate", "resnet50").exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and devices are POSIX's")
def test_what_is_no_file(run: Run) -> None:
    os.mkfifo("pipe.yaml")
    assert "not a regular file" in run("validate", "pipe.yaml").stderr
    assert run("validate", "/dev/zero").exit_code == 2


def test_names_cannot_reach_the_terminal(run: Run) -> None:
    Path("specs\x1b[2J").mkdir()
    assert "\x1b" not in run("validate", "specs\x1b[2J").stderr


# --- summary


def test_summary_in_json(run: Run) -> None:
    result = run("summary", "resnet50", "--format", "json", "--set", "classes=10")
    found = json.loads(result.stdout)
    assert list(found) == [
        "model", "variant", "inputs", "outputs", "params", "buffers", "macs", "activations",
        "receptive_field", "layers",
    ]  # fmt: skip
    assert (found["model"], found["variant"]) == ("resnet", "resnet50")
    assert found["inputs"] == {"image": [3, 224, 224]}
    assert found["outputs"] == {"logits": [10]}
    assert (found["params"], found["buffers"]) == (23528522, 53120)
    assert list(found["layers"][0]) == [
        "name", "op", "inputs", "outputs", "params", "buffers", "macs", "file", "line",
    ]  # fmt: skip


def test_a_path_and_a_variant(run: Run) -> None:
    text = spec(
        "- conv: {out: $width, kernel: 1}",
        head="parameters: {width: 8}\nvariants: {small: {}, large: {width: 16}}",
    )
    Path("net.yaml").write_text(text, encoding="utf-8")
    found = json.loads(run("summary", "net.yaml:large", "--format", "json").stdout)
    assert (found["variant"], found["params"]) == ("large", 64)
    result = run("summary", "net.yaml:lage")
    assert result.exit_code == 2
    assert "did you mean `large`?" in result.stderr


def test_a_broken_spec_has_no_summary(run: Run) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    result = run("summary", "net.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[bad-value]" in result.stderr


def test_values_are_yaml(run: Run) -> None:
    text = spec(
        "- {use: $act, repeat: $(len(layers))}",
        head="parameters: {act: relu, layers: [1]}",
    )
    Path("net.yaml").write_text(text, encoding="utf-8")
    result = run(
        "summary", "net.yaml", "--set", "act=tanh", "--set", "layers=[1, 2]", "--format", "json"
    )
    assert [layer["op"] for layer in json.loads(result.stdout)["layers"]] == ["tanh", "tanh"]


# --- build


def test_build_writes_a_file(run: Run) -> None:
    result = run("build", "lenet5", "--backend", "pytorch", "-o", "net.py")
    assert (result.exit_code, result.output) == (0, "")
    text = Path("net.py").read_text(encoding="utf-8")
    assert "class " in text
    assert text == run("build", "lenet5", "-b", "pytorch").stdout
    assert text == run("build", "lenet5", "-b", "pytorch", "-o", "-").stdout
    assert os.listdir() == ["net.py"]  # noqa: PTH208 - names are what is asked for


def test_build_leaves_permissions_alone(run: Run) -> None:
    arguments = ("build", "lenet5", "-b", "pytorch", "-o", "net.py")
    run(*arguments)
    Path("other").touch()
    assert stat.S_IMODE(Path("net.py").stat().st_mode) == stat.S_IMODE(Path("other").stat().st_mode)
    Path("net.py").chmod(0o640)
    run(*arguments)
    assert stat.S_IMODE(Path("net.py").stat().st_mode) == 0o640


def test_build_follows_links(run: Run) -> None:
    Path("real.py").touch()
    Path("link.py").symlink_to("real.py")
    assert run("build", "lenet5", "-b", "pytorch", "-o", "link.py").exit_code == 0
    assert Path("link.py").is_symlink()
    assert Path("real.py").stat().st_size > 0


@pytest.mark.parametrize("output", [".", "no/such/folder.py", "file/net.py", ""])
def test_outputs_that_cannot_be(run: Run, output: str) -> None:
    Path("file").touch()
    result = run("build", "lenet5", "-b", "pytorch", "-o", output)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("graphcnn: ")
    assert sorted(os.listdir()) == ["file"]  # noqa: PTH208 - names are what is asked for


def test_what_is_wrong_with_an_output(run: Run) -> None:
    build = ("build", "lenet5", "-b", "pytorch", "-o")
    assert "the path to write to is empty" in run(*build, "").stderr
    assert "there is no folder no to write no/net.py into" in run(*build, "no/net.py").stderr
    if Path("/proc/self").is_dir():
        assert "/proc/net.py cannot be written" in run(*build, "/proc/net.py").stderr


def test_a_model_is_not_replaced_by_its_code(run: Run) -> None:
    library = "graphcnn: 1\nname: lib\nblocks: {unit: {graph: [relu]}}\n"
    Path("lib.yaml").write_text(library, encoding="utf-8")
    text = spec("- unit", head="imports: [lib.yaml]")
    Path("net.yaml").write_text(text, encoding="utf-8")
    Path("link.py").symlink_to("net.yaml")
    for output, reason in (
        ("net.yaml", "is the spec itself"),
        ("./link.py", "is the spec itself"),
        ("lib.yaml", "is imported by the spec"),
    ):
        result = run("build", "net.yaml", "-b", "pytorch", "-o", output)
        assert result.exit_code == 2
        assert result.stderr == f"graphcnn: {output} {reason}; name another file\n"
    assert Path("net.yaml").read_text(encoding="utf-8") == text
    assert Path("lib.yaml").read_text(encoding="utf-8") == library
    assert run("build", "net.yaml", "-b", "pytorch", "-o", "net.py").exit_code == 0


def test_weights_are_not_replaced_by_the_model(run: Run) -> None:
    run("build", "lenet5", "-b", "onnx", "-o", "net.onnx")
    assert run("weights", "convert", "net.onnx", "net.safetensors", "--model", "lenet5").stdout
    before = Path("net.safetensors").read_bytes()
    build = ("build", "lenet5", "-b", "onnx", "--weights", "net.safetensors", "-o")
    result = run(*build, "net.safetensors")
    assert result.exit_code == 2
    assert "net.safetensors holds the weights that were asked for" in result.stderr
    assert Path("net.safetensors").read_bytes() == before
    assert run(*build, "net.onnx").exit_code == 0


def test_a_failed_build_leaves_the_old_file(run: Run) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    Path("net.py").write_text("old", encoding="utf-8")
    assert run("build", "net.yaml", "-b", "pytorch", "-o", "net.py").exit_code == 1
    assert Path("net.py").read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no such device")
def test_a_pipe_is_written_to_by_its_device() -> None:
    written = process("build", "lenet5", "-b", "pytorch", "-o", "/dev/stdout", capture_output=True)
    assert (written.returncode, written.stderr) == (0, b"")
    assert written.stdout.startswith(b'"""')


def test_devices_are_written_to(run: Run) -> None:
    assert run("build", "lenet5", "-b", "pytorch", "-o", os.devnull).exit_code == 0
    assert not stat.S_ISREG(Path(os.devnull).stat().st_mode)


# --- zoo, ops, schema, new, explain


def test_zoo(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(run("zoo", "--format", "json").stdout)
    entry = next(entry for entry in found if entry["model"] == "resnet50")
    assert entry == {
        "model": "resnet50",
        "family": "resnet",
        "title": "ResNet",
        "doc": "Deep residual learning (He et al., 2015), with ResNeXt and Wide ResNet.",
        "year": 2015,
        "source": "https://arxiv.org/abs/1512.03385",
        "inputs": {"image": [3, 224, 224]},
        "params": 25557032,
        "buffers": 53120,
        "macs": 4089184256,
        "activations": 37561832,
        "receptive_field": [427, 427],
    }
    assert all(entry["year"] for entry in found)
    one = Entry(
        model="net", family="net", title=None, doc=None, source=None, inputs={"image": (3, 8, 8)},
        params=1234, buffers=0, macs=5678, activations=64, receptive_field=(3, 3),
    )  # fmt: skip
    monkeypatch.setattr("graphcnn.commands.zoo.entries", lambda _query: iter([one]))
    assert run("zoo").stdout == (
        "model  params     MACs      input  source\n"
        "net     1,234  5.678 K  (3, 8, 8)\n"
    )  # fmt: skip
    assert run("zoo", "--format", "markdown").stdout.splitlines()[2] == (
        "| `net` | 1,234 | 5.678 K | (3, 8, 8) |  |"
    )


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        (["resnet"], "resnet18", "vgg16"),  # a part of the name
        (["ResNeXt"], "resnet18", "resnet20"),  # of the description, in any case
        (["resnet", "params=25557032"], "resnet50", "resnet18"),
        (["resnet", "params<11.7M"], "resnet18", "resnet34"),
        (["resnet", "params >= 21.7M"], "resnet34", "resnet18"),
        (["shufflenet", "macs<=0.2e9"], "shufflenet_v2_x1_0", "shufflenet_v2_x2_0"),
        (["vit", "activations>50M"], "vit_l_16", "vit_b_32"),
        (["vgg", "buffers=0"], "vgg16", "vgg16_bn"),
        (["Deep Residual", "receptive_field>430"], "resnet34", "resnet50"),
        (["densenet", "input<=32"], "densenet40_k12", "densenet121"),
        (["resnet", "input=112"], "r3d_18", "resnet50"),
        (["lenet", "year<2000"], "lenet5", "googlenet"),
        (["vgg", "input=224", "params<132.87M"], "vgg11_bn", "vgg13"),
        (["resnet1202"], "resnet1202", "resnet20"),
    ],
)
def test_zoo_finds(run: Run, query: list[str], found: str, missing: str) -> None:
    result = run("zoo", "--format", "json", *query)
    names = [entry["model"] for entry in json.loads(result.stdout)]
    assert result.exit_code == 0
    assert found in names
    assert missing not in names


def test_zoo_that_finds_nothing(run: Run) -> None:
    result = run("zoo", "resnte50", "params<100M")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "graphcnn: no model fits; did you mean `resnet50`?\n"
    result = run("zoo", "params<1", "--format", "json")
    assert (result.exit_code, result.stdout) == (1, "[]\n")
    assert result.stderr == "graphcnn: no model fits\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("parms<5M", "there is no figure `parms`; did you mean `params`?"),
        ("depth<5", "there is no figure `depth`; there are params, buffers, macs, "),
        ("params", "`params` is compared with a number, in quotes: 'params<1000'"),
        ("params<", "`params<` is no condition: a figure, one of < <= > >= =, and a number "),
        ("params<5X", "`params<5X` is no condition"),
        ("params<1G macs<2G", "`params<1G macs<2G` is no condition"),
        (f"params<{'9' * 5000}", "is no condition"),
        ("params<1e1000000", "`params<1e1000000` is no condition"),
        ("<5M", "`<5M` is no condition"),
    ],
)
def test_zoo_asked_for_what_it_does_not_know(run: Run, query: str, message: str) -> None:
    result = run("zoo", query)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_ops(run: Run) -> None:
    from graphcnn.ops import OPS

    listed = run("ops").stdout
    for op in OPS:
        assert f"\n  {op.name} " in listed
        described = run("ops", op.name).stdout
        assert described.startswith(f"{op.name}: ")
        for name in op.attributes():
            assert f"\n  {name}: " in described


def test_schema(run: Run) -> None:
    assert json.loads(run("schema").stdout)["$id"] == "https://graphcnn.dev/schema/1.json"


def test_new(run: Run) -> None:
    assert run("new", "tiny").exit_code == 0
    assert run("validate", "tiny.yaml").output == "1 spec, no errors\n"
    for variant in ("tiny_small", "tiny_large"):
        assert run("summary", f"tiny.yaml:{variant}").exit_code == 0
        assert run("build", f"tiny.yaml:{variant}", "-b", "pytorch").exit_code == 0
    assert max(map(len, STARTER.splitlines())) <= 100


@pytest.mark.parametrize("name", ["torch", "random", "keras"])
def test_new_hides_no_module(run: Run, name: str) -> None:
    text = run("new", name, "-o", "-").stdout
    assert f"graphcnn build {name}.yaml --backend pytorch -o {name}_model.py\n" in text


def test_new_overwrites_nothing(run: Run) -> None:
    Path("tiny.yaml").write_text("mine", encoding="utf-8")
    result = run("new", "tiny")
    assert result.exit_code == 2
    assert "tiny.yaml exists already" in result.stderr
    assert Path("tiny.yaml").read_text(encoding="utf-8") == "mine"
    assert run("new", "tiny", "-o", "other.yaml").exit_code == 0
    assert run("validate", "other.yaml").exit_code == 0
    assert run("validate", "-", input=run("new", "tiny", "-o", "-").stdout).exit_code == 0


def test_explain(run: Run) -> None:
    assert "\nshape-mismatch " in run("explain").stdout
    for code in ("shape-mismatch", "[shape-mismatch]"):
        assert run("explain", code).stdout.startswith("shape-mismatch: ")


# --- completion


def completions(*arguments: str) -> list[str]:
    *before, incomplete = arguments
    complete = ShellComplete(cli.main, {}, "graphcnn", "_GRAPHCNN_COMPLETE")
    return [item.value for item in complete.get_completions(before, incomplete)]


def test_completion(run: Run) -> None:
    assert "summary" in completions("s")
    assert "resnet50" in completions("summary", "resn")
    assert completions("build", "resnet50", "--backend", "") == names()
    assert completions("ops", "max_") == ["max_pool"]
    assert "shape-mismatch" in completions("explain", "shape")


def test_a_shell_gets_its_script() -> None:
    result = process(env={"_GRAPHCNN_COMPLETE": "zsh_source"}, capture_output=True)
    assert result.returncode == 0
    assert b"_GRAPHCNN_COMPLETE=zsh_complete" in result.stdout


# --- how processes end


def test_a_reader_may_leave() -> None:
    writer = subprocess.Popen(
        [*COMMAND, "summary", "resnet152", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},  # unbuffered, Python misses the pipe's end
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer:
        assert writer.stdout.read(2) == b"{\n"
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == shell.BROKEN_PIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        result = process("summary", "lenet5", stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == shell.USAGE
    assert result.stderr.startswith(b"graphcnn: No space left on device")
    assert b"Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="this system has no /bin/sh")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("validate resnet18 >&-", 0),
        ("validate - <&-", shell.USAGE),
        ("new tiny -o - >&-", shell.USAGE),
        ("summary no_such_model 2>&-", shell.USAGE),
    ],
)
def test_closed_streams(arguments: str, code: int) -> None:
    command = f"{' '.join(COMMAND)} {arguments}"
    result = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    assert result.returncode == code
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_terminals_of_any_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(spec("- {convé: {}, id: 名前}"), encoding="utf-8")
    result = process("validate", str(path), env={"PYTHONIOENCODING": encoding}, capture_output=True)
    assert result.returncode == shell.FINDINGS
    assert b"error[" in result.stdout
    assert b"Traceback" not in result.stderr


def test_files_are_utf8_whatever_the_terminal_is() -> None:
    environment = {"PYTHONIOENCODING": "ascii"}
    result = process("new", "tiny", "-o", "-", env=environment, capture_output=True)
    assert result.stdout.decode() == STARTER.format(name="tiny", path="tiny.yaml", module="tiny")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a pipe does not say what it holds")
def test_an_interrupt_is_quiet() -> None:
    import fcntl
    import termios

    reader = subprocess.Popen(
        [*COMMAND, "validate", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdin is not None
    reader.stdin.write(b"graphcnn: 1")
    reader.stdin.flush()
    unread = bytearray(4)
    for _ in range(600):  # until it waits for more
        fcntl.ioctl(reader.stdin, termios.FIONREAD, unread)
        if not any(unread):
            break
        time.sleep(0.05)
    reader.send_signal(signal.SIGINT)
    _, errors = reader.communicate(timeout=10)
    assert reader.returncode == shell.INTERRUPTED
    assert errors.strip() == b""  # the end of the line that the terminal's ^C stands in


def test_a_bug_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the first line\nthe second")

    monkeypatch.setattr("graphcnn.compiler.compile_file", broken)
    result = run("summary", "lenet5")
    assert result.exit_code == shell.BUG
    assert result.stderr.startswith("graphcnn: a bug: RuntimeError in cli/arguments.py, line ")
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("GRAPHCNN_DEBUG", "1")
    result = CliRunner().invoke(cli.main, ["summary", "lenet5"])
    assert "Traceback" in result.stderr


def test_colours_are_for_terminals(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("net.yaml").write_text(BAD, encoding="utf-8")
    assert "\x1b" not in run("validate", "net.yaml").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("validate", "net.yaml").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("validate", "net.yaml").stdout


def test_main_can_be_called(run: Run) -> None:
    assert isinstance(cli.main, click.Group)
    assert cli.main(["--version"], standalone_mode=False) == 0
    with pytest.raises(SystemExit) as stop:
        cli.main(["frobnicate"])
    assert stop.value.code == 2
