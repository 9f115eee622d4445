"""Who may read a page, by the metadata of each format."""

import json

import pytest

from ingest.anchors.github import github_slugger
from ingest.document import Document
from ingest.readers import Reader
from ingest.readers.html import read_html
from ingest.readers.hugo import read_hugo
from ingest.readers.markdown import read_markdown
from ingest.readers.myst import read_myst
from ingest.readers.notebook import read_notebook
from ingest.readers.rst import read_rst
from store.records import EVERYONE, NOBODY, Audience
from tests.ingest.workplace import Workplace

STAFF = Audience(roles=("staff",))


def read(reader: Reader, source: str) -> Document:
    return reader("page", source, github_slugger())


@pytest.mark.parametrize(
    ("fields", "audience"),
    [
        ("title: Guide", EVERYONE),
        ("roles: staff", STAFF),
        ("audience: [staff]", STAFF),
        ("audience: staff\nroles: [admin, staff]", Audience(roles=("staff", "admin"))),
        ("roles: staff, key accounts", Audience(roles=("staff", "key accounts"))),
        ("tenant: acme", Audience(tenants=("acme",))),
        ("tenants: [acme, 7]\nroles: staff", Audience(("staff",), ("acme", "7"))),
        ("roles: []\ntenant:", EVERYONE),
    ],
)
def test_front_matter_names_an_audience(fields: str, audience: Audience) -> None:
    document = read(read_markdown, f"---\n{fields}\n---\n\n# Guide\n")
    assert document.audience == audience
    assert not document.notices


@pytest.mark.parametrize(
    "block",
    [
        "---\nroles: {staff: true}\n---",
        "---\nroles: [staff\n---",
        "---\ntitle: 'x\n  'audience': staff\n---",
        "+++\nroles = staff\n+++",
        '{\n"title": "x", "roles": [true}\n}',
    ],
)
def test_an_audience_that_can_not_be_read_is_nobody(block: str) -> None:
    document = read(read_markdown, f"{block}\n\n# Guide\n")
    assert document.audience == NOBODY
    assert "nobody is shown the page" in document.notices[0].message


def test_other_front_matter_that_can_not_be_read_keeps_nobody_out() -> None:
    assert read(read_markdown, "---\ntitle: [x\n---\n\n# Guide\n").audience == EVERYONE


@pytest.mark.parametrize(
    ("reader", "source"),
    [
        (read_hugo, '+++\naudience = ["staff"]\n+++\n\n# Guide\n'),
        (read_hugo, '{\n"roles": "staff"\n}\n\n# Guide\n'),
        (read_myst, "---\nroles: staff\n---\n\n# Guide\n"),
        (read_rst, ":Roles: staff\n\nGuide\n=====\n\nText.\n"),
        (read_rst, ".. meta::\n   :audience: staff\n\nGuide\n=====\n\nText.\n"),
        (read_html, '<meta name="Audience" content="staff"><main><h1>Guide</h1></main>'),
        (read_notebook, json.dumps({"metadata": {"roles": ["staff"]}, "cells": []})),
        (
            read_notebook,
            json.dumps(
                {"cells": [{"cell_type": "markdown", "source": "---\nroles: staff\n---\n# A"}]}
            ),
        ),
    ],
)
def test_every_format_has_a_place_for_it(reader: Reader, source: str) -> None:
    assert read(reader, source).audience == STAFF


async def test_the_index_takes_the_audience_over(workplace: Workplace) -> None:
    workplace.write("open.md", "# Open\n\nText.\n")
    workplace.write("staff.md", "---\nroles: staff\n---\n\n# Staff\n\nText.\n")
    assert (await workplace.ingest()).restricted == 1
    assert (await audiences(workplace))["staff.md"] == STAFF
    # A page that opens is embedded no second time.
    workplace.write("staff.md", "# Staff\n\nText.\n")
    assert (await workplace.ingest()).restricted == 0
    assert workplace.embedder.texts == []
    assert (await audiences(workplace))["staff.md"] == EVERYONE


async def audiences(workplace: Workplace) -> dict[str, Audience]:
    async with workplace.index() as index:
        pages = {page.path: page.audience for page in await index.pages()}
    passages = {passage.path: passage.audience for passage in await workplace.passages()}
    assert passages == pages
    return pages
