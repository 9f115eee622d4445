"""Keys of scripts: only a hash is kept, and a revoked key stays listed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from store.threads.audit import add_audit_record
from store.threads.payloads import utc_now
from store.threads.queries import is_key
from store.threads.store import ThreadStore
from store.threads.tables import ApiKeyRow


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a key allows; `digest` is the SHA-256 of its secret in hex, and times are naive UTC."""

    id: str
    digest: str
    name: str
    tenant: str
    roles: frozenset[str]
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def expired(self) -> bool:
        """Tell whether its time is over."""
        return self.expires_at is not None and self.expires_at <= utc_now()


async def add_api_key(threads: ThreadStore, key: ApiKey) -> None:
    """Keep a new key."""
    async with threads.writes.begin() as session:
        session.add(
            ApiKeyRow(
                id=key.id,
                digest=key.digest,
                created_at=key.created_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
                payload={
                    "name": key.name,
                    "tenant": key.tenant,
                    "roles": sorted(key.roles),
                    "scopes": sorted(key.scopes),
                },
            )
        )
        add_audit_record(session, "key_made", key=key.id, scopes=sorted(key.scopes))


async def find_api_key(threads: ThreadStore, key_id: str) -> ApiKey | None:
    """Return a key, revoked or not, if there is one of this id."""
    async with threads.reads.begin() as session:
        row = (await session.exec(select(ApiKeyRow).where(is_key(ApiKeyRow.id, key_id)))).first()
    return None if row is None else _read(row)


async def list_api_keys(threads: ThreadStore) -> list[ApiKey]:
    """Return all keys, the oldest first."""
    async with threads.reads.begin() as session:
        rows = await session.exec(
            select(ApiKeyRow).order_by(col(ApiKeyRow.created_at), col(ApiKeyRow.id))
        )
    return [_read(row) for row in rows]


async def revoke_api_key(threads: ThreadStore, key_id: str) -> bool:
    """End a key; tells whether there was one to end."""
    async with threads.writes.begin() as session:
        row = (await session.exec(select(ApiKeyRow).where(is_key(ApiKeyRow.id, key_id)))).first()
        if row is None or row.revoked_at is not None:
            return False
        row.revoked_at = utc_now()
        session.add(row)
        add_audit_record(session, "key_revoked", key=key_id)
    return True


def _read(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        digest=row.digest,
        name=row.payload["name"],
        tenant=row.payload["tenant"],
        roles=frozenset(row.payload["roles"]),
        scopes=frozenset(row.payload["scopes"]),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
