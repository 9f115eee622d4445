"""JUnit XML, which CI systems show as tests: one for each gate and each question."""

from xml.etree import ElementTree as ET

from evals.report import Report
from evals.scoring import ScoredResult


def junit_report(report: Report) -> str:
    """Write gates and questions as test cases.

    A missed gate is a failure, a question that could not be run an error. A question fails by what
    the set demands of it alone (`status`, the `must_…` fields) and by a broken citation; figures
    are what gates are for, and are listed as properties.
    """
    root = ET.Element("testsuites", name=report.name)
    gates = _suite(root, "gates", report)
    for verdict in report.verdicts:
        case = ET.SubElement(gates, "testcase", classname="gates", name=verdict.figure)
        match verdict.passed:
            case False:
                ET.SubElement(case, "failure", message=_legal(verdict.reason))
            case None:
                ET.SubElement(case, "skipped", message=_legal(verdict.reason))
            case True:
                pass
    questions = _suite(root, "questions", report)
    for row in report.scores.rows:
        _add_question(questions, row)
    for suite in (gates, questions):
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, report: Report) -> ET.Element:
    return ET.SubElement(root, "testsuite", name=name, timestamp=report.record.created_at)


def _add_question(suite: ET.Element, row: ScoredResult) -> None:
    seconds = row.result.seconds.get("total", row.result.seconds.get("search", 0.0))
    name = _legal(f"{row.question.id}: {' '.join(row.question.question.split())}")
    case = ET.SubElement(suite, "testcase", classname="questions", name=name)
    case.set("time", f"{seconds:.3f}")
    if row.figures:
        properties = ET.SubElement(case, "properties")
        for figure, value in row.figures.items():
            ET.SubElement(properties, "property", name=figure, value=f"{value:.4g}")
    if row.result.failed:
        ET.SubElement(case, "error", message=_legal(row.result.error or ""))
    elif problems := _problems(row):
        ET.SubElement(case, "failure", message=_legal("; ".join(problems)))


def _problems(row: ScoredResult) -> list[str]:
    problems = []
    if row.figures.get("answer.status") == 0:
        problems.append(f"the status is {row.result.status}, not {row.question.status}")
    if row.figures.get("answer.checks") == 0:
        problems.append("the answer lacks what it must contain, or has what it must not")
    if row.figures.get("answer.tools") == 0:
        missing = [name for name in row.question.tools if name not in row.result.tools]
        problems.append(f"not called: {', '.join(missing)}")
    broken = [cite.marker for cite in row.result.citations if not cite.resolves]
    if broken:
        problems.append(f"citations lead nowhere: {broken}")
    return problems


def _legal(text: str) -> str:
    """Replace the control characters that no XML document may have, escaped or not."""
    return "".join(
        character if character >= " " or character in "\t\n\r" else "�" for character in text
    )
