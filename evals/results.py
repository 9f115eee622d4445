"""What a run saw of each question, kept as one JSON line a question."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import TypeAdapter, ValidationError

from evals.outputs import OutputError
from store.errors import OperatorError
from store.records import Passage, ScoredPassage

Status = Literal["answered", "partial", "not_found", "off_topic", "error"]

# The statuses of an answer that says something.
GIVEN = frozenset({"answered", "partial"})


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was searched up, with its text; `rank` counts from 1."""

    rank: int
    path: str
    anchor: str
    url: str
    score: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of an answer.

    `resolves` tells whether the index has such a section; `text` is the cited passage.
    """

    marker: int
    path: str
    anchor: str
    url: str
    resolves: bool
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one question.

    `attempt` counts from 1 how often it was asked. `answer` and `status` are None when only the
    retrieval was run. `turns` are the questions in front of this one, `version` and `locale` those
    of the docs that the reader is on, `tools` the names of the tools that were called for this one.
    `error` is set, and nothing else, when the run of this question failed: that is a failure, never
    a score. `problems` says of each citation in the answer what the server's own check found wrong
    with it, or None. `judge` names the judge that was asked, if any, and `judged` has its figures,
    unless it failed with `judge_error`. `cost` is in US dollars, None without a price. `evidence`
    is how good what was found is, from `threshold` on good enough for an answer.
    """

    id: str
    question: str
    retrieved: tuple[Retrieved, ...] = ()
    answer: str | None = None
    citations: tuple[Cited, ...] = ()
    status: Status | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    cost: float | None = None
    evidence: float | None = None
    threshold: float | None = None
    problems: tuple[str | None, ...] = ()
    tools: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    version: str = ""
    locale: str = ""
    attempt: int = 1
    judge: str | None = None
    judged: dict[str, float] = field(default_factory=dict)
    judge_reason: str | None = None
    judge_error: str | None = None
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether there is nothing to score."""
        return self.status == "error"


_RESULT = TypeAdapter(Result)


class ResultsError(OperatorError):
    """A results file that can't be taken up again."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line


def read_results(path: Path) -> list[Result]:
    """Read what a run has written so far; nothing when there is no such file.

    A last line that was cut short by the end of its run is left out. Raises `ResultsError` for
    any other line that is not a result.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ResultsError(path, error.strerror or "can't be read") from error
    except UnicodeDecodeError as error:
        raise ResultsError(path, "is not UTF-8") from error
    results = []
    # What is behind the last line feed is empty, or a line that was not finished.
    for number, line in enumerate(lines[:-1], start=1):
        try:
            results.append(_RESULT.validate_json(line))
        except ValidationError as error:
            raise ResultsError(path, "is not a result", line=number) from error
    return results


def ranked(found: Iterable[ScoredPassage], *, path_prefix: str) -> tuple[Retrieved, ...]:
    """Give search results their ranks, with their paths as the question set writes them."""
    return tuple(
        Retrieved(
            rank=rank,
            path=path_prefix + scored.passage.path,
            anchor=scored.passage.anchor,
            url=scored.passage.url,
            score=scored.score,
            text=scored.passage.text,
        )
        for rank, scored in enumerate(found, start=1)
    )


def cited(marker: int, passage: Passage, *, resolves: bool, path_prefix: str) -> Cited:
    """Record a citation, with its path as the question set writes it."""
    return Cited(
        marker=marker,
        path=path_prefix + passage.path,
        anchor=passage.anchor,
        url=passage.url,
        resolves=resolves,
        text=passage.text,
    )


class ResultsFile:
    """Keeps results as they come, so that an interrupted run loses none.

    Raises `OutputError` when it is entered and the file can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            raise OutputError(self._path, error.strerror or str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, result: Result) -> None:
        """Append a result, out of order."""
        self._file.write(_json_line(result))
        self._file.flush()

    def complete(self, results: Iterable[Result]) -> None:
        """Replace what was appended by all results, in order; whole or not at all."""
        ordered = self._path.with_name(self._path.name + ".part")
        ordered.write_text("".join(map(_json_line, results)), encoding="utf-8")
        ordered.replace(self._path)


def _json_line(result: Result) -> str:
    return json.dumps(asdict(result), ensure_ascii=False) + "\n"
