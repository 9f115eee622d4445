"""What the model writes becomes what a reader may see, while it streams.

Everything that any model writes goes through here: instructions that it repeats are cut, foreign
links lose their effect, and markers become citations, each checked against what it cites.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from server.answer.citations import Citation, CitationFilter, Piece
from server.answer.evidence import Evidence
from server.answer.held_sentence import HeldSentence
from server.answer.hidden_text import VisibleText
from server.answer.links import LinkFilter
from server.answer.prompt_guard import PromptGuard, Secret
from server.answer.site_links import AllowedLinks
from server.answer.support import Problem, claim_before, support_problem


@dataclass(frozen=True, slots=True)
class TextRules:
    """What is let through; `drop_unsupported` leaves out sentences that fail the check.

    Where a sentence can't be left out, in a table or when it goes on, its citation is.
    """

    secret: Secret = field(default_factory=lambda: Secret(""))
    links: AllowedLinks = field(default_factory=AllowedLinks)
    drop_unsupported: bool = False


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """An accepted citation, what it is for and, where its passage does not say so, why."""

    citation: Citation
    claim: str
    problem: Problem | None


class AnswerText:
    """One text of the model's, filtered as it comes.

    `text` is what is shown so far, `checked` the citations that are kept in it.
    """

    def __init__(self, evidence: Evidence, rules: TextRules) -> None:
        self.text = ""
        self.checked: list[CheckedCitation] = []
        self.unsupported_dropped = 0
        self._held = HeldSentence() if rules.drop_unsupported else None
        self._visible = VisibleText()
        self._guard = PromptGuard(rules.secret)
        self._links = LinkFilter(rules.links)
        self._citations = CitationFilter(evidence)
        self._waiting: list[Citation] = []
        self._cited_up_to = 0
        self._markers: dict[str, int] = {}

    @property
    def missing(self) -> bool:
        """Whether the model said that the docs lack something."""
        return self._citations.missing

    @property
    def dropped(self) -> int:
        """How many citations of passages that were never handed over were left out."""
        return self._citations.dropped

    @property
    def unsupported(self) -> list[str]:
        """What is cited and not said by its passage, in order and without repeats."""
        return list(dict.fromkeys(item.claim for item in self.checked if item.problem))

    @property
    def links_removed(self) -> int:
        """How many foreign links lost their effect."""
        return self._links.removed

    @property
    def leaked(self) -> bool:
        """Whether the instructions were about to be repeated."""
        return self._guard.leaked

    def feed(self, delta: str) -> list[Piece]:
        """Take the next part of the model's text and return what is now decided."""
        safe = self._links.feed(self._guard.feed(self._visible.feed(delta)))
        return list(self._show(self._citations.feed(safe)))

    def finish(self) -> list[Piece]:
        """Return what was held back; nothing can be fed afterwards."""
        safe = self._links.feed(self._guard.finish()) + self._links.finish()
        pieces = [*self._citations.feed(safe), *self._citations.finish()]
        shown = [*self._show(pieces), *self._settle()]
        return shown if self._held is None else [*shown, *self._say(self._held.release())]

    def _show(self, pieces: list[Piece]) -> Iterator[Piece]:
        # Citations of one place are checked together: they may support a sentence in parts.
        for piece in pieces:
            if isinstance(piece, Citation):
                self._waiting.append(piece)
            else:
                yield from self._settle(following=piece[0])
                yield from self._say(piece if self._held is None else self._held.add(piece))

    def _say(self, shown: str) -> Iterator[str]:
        if shown:
            self.text += shown
            yield shown

    def _settle(self, *, following: str = "") -> Iterator[Piece]:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        held = "" if self._held is None else self._held.text
        position = len(self.text) + len(held)
        claim = claim_before(self.text + held, self._cited_up_to, position)
        problem = support_problem(claim, [citation.passage for citation in waiting])
        if self._held is not None:
            if problem:
                self.unsupported_dropped += len(waiting)
                self._held.remove(claim, following=following)
                return
            yield from self._say(self._held.release())
        self._cited_up_to = position
        for citation in waiting:
            marker = self._markers.setdefault(citation.passage.url, len(self._markers) + 1)
            kept = replace(citation, marker=marker, index=position)
            self.checked.append(CheckedCitation(kept, claim, problem))
            yield kept


def readable_text(text: str, rules: TextRules) -> str:
    """Make a text of the model's fit to be read that is no answer, such as what it searches for."""
    written = AnswerText(Evidence(), rules)
    written.feed(text)
    written.finish()
    return written.text


def is_improved(revised: Sequence[AnswerText], first: Sequence[AnswerText]) -> bool:
    """Tell whether an answer that was written again holds better than the first.

    The second one's unsupported citations are dropped from it, by the rules that it is read with.
    """
    supported = any(item.problem is None for text in revised for item in text.checked)
    missing = any(text.missing for text in revised)
    unsupported = sum(text.unsupported_dropped + len(text.unsupported) for text in revised)
    return (supported or missing) and unsupported < sum(len(text.unsupported) for text in first)
