"""Who is asking; handed to the thread store and the chat server with every call."""

from dataclasses import dataclass, field

from server.usage import Meter
from store.records import Scope


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The reader behind a request; `user_id` owns the threads that the request may see.

    Users of different tenants never share a `user_id`. `locale` is a language tag such as `de-CH`,
    `version` the version of the docs and `page` the address of the page that the reader asks from,
    and `client_tools` are what the reader's client can carry out; these four are the client's own
    word. `source_locale` is the one that the docs are translated from. `meter` counts what the
    answer uses. `base_url` is the server's address as the reader's client has it, with a slash at
    its end. `stored` has the items, by id, that the answer has stored before it showed them.
    """

    user_id: str
    tenant: str = ""
    roles: frozenset[str] = frozenset()
    locale: str = ""
    page: str = ""
    client_tools: frozenset[str] = frozenset()
    meter: Meter = field(default_factory=Meter, compare=False)
    base_url: str = ""
    version: str = ""
    source_locale: str = ""
    # Not by their type: each command loads this module, and the SDK's takes 0.2 seconds.
    stored: dict[str, object] = field(default_factory=dict, compare=False)

    @property
    def scope(self) -> Scope:
        """The part of the docs that the reader may read, and what of it they are on."""
        return Scope(
            version=self.version,
            locale=self.locale,
            page=self.page,
            roles=self.roles,
            tenant=self.tenant,
            source_locale=self.source_locale,
        )
