"""The Card shows an image of the cited section, from the docs' own site or an allowed host."""

from dataclasses import replace

import pytest

from server.answer.cards import Source, sources_card
from server.answer.images import section_image
from tests.server.sections import section

SITE = "https://docs.example.com/guide/run/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Look:\n\n![The panel](https://docs.example.com/panel.png)",
            "https://docs.example.com/panel.png",
        ),
        ('- ![The panel](/img/panel.png "Title")', "https://docs.example.com/img/panel.png"),
        ("![](https://cdn.example.com/a.svg)", "https://cdn.example.com/a.svg"),
        ("![x](https://evil.example/a.png) ![y](/b.png)", "https://docs.example.com/b.png"),
        ("![x](//evil.example/a.png)", None),
        ("![x](panel.png)", None),
        ("![x](data:image/png;base64,AAAA)", None),
        ("![x](https://docs.example.com@evil.example/a.png)", None),
        ("```md\n![x](/img/panel.png)\n```", None),
        ("No image, but `![x](/a.png)`", None),
    ],
)
def test_the_first_image_of_an_allowed_host_is_found(text: str, expected: str | None) -> None:
    passage = replace(section("Run"), text=text, url=f"{SITE}#run")
    found = section_image(passage, hosts={"cdn.example.com"})
    assert (found.src if found else None) == expected


def test_a_page_without_a_host_shows_none_of_its_own() -> None:
    passage = replace(section("Run"), text="![x](/img/panel.png)", url="/docs/guide/run#run")
    assert section_image(passage, hosts=()) is None


def test_the_card_has_the_image_in_the_row_of_its_source() -> None:
    passage = replace(section("Run"), text="![The panel](/p.png)", url=f"{SITE}#run")
    image = section_image(passage, hosts=())
    card = sources_card([Source(passage, marker=1, image=image), Source(section("Stop"), marker=2)])
    written = card.model_dump(mode="json", exclude_none=True)
    parts = [part for row in written["children"][1:] for part in row["children"]]
    [shown] = [part for part in parts if part["type"] == "Image"]
    assert (shown["src"], shown["alt"]) == ("https://docs.example.com/p.png", "The panel")
