"""What a reader is told when the budget for answers is spent."""

from datetime import datetime

from chatkit.types import NoticeEvent

_TITLE = "The budget for answers is spent"


def budget_notice(renews_at: datetime, *, quotes: bool) -> NoticeEvent:
    """Tell when the budget renews, and what there is until then; `renews_at` is UTC."""
    renewal = f"{renews_at:%-d %B %Y, %H:%M} UTC"
    until_then = (
        "Until then you get passages from the docs, word for word."
        if quotes
        else "Until then your question is kept: send it again then."
    )
    return NoticeEvent(
        level="warning", title=_TITLE, message=f"It renews on {renewal}. {until_then}"
    )
