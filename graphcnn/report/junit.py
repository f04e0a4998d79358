"""Diagnostics as JUnit's XML, which every CI server shows as the results of tests.

The elements and attributes are those that Jenkins' schema `junit-10.xsd` and GitLab know alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.report import text
from graphcnn.report.checked import Checked
from graphcnn.report.terminal import clean

NAME = "graphcnn.validate"


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    checked: Sequence[Checked] = (),
    color: bool = False,  # noqa: ARG001 - XML has none
) -> str:
    """A suite with a test for each spec, in ASCII.

    A spec with findings has failed, and one that could not be looked at has an error. Without
    ``checked`` each file with findings is a spec.
    """
    cases = [*map(_case, checked or _by_file(diagnostics))]
    suite = ET.Element("testsuite", {"name": NAME, **_counts(cases, checked)})
    suite.extend(cases)
    suites = ET.Element("testsuites", {"name": NAME, **_counts(cases, checked)})
    suites.append(suite)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _by_file(diagnostics: Iterable[Diagnostic]) -> list[Checked]:
    files: dict[str, list[Diagnostic]] = {}
    for one in diagnostics:
        files.setdefault(one.span.file.name, []).append(one)
    return [Checked(name, tuple(found)) for name, found in files.items()]


def _counts(cases: Sequence[ET.Element], checked: Iterable[Checked]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "time": _seconds(sum(one.seconds for one in checked)),
    }


def _case(spec: Checked) -> ET.Element:
    attributes = {"classname": NAME, "name": clean(spec.name), "time": _seconds(spec.seconds)}
    case = ET.Element("testcase", attributes)
    if spec.failure is not None:
        ET.SubElement(case, "error", {"type": "unreadable", "message": clean(spec.failure)})
    elif spec.diagnostics:
        first = min(spec.diagnostics, key=lambda one: one.severity is not Severity.ERROR)
        message = clean(f"{first.span}: {first.message}")
        failure = ET.SubElement(case, "failure", {"type": first.code, "message": message})
        failure.text = text.render(spec.diagnostics)
    return case


def _seconds(duration: float) -> str:
    return f"{duration:.3f}"
