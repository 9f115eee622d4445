"""Opening the thread store: database URLs, what can't be opened, and failures in use."""

import re
import sqlite3
import ssl
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import certifi
import pytest
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from store.errors import DatabaseError
from store.threads import engine
from store.threads.columns import KEY
from store.threads.engine import open_thread_store
from store.threads.errors import ThreadsUnavailableError
from store.threads.mysql import connect_arguments
from store.threads.tables import ThreadStoreTable
from store.threads.urls import parse_database_url
from tests.contract.postgres import fresh_postgres, postgres_server
from tests.contract.thread_items import ALICE, a_note, a_thread

START_TOGETHER = """
import os, sys, anyio
from store.threads.engine import open_thread_store
from tests.contract.thread_items import ALICE, a_thread

async def start(number: int) -> None:
    async with open_thread_store(sys.argv[1]) as store:
        await store.save_thread(a_thread(f"thr_{number}"), context=ALICE)

children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        anyio.run(start, number)
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.mark.parametrize(
    ("url", "backend", "location", "shown"),
    [
        ("sqlite:///threads.db", "sqlite", "threads.db", "sqlite:///threads.db"),
        ("sqlite:////var/lib/t.db", "sqlite", "/var/lib/t.db", "sqlite:////var/lib/t.db"),
        ("sqlite+aiosqlite:///a/b.db", "sqlite", "a/b.db", "sqlite:///a/b.db"),
        (
            "postgres://ann:p%40ss@db:5433/docs",
            "postgresql",
            "postgresql://ann:p%40ss@db:5433/docs",
            "postgresql://db:5433/docs",
        ),
        (
            "postgresql+asyncpg://ann@db/docs?ssl=require",
            "postgresql",
            "postgresql://ann@db/docs?sslmode=require",
            "postgresql://db/docs",
        ),
        (
            " POSTGRESQL://db/docs?sslmode=verify-full&channel_binding=require&connect_timeout=5\n",
            "postgresql",
            "postgresql://db/docs?sslmode=verify-full",
            "postgresql://db/docs",
        ),
        (
            "postgresql://u:p@one:1,two:2/docs?target_session_attrs=primary",
            "postgresql",
            "postgresql://u:p@one:1,two:2/docs?target_session_attrs=primary",
            "postgresql://one:1,two:2/docs",
        ),
        (
            "mariadb+pymysql://ann:p%40ss@db:3307/docs?charset=utf8mb4",
            "mysql",
            "mysql://ann:p%40ss@db:3307/docs?charset=utf8mb4",
            "mysql://db:3307/docs",
        ),
        ("mysql2://ann@db/docs", "mysql", "mysql://ann@db/docs", "mysql://db/docs"),
    ],
)
def test_url_is_taken_as_it_stands(url: str, backend: str, location: str, shown: str) -> None:
    parsed = parse_database_url(url)

    assert (parsed.backend, parsed.location, parsed.shown) == (backend, location, shown)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "threads.db",
        "sqlite:threads.db",
        "sqlite://threads.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///t.db?mode=ro",
        "oracle://ann:secret@db/docs",
        "mysql:ann:secret@db/docs",
        "mysql://ann:sec/ret@db/docs",
        "ann:secret@db/docs",
    ],
)
def test_bad_url_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        parse_database_url(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@127.0.0.1:1/docs",
        "postgresql://ann:secret@127.0.0.1:1/docs?sslmode=never",
        "postgresql://ann:secret@127.0.0.1:port/docs",
        "postgresql://ann:secret@127.0.0.1:1/docs?sslrootcert=/nowhere&sslmode=verify-ca",
        "postgresql://ann:sec?ret@127.0.0.1:1/docs",
        "postgresql://ann:secret@/docs?host=/nowhere",
        "mysql://ann:secret@127.0.0.1:1/docs",
        "mysql://ann:secret@127.0.0.1:port/docs",
        "mysql://ann:secret@127.0.0.1:1",
        "mysql://ann:secret@127.0.0.1:1/docs?ssl-mode=maybe",
        "mysql://ann:secret@127.0.0.1:1/docs?ssl-ca=/nowhere",
        "mysql://ann:secret@127.0.0.1:1/docs?ssl_cert=/nowhere",
        "mariadb://ann:secret@127.0.0.1:1/docs?ssl={",
    ],
)
async def test_database_that_cannot_be_reached(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with open_thread_store(url):
            pass
    message = str(caught.value)
    assert re.match(r"Can't open the database (postgresql|mysql)://", message)
    assert len(message.splitlines()) == 1
    assert not message.endswith(": ")
    assert "sec" not in message


async def test_database_that_the_server_lacks() -> None:
    with pytest.raises(DatabaseError, match='database "nope" does not exist'):
        async with open_thread_store(postgres_server().get_uri(database="nope")):
            pass


async def test_url_of_a_hosting_service_is_accepted() -> None:
    url = fresh_postgres() + "&sslmode=prefer&channel_binding=require&application_name=docs"
    async with open_thread_store(url) as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)


async def test_sqlite_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "threads.db"
    path.write_text("not a database, but text that someone wrote " * 100)

    with pytest.raises(DatabaseError, match="file is not a database"):
        async with open_thread_store(f"sqlite:///{path}"):
            pass
    assert path.read_text().startswith("not a database")


async def test_sqlite_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "threads.db", tmp_path):
        with pytest.raises(DatabaseError):
            async with open_thread_store(f"sqlite:///{path}"):
                pass


async def test_sqlite_folder_is_made_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "50% new, ünd #1" / "data" / "threads.db"
    async with open_thread_store(f"sqlite:///{path}") as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
    assert path.exists()


def test_processes_may_start_on_one_sqlite_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.db'}"
    command = [sys.executable, "-W", "ignore", "-c", START_TOGETHER, url]
    subprocess.run(command, check=True, timeout=60)
    with closing(sqlite3.connect(tmp_path / "threads.db")) as connection:
        rows = connection.execute("SELECT id FROM footnote_threads ORDER BY id").fetchall()
    assert rows == [("thr_0",), ("thr_1",), ("thr_2",), ("thr_3",)]


async def test_sqlite_that_another_program_has_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.1)
    path = tmp_path / "threads.db"
    async with open_thread_store(f"sqlite:///{path}") as store:
        await store.save_thread(a_thread("thr_1"), context=ALICE)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ThreadsUnavailableError, match="locked"):
                await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)
        await store.add_thread_item("thr_1", a_note("msg_1", "thr_1"), context=ALICE)


def test_keys_suit_mysql() -> None:
    """MySQL needs a length for keys, and compares text without case and trailing spaces."""
    keys = [
        (str(CreateTable(table).compile(dialect=mysql.dialect())), column.name)
        for table in ThreadStoreTable.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, type(KEY))
    ]
    assert len(keys) >= 6
    for ddl, name in keys:
        assert f"{name} VARBINARY(1020)" in ddl


@pytest.mark.parametrize(
    ("parameters", "encrypted", "certificate", "hostname"),
    [
        ("", False, None, None),
        ("ssl-mode=DISABLED", False, None, None),
        ("unix_socket=/run/mysqld.sock&ssl-mode=REQUIRED", False, None, None),
        ("ssl-mode=REQUIRED", True, ssl.CERT_NONE, False),
        ("sslmode=require", True, ssl.CERT_NONE, False),
        ("sslaccept=strict", True, ssl.CERT_REQUIRED, True),
        ("ssl=true", True, ssl.CERT_REQUIRED, True),
        ('ssl={"rejectUnauthorized":true}', True, ssl.CERT_REQUIRED, True),
        ('ssl={"rejectUnauthorized":false}', True, ssl.CERT_NONE, False),
        (f"ssl-ca={certifi.where()}", True, ssl.CERT_REQUIRED, False),
        (f"ssl-mode=VERIFY_IDENTITY&ssl-ca={certifi.where()}", True, ssl.CERT_REQUIRED, True),
    ],
)
def test_encryption_that_a_mysql_url_asks_for(
    parameters: str, encrypted: bool, certificate: ssl.VerifyMode | None, hostname: bool | None
) -> None:
    arguments = connect_arguments(f"mysql://ann@db/docs?{parameters}", timeout=1)
    context = arguments["ssl"]
    assert (context is not None) == encrypted
    if encrypted:
        assert (context.verify_mode, context.check_hostname) == (certificate, hostname)


def test_credentials_of_a_mysql_url_are_decoded() -> None:
    arguments = connect_arguments("mysql://a%40b:p%2F%C3%B6@[::1]:3307/d%20s", timeout=1)
    assert arguments["user"] == "a@b"
    assert arguments["password"] == "p/ö".encode()
    assert (arguments["host"], arguments["port"], arguments["db"]) == ("::1", 3307, "d s")
