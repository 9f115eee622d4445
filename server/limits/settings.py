"""Settings that say how much may be asked."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from server.limits.prices import parse_prices
from server.limits.scopes import parse_amounts
from store.errors import SettingsError
from store.settings import StoreSettings


def _amounts(text: str) -> str:
    parse_amounts(text)
    return text


def _prices(text: str) -> str:
    parse_prices(text)
    return text


def _networks(text: str) -> str:
    # What is no address would be taken for a name, and never match.
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise ValueError(f"{part!r} is neither an address nor a network: {error}") from error
    return text


Amounts = Annotated[str, AfterValidator(_amounts)]


class LimitSettings(StoreSettings):
    """Limits for each user, each address, each tenant and all together: `user:30,all:600`."""

    requests_per_minute: Amounts = Field(
        default="user:30,address:60",
        description="Requests a minute of each `user`, `address`, `tenant` or `all` together.",
    )
    answers_at_once: Amounts = Field(
        default="user:3,address:10", description="Answers that may be under way at the same time."
    )
    tokens_per_day: Amounts = Field(
        default="", description="Tokens that the model may read and write on a day (UTC)."
    )
    money_per_month: Amounts = Field(
        default="", description="US dollars that the model may cost in a month (UTC)."
    )
    over_budget: Literal["refuse", "quote"] = Field(
        default="refuse",
        description="What becomes of a question when a budget is spent: `refuse` says when it "
        "renews, `quote` says so and answers with quotations from the docs, which cost nothing.",
    )
    model_prices: Annotated[str, AfterValidator(_prices)] = Field(
        default="",
        description="Dollars for a million tokens read and written, such as `my-model:0.5/2`.",
    )
    limits_url: str = Field(
        default="",
        description="Redis (`redis://…`) in which several replicas count together. Empty: budgets "
        "are kept in the database; requests and answers each process counts by itself.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="127.0.0.1,::1",
        description="Addresses and networks of proxies whose `X-Forwarded-For` is believed.",
    )

    @model_validator(mode="after")
    def _known_store(self) -> Self:
        if self.limits_url and not self.limits_url.startswith(("redis://", "rediss://")):
            raise SettingsError("LIMITS_URL", "begins with redis:// or rediss://")
        return self
