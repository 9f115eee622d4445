"""Request ids, safe headers, metrics and logs, over a real server."""

import json
import logging
import sys
import time
from collections.abc import Iterator

import pytest

from server.telemetry.logs import JsonFormatter, RequestFilter, hashed
from tests.mock_openai import Call, MockOpenAI, Pause, Reply, Step, Text
from tests.server.conftest import Serve
from tests.server.serving import ChatClient, user_input
from tests.server.test_chatkit_models import model

AFAR = {"X-Forwarded-For": "203.0.113.5"}


class Lines(logging.Handler):
    """Keeps what is logged, as the JSON format writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(RequestFilter())
        self.setFormatter(JsonFormatter())
        self.text: list[str] = []

    def wait_for(self, count: int) -> list[str]:
        """Return the lines when there are so many: a request is told after it is answered."""
        patience = time.monotonic() + 30
        while len(self.text) < count and time.monotonic() < patience:
            time.sleep(0.01)
        assert len(self.text) == count
        return self.text

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    observer = logging.getLogger("server.telemetry.observer")
    observer.addHandler(handler)
    before = observer.level
    observer.setLevel(logging.INFO)
    yield handler
    observer.removeHandler(handler)
    observer.setLevel(before)


def test_methods_that_clients_make_up_are_counted_as_one(serve: Serve) -> None:
    client = serve()
    for method in ("GET", "BREW", "BREW2", "\x21"):
        client.http.request(method, "/health")
    counted = [line for line in client.http.get("/metrics").text.splitlines() if "/health" in line]
    requests = [line for line in counted if line.startswith("footnote_requests_total")]
    assert requests == [
        'footnote_requests_total{method="GET",route="/health",status="200"} 1.0',
        'footnote_requests_total{method="other",route="/health",status="405"} 3.0',
    ]


def test_metrics_count_what_happened(serve: Serve) -> None:
    client = serve()
    client.ask("How do I upgrade?")
    client.http.post("/chatkit", content=b"nonsense")
    text = client.http.get("/metrics").text
    assert 'footnote_refusals_total{code="invalid_request"} 1.0' in text
    assert 'footnote_answers_total{ending="complete"} 1.0' in text
    assert 'footnote_answer_statuses_total{status="not_found"} 1.0' in text
    assert "footnote_first_text_seconds_count 1.0" in text
    assert "footnote_search_seconds_count 1.0" in text
    assert "footnote_streams_open 0.0" in text
    assert "footnote_index_generation 1.0" in text
    # A request is counted after it is answered, and of this test's two the other one may be so yet.
    assert 'footnote_request_seconds_count{route="/chatkit"}' in text
    assert float(text.split("\nfootnote_index_age_seconds ")[1].split()[0]) >= 0


def test_metrics_of_a_paid_model(serve: Serve) -> None:
    answer = Text("Run the image [1], not [9].", Pause(), " See [it](https://evil.example).")
    script: list[Step] = [
        Reply((Call("search_docs", {"query": "Docker"}),), input_tokens=1_000, output_tokens=10),
        Reply((answer,), input_tokens=9_000, output_tokens=90, cached_tokens=500),
    ]
    with MockOpenAI(script) as mock:
        client = serve(**model(mock, "responses"), titles="question", model_prices="model-1:2/8")
        events = client.events("threads.create", input=user_input("How do I use Docker?"))
        for event in events:
            if event.type == "thread.item.updated":
                break
        assert scraped(client, "footnote_streams_open") == 1
        mock.release()
        for _ in events:
            pass
        mock.assert_complete()
    for name, value in {
        'footnote_answers_total{ending="complete"}': 1,
        'footnote_tokens_total{kind="read"}': 10_000,
        'footnote_tokens_total{kind="written"}': 100,
        'footnote_tokens_total{kind="cached"}': 500,
        "footnote_dollars_total": (10_000 * 2 + 100 * 8) / 1e6,
        "footnote_citations_dropped_total": 1,
        "footnote_links_removed_total": 1,
    }.items():
        assert scraped(client, name) == pytest.approx(value), name


def scraped(client: ChatClient, name: str) -> float:
    """Return what one scrape says."""
    lines = client.http.get("/metrics").text.splitlines()
    [value] = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
    return float(value)


def test_metrics_are_for_this_machine_and_for_keys(client: ChatClient) -> None:
    refused = client.http.get("/metrics", headers=AFAR)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "missing_scope")


def test_a_request_is_told_without_names_or_content(client: ChatClient, lines: Lines) -> None:
    given = client.http.post(
        "/chatkit",
        json={"type": "threads.get_by_id", "params": {"thread_id": "thr_of_mine"}},
        headers={"X-Request-ID": "from-the-proxy-1"},
    )
    assert given.headers["x-request-id"] == "from-the-proxy-1"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["cache-control"] == "no-store"
    forged = client.http.get("/health", headers={"X-Request-ID": "x y"})
    assert forged.headers["x-request-id"] not in {"", "x y"}
    told = [json.loads(line) for line in lines.wait_for(2)]
    assert [(line["route"], line["status"]) for line in told] == [
        ("/chatkit", 404),
        ("/health", 200),
    ]
    assert told[0]["request_id"] == "from-the-proxy-1"
    assert told[0]["refused"] == "not_found"
    assert told[0]["thread"] == hashed("thr_of_mine")
    assert "thr_of_mine" not in "".join(lines.text)
    assert "content" not in told[0]


def test_content_is_logged_where_the_owner_wants_it(serve: Serve, lines: Lines) -> None:
    serve(log_content=True).ask("How do I upgrade?")
    [line] = lines.wait_for(1)
    assert "How do I upgrade?" in line


def test_a_failure_is_one_line_of_json() -> None:
    handler = Lines()
    try:
        int("two\nlines")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "It failed: %s", ("so",), sys.exc_info()
        )
    handler.handle(record)
    [line] = handler.text
    assert "\n" not in line
    assert json.loads(line)["message"] == "It failed: so"
