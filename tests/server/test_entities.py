"""Pages that a reader mentions: found by title, and read first."""

import pytest

from server.chat.entities import find_pages
from store.records import Page
from tests.server.serving import ChatClient, as_sent, user_input


@pytest.fixture
def client(new_reader: ChatClient) -> ChatClient:
    return new_reader


def page(title: str) -> Page:
    path = f"{title}.md"
    return Page(path=path, title=title, url=f"/docs/{title}", content_hash="", sections=(), text="")


PAGES = [page(title) for title in ("Retries", "How retries work", "Install", "C++ API", "Über uns")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("retr", ["Retries", "How retries work"]),
        ("work retr", ["How retries work"]),
        ("INST", ["Install"]),
        ("c++", ["C++ API"]),
        ("über", ["Über uns"]),
        ("tries", ["Retries", "How retries work"]),
        ("nothing", []),
    ],
)
def test_pages_are_found_by_the_words_of_their_titles(query: str, found: list[str]) -> None:
    assert [page.title for page in find_pages(PAGES, query, limit=9)] == found


def test_no_query_lists_pages_up_to_the_limit() -> None:
    assert len(find_pages(PAGES, " ", limit=3)) == 3


def test_the_composer_is_given_entities(client: ChatClient) -> None:
    [found] = client.http.get("/entities", params={"q": "retr"}).json()["entities"]
    assert found == {
        "id": "guide/retries.md",
        "title": "Retries",
        "icon": "document",
        "interactive": True,
        "data": {"path": "guide/retries.md", "url": "/docs/guide/retries"},
    }


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 51}, {"q": "x" * 201}])
def test_limits_of_the_search_are_kept(client: ChatClient, params: dict[str, str | int]) -> None:
    response = client.http.get("/entities", params=params)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["message"].startswith(f"{next(iter(params))}: ")
    assert "xxx" not in response.text


def tag(page_id: str, text: str = "Install") -> dict[str, object]:
    return {"type": "input_tag", "id": page_id, "text": text, "data": {}, "interactive": True}


def test_a_mentioned_page_is_read_first(client: ChatClient) -> None:
    message = user_input("What does it say about newer versions? ")
    message["content"].append(tag("guide/install.md"))
    answered = client.stream("threads.create", input=message)
    assert answered.errors == []
    [content] = answered.answer.content
    assert "/docs/guide/install#upgrade" in str(content.annotations)
    assert as_sent(answered)[0]["content"] == message["content"]


def test_a_mention_of_nothing_is_no_failure(client: ChatClient) -> None:
    message = user_input("How do I use Docker? ")
    message["content"].append(tag("../../etc/passwd\0"))
    answered = client.stream("threads.create", input=message)
    assert answered.errors == []
    assert "docker run" in answered.answer.content[0].text
