"""What the tokens of a model cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# OpenAI's list prices for a million tokens read and written; MODEL_PRICES has the last word.
_LIST = (
    "gpt-5:1.25/10,gpt-5-mini:0.25/2,gpt-5-nano:0.05/0.4,"
    "gpt-4.1:2/8,gpt-4.1-mini:0.4/1.6,gpt-4.1-nano:0.1/0.4,gpt-4o:2.5/10,gpt-4o-mini:0.15/0.6,"
    # Dictation: tokens of sound and of text; Whisper is paid by the second.
    "gpt-4o-transcribe:6/10,gpt-4o-mini-transcribe:3/5,whisper-1:100/0"
)
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens; which is micro-dollars for one."""

    read: float
    written: float

    def of(self, *, read: int, written: int) -> int:
        """Return the price of an answer in micro-dollars."""
        return round(read * self.read + written * self.written)


_FREE = Price(read=0.0, written=0.0)


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of the models that may answer, by name, and of those that are used beside them."""

    by_model: Mapping[str, Price]
    beside: Mapping[str, Price] = field(default_factory=dict)

    def of(self, model: str) -> Price:
        """Return a model's price; of one that isn't known by name, the highest that answers."""
        return self.by_model.get(model) or self.beside.get(model, self.dearest)

    @property
    def dearest(self) -> Price:
        """What no model that answers costs more than."""
        prices = self.by_model.values()
        return Price(
            max((price.read for price in prices), default=0.0),
            max((price.written for price in prices), default=0.0),
        )


def parse_prices(text: str) -> dict[str, Price]:
    """Read `model:0.5/2,other:1/4`; raises `ValueError` that names what can't be read."""
    prices = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        # Names of models have colons too: `qwen3:8b`.
        model, _, amounts = part.rpartition(":")
        read, _, written = amounts.partition("/")
        try:
            price = Price(float(read), float(written))
        except ValueError as error:
            raise ValueError(f"{part!r} is not model:read/written") from error
        if not model or min(price.read, price.written) < 0:
            raise ValueError(f"{part!r} is not model:read/written")
        prices[model] = price
    return prices


def prices_of(models: Sequence[str], overrides: str) -> Prices:
    """Return the prices of the models that may answer, the usual one first, and of all others.

    A model that may answer and isn't known costs nothing.
    """
    listed = _listed(overrides)
    known = {model: listed.get(model, _FREE) for model in models}
    # An answer for which no model was chosen is the first one's.
    return Prices({**known, "": known[models[0]]} if models else {}, beside=listed)


def price_of(model: str, overrides: str) -> Price | None:
    """Return the price of a model, if it is known."""
    return _listed(overrides).get(model)


def _listed(overrides: str) -> dict[str, Price]:
    return {**parse_prices(_LIST), **parse_prices(overrides)}
