"""The demo page begins with questions that the docs ask and answer in their headings."""

from server.site.sitemap import SiteMap
from tests.contract.page_index import page


def test_short_questions_of_the_docs_come_first_to_hand() -> None:
    headings = ["Install", "Is it free?", "A | B?", "Why " + "so " * 30 + "long?", "Is it free?"]
    headings += ["Who made it?", "Where is it?", "Which is it?"]
    anchors = {line: (2, heading, f"h{line}") for line, heading in enumerate(headings, start=3)}
    text = "# FAQ\n\n" + "\n".join(f"## {heading}" for heading in headings)
    faq = page("faq.md", text, title="FAQ", anchors={1: (1, "FAQ", "faq"), **anchors})
    assert SiteMap([faq]).questions == ["Is it free?", "Who made it?", "Where is it?"]
    assert SiteMap([]).questions == []
