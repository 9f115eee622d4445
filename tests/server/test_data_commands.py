"""`python -m server export` and `erase`, as an operator runs them."""

import base64
import json
import os
import subprocess
from pathlib import Path
from unittest.mock import patch

import anyio
import anyio.to_thread
import pytest

from server.__main__ import app
from store.attachments import AttachmentFiles
from store.threads.engine import open_thread_store
from store.threads.feedback import JudgedAnswer
from tests.command_line import run_here
from tests.contract.thread_items import ALICE, MALLORY, a_file, a_note, a_thread


def run(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    with patch.dict(os.environ, DATABASE_URL=url):
        return run_here(app, *arguments)


async def run_aside(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return await anyio.to_thread.run_sync(run, url, *arguments)


async def test_a_users_data_is_exported_then_erased(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.db'}"
    index = ("--index", str(tmp_path / "index"))
    folder = tmp_path / "attachments"
    files = AttachmentFiles.open("", folder=folder)
    async with open_thread_store(url) as store:
        for user in (ALICE, MALLORY):
            await store.save_thread(a_thread("thr_1", title=f"Pools of {user.user_id} 🧭"), user)
            await store.add_thread_item("thr_1", a_note("msg_1", "thr_1", "aside"), context=user)
            await store.save_attachment(a_file("atc_1", "thr_1"), context=user)
            await files.put(user.user_id, "atc_1", f"log of {user.user_id}".encode())
        about = JudgedAnswer("How many?", ("/pools#size",), generation=3)
        await store.save_feedback("thr_1", ["msg_1"], "positive", context=ALICE, about=about)

    exported = await run_aside(url, *index, "export", "alice")
    assert (exported.returncode, exported.stderr) == (0, "")
    data = json.loads(exported.stdout)
    assert (data["user_id"], len(data["threads"]), len(data["attachments"])) == ("alice", 1, 1)
    (thread,) = data["threads"]
    assert thread["title"] == "Pools of alice 🧭"
    assert thread["items"][0]["content"] == "aside"
    assert thread["feedback"][0]["about"]["passages"] == ["/pools#size"]
    assert base64.b64decode(data["attachments"][0]["content"]) == b"log of alice"

    assert (await run_aside(url, *index, "erase", "alice")).stdout == (
        "Erased of alice: conversations: 1, attachments: 1.\n"
    )
    again = await run_aside(url, *index, "erase", "alice", "--json")
    assert json.loads(again.stdout) == {"user_id": "alice", "threads": 0, "attachments": 0}
    async with open_thread_store(url) as store:
        page = await store.load_threads(20, None, "asc", context=ALICE)
        assert page.data == []
        assert (await store.load_thread("thr_1", context=MALLORY)).id == "thr_1"
    left = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert left == [b"log of mallory"]

    told = await run_aside(url, "audit", "--json")
    log = [json.loads(line) for line in told.stdout.splitlines()]
    assert [record["event"] for record in log] == ["user_exported", "user_erased", "user_erased"]
    assert log[1]["details"] == {"threads": 1, "attachments": 1}
    assert log[1]["recorded_at"].endswith("Z")
    shown = await run_aside(
        url, "audit", "--user", "alice", "--since", "2020-01-01", "--event", "user_erased"
    )
    assert [line.split()[1] for line in shown.stdout.splitlines()] == ["user_erased"] * 2
    later = await run_aside(url, "audit", "--since", "2999-01-01T00:00:00+0200")
    assert later.stdout == ""


def test_a_mistake_is_one_line_and_nothing_is_served(tmp_path: Path) -> None:
    for arguments, problem in [
        (("erase",), "Missing argument 'user'"),
        (("keys",), "Missing command"),
        (("eraze", "alice"), "Did you mean 'erase'?"),
        (("export", "alice"), "Can't open the database sqlite://"),
        (("audit", "--since", "yesterday"), "does not match the formats"),
        (("audit", "--event", "party"), "there are service_started, "),
    ]:
        result = run(f"sqlite:///{tmp_path}", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert problem in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("export", "alice"), ("erase", "alice"), ("audit",), ("keys", "list")]
)
def test_a_database_that_is_not_there_is_not_taken_for_an_empty_one(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "elsewhere" / "threads.db"
    result = run(f"sqlite:///{path}", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"sqlite:///{path}: there is no such file." in result.stderr
    assert not path.parent.exists()


def test_a_key_that_would_outlast_the_calendar_is_not_made(tmp_path: Path) -> None:
    made = run(f"sqlite:///{tmp_path / 'threads.db'}", "keys", "create", "x", "--days", "9999999")
    assert (made.returncode, made.stdout, made.stderr.count("\n")) == (2, "", 1)
    assert "--days" in made.stderr


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.db'}"
    made = run(url, "keys", "create", "report", "--tenant", "acme", "--days", "30")
    assert made.returncode == 0
    key = made.stdout.strip()
    assert key.startswith("fnk_")
    listed = run(url, "keys", "list", "--json")
    found = json.loads(listed.stdout)
    assert (found["name"], found["state"], found["scopes"]) == ("report", "active", ["ask"])
    assert key[-43:] not in listed.stdout
    assert run(url, "keys", "revoke", found["id"]).returncode == 0
    assert "revoked" in run(url, "keys", "list").stdout
    again = run(url, "keys", "revoke", found["id"])
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
