"""Limits as a client meets them: statuses, headers, and whose address counts."""

from tests.server.conftest import Serve


def test_a_server_that_can_count_nobody_is_not_ready(serve: Serve) -> None:
    response = serve(limits_url="redis://127.0.0.1:1/0").http.get("/ready")
    assert (response.status_code, response.json()["status"]) == (503, "not_ready")
    assert response.json()["problems"] == {"limits": "unavailable"}


def test_a_proxys_reader_is_limited_by_their_own_address(serve: Serve) -> None:
    client = serve(requests_per_minute="address:2", allowed_origins=("https://docs.example.com",))

    def list_threads(address: str) -> tuple[int, str | None]:
        response = client.http.post(
            "/chatkit",
            json={"type": "threads.list", "params": {}},
            headers={"X-Forwarded-For": address, "Origin": "https://docs.example.com"},
        )
        exposed = response.headers["access-control-expose-headers"]
        assert {"Retry-After", "RateLimit-Remaining"} <= set(exposed.split(", "))
        if response.status_code == 429:
            assert response.json()["error"]["code"] == "rate_limited"
            assert int(response.headers["retry-after"]) > 0
        return response.status_code, response.headers.get("ratelimit-remaining")

    # What a client says of itself stands left of what the trusted proxy adds.
    assert list_threads("203.0.113.5") == (200, "1")
    assert list_threads("127.0.0.1, 203.0.113.5") == (200, "0")
    assert list_threads("198.51.100.7, 203.0.113.5") == (429, "0")
    assert list_threads("203.0.113.6") == (200, "1")
    begun = client.http.post("/session", headers={"X-Forwarded-For": "203.0.113.5"})
    assert begun.status_code == 429


def test_an_answer_at_its_end_makes_room_for_the_next(serve: Serve) -> None:
    client = serve(answers_at_once="user:1")
    client.http.headers["X-Forwarded-For"] = "203.0.113.5"
    for question in ("How do I upgrade?", "And in Docker?", "And retries?"):
        assert client.ask(question).errors == []
