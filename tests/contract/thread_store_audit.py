"""The audit log: in order, whole, and without names."""

from datetime import timedelta

import pytest

from store.threads import audit
from store.threads.api_keys import ApiKey, add_api_key, revoke_api_key
from store.threads.audit import AuditRecord, audit_subject, read_audit_log, record_event
from store.threads.payloads import utc_now
from store.threads.store import ThreadStore
from tests.contract.thread_items import ALICE, a_thread
from tests.contract.thread_store_base import StoreFixture


class AuditContract(StoreFixture):
    async def test_entries_are_read_in_their_order_and_chosen(
        self, store: ThreadStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "_PAGE", 2)
        start = utc_now()
        await record_event(store, "service_started", settings={"PORT": 8000})
        for number in range(4):
            await record_event(store, "user_exported", user_id="alice", number=number)
        middle = utc_now()
        await record_event(store, "user_erased", reason="expired \0 🧭")

        log = await self._read(store)

        assert [record.event for record in log] == [
            "service_started",
            *["user_exported"] * 4,
            "user_erased",
        ]
        assert [record.details for record in log[1:5]] == [{"number": n} for n in range(4)]
        assert log[0].details == {"settings": {"PORT": 8000}}
        assert log[-1].details == {"reason": "expired \0 🧭"}
        assert start <= log[0].recorded_at <= log[-1].recorded_at <= utc_now()
        assert await self._read(store, since=middle) == log[-1:]
        assert await self._read(store, since=utc_now() + timedelta(days=1)) == []
        assert await self._read(store, event="user_exported") == log[1:5]
        assert await self._read(store, user_id="alice") == log[1:5]
        assert await self._read(store, user_id="Alice") == []

    async def test_deleting_a_thread_is_noted_with_it(self, store: ThreadStore) -> None:
        await store.save_thread(a_thread("thr_1", title="Pools"), context=ALICE)
        await store.delete_thread("thr_1", context=ALICE)

        (record,) = await self._read(store)

        assert (record.event, record.details) == ("thread_deleted", {"thread": "thr_1"})
        assert record.subject == audit_subject("alice")
        assert "alice" not in repr(record)

    async def test_keys_are_noted_without_their_secret(self, store: ThreadStore) -> None:
        key = ApiKey(
            id="key_1",
            digest="d" * 64,
            name="nightly",
            tenant="",
            roles=frozenset(),
            scopes=frozenset({"ask"}),
            created_at=utc_now(),
        )
        await add_api_key(store, key)
        for _ in range(2):
            await revoke_api_key(store, "key_1")

        assert [(record.event, record.details) for record in await self._read(store)] == [
            ("key_made", {"key": "key_1", "scopes": ["ask"]}),
            ("key_revoked", {"key": "key_1"}),
        ]

    async def _read(self, store: ThreadStore, **chosen: object) -> list[AuditRecord]:
        return [record async for record in read_audit_log(store, **chosen)]  # type: ignore[arg-type]
