"""What Prometheus reads at `/metrics`: one registry for each application."""

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.limits.prices import MICRO, Prices
from server.usage import Meter
from store.records import Manifest

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_FIRST_TEXT = b'"assistant_message.content_part.text_delta"'


class Metrics:
    """Counts requests and answers, and tells the state of the index when it is asked."""

    def __init__(self, *, prices: Prices) -> None:
        self.registry = CollectorRegistry()
        self._prices = prices
        self._requests = Counter(
            "footnote_requests",
            "Requests, by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "footnote_request_seconds",
            "Time until a response was sent; of a stream, until its end.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "footnote_refusals", "Refused requests, by reason.", ["code"], registry=self.registry
        )
        self._first_text = Histogram(
            "footnote_first_text_seconds",
            "Time until the first text of an answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._search_seconds = Histogram(
            "footnote_search_seconds",
            "Time that an answer's searches took.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._tokens = Counter(
            "footnote_tokens",
            "Tokens of the model. Those cached were read, those of reasoning written.",
            ["kind"],
            registry=self.registry,
        )
        self._citations_dropped = Counter(
            "footnote_citations_dropped",
            "Citations left out, of passages that the model was not handed.",
            registry=self.registry,
        )
        self._citations_unsupported = Counter(
            "footnote_citations_unsupported",
            "Citations of passages that don't hold their sentence.",
            registry=self.registry,
        )
        self._links_removed = Counter(
            "footnote_links_removed",
            "Foreign links that lost their address.",
            registry=self.registry,
        )
        self._dollars = Counter(
            "footnote_dollars", "Cost of the model by its price.", registry=self.registry
        )
        self._answers = Counter(
            "footnote_answers", "Answers, by how they ended.", ["ending"], registry=self.registry
        )
        self._statuses = Counter(
            "footnote_answer_statuses",
            "Answers, by whether the docs had one.",
            ["status"],
            registry=self.registry,
        )

    def observe_state(
        self, *, streams: Callable[[], int], manifest: Callable[[], Manifest]
    ) -> None:
        """Tell where the open streams are counted and what index is read."""

        def age() -> float:
            made = datetime.fromisoformat(manifest().created_at)
            return (datetime.now(UTC) - made).total_seconds()

        for name, text, value in (
            ("footnote_streams_open", "Answers that are being written.", streams),
            ("footnote_index_generation", "The index.", lambda: manifest().generation),
            ("footnote_index_passages", "Its passages.", lambda: manifest().passages),
            ("footnote_index_age_seconds", "Time since it was made.", age),
        ):
            Gauge(name, text, registry=self.registry).set_function(value)

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request at its end."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def refusal(self, code: str) -> None:
        """Count a refused request."""
        self._refusals.labels(code).inc()

    async def answer(self, frames: AsyncIterable[bytes], meter: Meter) -> AsyncIterator[bytes]:
        """Pass an answer's frames on, and count it at its end."""
        started = time.perf_counter()
        first = True
        ended = "cut"
        try:
            async for frame in frames:
                if first and _FIRST_TEXT in frame:
                    first = False
                    self._first_text.observe(time.perf_counter() - started)
                yield frame
            if meter.renews_at is not None:
                ended = "over_budget"
            else:
                ended = "complete" if meter.complete else "failed"
        finally:
            self._answers.labels(ended).inc()
            if meter.status:
                self._statuses.labels(meter.status).inc()
            if meter.search_seconds:
                self._search_seconds.observe(meter.search_seconds)
            self._tokens.labels("read").inc(meter.read)
            self._tokens.labels("written").inc(meter.written)
            self._tokens.labels("cached").inc(meter.cached)
            self._tokens.labels("reasoning").inc(meter.reasoning)
            self._citations_dropped.inc(meter.citations_dropped)
            self._citations_unsupported.inc(meter.citations_unsupported)
            self._links_removed.inc(meter.links_removed)
            price = self._prices.of(meter.model)
            self._dollars.inc(price.of(read=meter.read, written=meter.written) / MICRO)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
