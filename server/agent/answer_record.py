"""What is kept about an answer besides its text: how it ended, and what it rests on.

It is stored with the turn, hidden from the reader.
"""

from collections.abc import Sequence
from typing import Any

from server.agent.answers import answer_status, token_counts
from server.agent.turn import Turn
from server.answer.answer_text import AnswerText


def answer_record(turn: Turn, texts: Sequence[AnswerText], *, failed: bool) -> dict[str, Any]:
    """Describe an answer as JSON data: status, scores, what it was written from, citations."""
    return {
        "status": "error" if failed else answer_status(turn, texts),
        "score": None if turn.score is None else round(min(turn.score, 10.0), 3),
        "threshold": turn.threshold,
        "passages": [passage.url for passage in turn.evidence.passages],
        "citations": [
            {
                "marker": checked.citation.marker,
                "passage": checked.citation.passage.id,
                "url": checked.citation.passage.url,
                "index": checked.citation.index,
                "problem": checked.problem,
            }
            for text in texts
            for checked in text.checked
        ],
        "citations_dropped": sum(text.dropped + text.unsupported_dropped for text in texts),
        "links_removed": sum(text.links_removed for text in texts),
        "instructions_withheld": any(text.leaked for text in texts),
        "revision": turn.revision,
        "tokens": token_counts(turn.usage),
    }
