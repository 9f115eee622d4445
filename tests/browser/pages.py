"""The docs of the browser tests: two pages, the second long enough to scroll."""

from tests.contract.page_index import page

_PARAGRAPH = (
    "The panel opens beside the page and stays open while you read. It keeps the conversation, "
    "so that you can go from one source to the next and come back to the answer.\n\n"
)

PAGES = [
    page(
        "index.md",
        "# Handbook\n\nStart with [the guide](guide.md#asking).\n\n"
        "```python\ndef answer(question: str) -> str:\n    # no heading\n    return 'yes'\n```\n\n"
        "## First steps\n\n" + _PARAGRAPH + "## Next steps\n\n" + _PARAGRAPH,
        title="Handbook",
        url="/docs/",
        anchors={
            1: (1, "Handbook", "handbook"),
            11: (2, "First steps", "first-steps"),
            15: (2, "Next steps", "next-steps"),
        },
    ),
    page(
        "guide.md",
        "# Guide\n\n" + _PARAGRAPH * 12 + "## Asking\n\n" + _PARAGRAPH * 12,
        title="Guide",
        anchors={1: (1, "Guide", "guide"), 27: (2, "Asking", "asking")},
    ),
]
