"""What one turn of the agent has gathered so far; the context that its tools are given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents import Usage
from chatkit.types import ProgressUpdateEvent

from server.answer.answer_text import TextRules
from server.answer.evidence import Evidence
from server.errors import RetrievalUnavailable
from server.search.abstention import DEFAULT_THRESHOLD
from server.search.rival_versions import rival_versions
from store.records import Scope, ScoredPassage

Revision = Literal["kept", "replaced"]
Report = Callable[[ProgressUpdateEvent], Awaitable[None]]


async def _report_to_nobody(_event: ProgressUpdateEvent) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ClientCall:
    """A call of a tool that the reader's client carries out; `call_id` is the model's own."""

    name: str
    arguments: dict[str, str]
    call_id: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader's client chose for a turn; "" leaves it to the server.

    `tool` is the one that the model has to begin with.
    """

    model: str = ""
    tool: str = ""


@dataclass(slots=True)
class Turn:
    """One turn: from a reader's message to the end of the answer.

    `report` shows progress to the reader. `retrieved` lists what all searches found, in order and
    without repeats; `evidence` holds the part of it that was handed to the model.
    `search_failure` is set when the last search could not be made. `client_tools` are what the
    reader's client can do; `client_call` is set when the model asked for one of them, which ends
    the turn until the client reports back. `score` is how good the best search's evidence is,
    None without a search; below `threshold` it is no answer by itself. `rules` are what every text
    of the answer has to keep. `queries` are what was searched for; `support_url` is where a
    reader gets help when nothing is found, or "". `scope` is the part of the docs that the reader's
    question is about, as far as it is known beforehand. With `asks_version` the reader can be
    asked for a version; `versions_asked` are those they were asked about before, `rival_versions`
    those they have to be asked about now, which ends the turn. `usages` are what each run of the
    agent has used. `revision` tells what became of the answer written again, if one was.
    """

    report: Report = _report_to_nobody
    evidence: Evidence = field(default_factory=Evidence)
    retrieved: list[ScoredPassage] = field(default_factory=list)
    search_seconds: float = 0.0
    search_failure: RetrievalUnavailable | None = None
    score: float | None = None
    threshold: float = DEFAULT_THRESHOLD
    rules: TextRules = field(default_factory=TextRules)
    queries: list[str] = field(default_factory=list)
    support_url: str = ""
    scope: Scope = field(default_factory=Scope)
    client_tools: frozenset[str] = frozenset()
    client_call: "ClientCall | None" = None
    choice: Choice = field(default_factory=Choice)
    asks_version: bool = False
    versions_asked: frozenset[str] = frozenset()
    rival_versions: tuple[str, ...] = ()
    usages: list[Usage] = field(default_factory=list)
    revision: Revision | None = None

    @property
    def usage(self) -> Usage:
        """What the model has reported of its calls so far, those of a failed turn too."""
        total = Usage()
        for usage in self.usages:
            total.add(usage)
        return total

    def check_evidence(self) -> None:
        """Raise the search's failure when there is nothing else to answer from.

        Without this a failed search would read like docs that say nothing.
        """
        if self.search_failure is not None and not self.evidence.passages:
            raise self.search_failure

    def must_ask_version(self, found: Sequence[ScoredPassage]) -> bool:
        """Tell whether several versions answer equally well, and keep which."""
        if not self.asks_version or self.scope.version:
            return False
        rivals = rival_versions(found)
        if set(rivals) <= self.versions_asked:
            return False
        self.rival_versions = rivals
        return True

    @property
    def has_evidence(self) -> bool:
        """Whether a search found what is probably about the question."""
        return self.score is not None and self.score >= self.threshold

    def rate(self, score: float, *, threshold: float) -> bool:
        """Keep a search's score if it is the best; tell whether that search reaches it."""
        self.threshold = threshold
        self.score = score if self.score is None else max(self.score, score)
        return score >= threshold

    def remember(self, found: list[ScoredPassage]) -> None:
        """Add a search's results to `retrieved`, leaving out what is there already."""
        known = {scored.passage.id for scored in self.retrieved}
        self.retrieved.extend(scored for scored in found if scored.passage.id not in known)
