"""Runs of ingest on a real index: it becomes the folder, and costs only what changed."""

import shutil
from pathlib import Path

import anyio
import pytest

from ingest.document import Document
from ingest.run import NoticesError
from ingest.site import Site
from ingest.sources import SourceError
from store.errors import EmbedderUnavailableError, IndexStorageError
from tests.ingest.workplace import Workplace


async def test_the_first_run_indexes_everything(workplace: Workplace) -> None:
    summary = await workplace.ingest()

    assert [(p.path, p.anchor, p.text) for p in await workplace.passages()] == [
        ("guide/lamp.md", "the-lamp", "The lamp burns oil."),
        ("guide/lamp.md", "lighting-it", "Strike a match."),
        ("guide/lamp.md", "cleaning-it", "Use a soft cloth."),
        ("index.md", "home", "Welcome to the lighthouse."),
    ]
    assert len(summary.plan.added) == 2
    assert (summary.changes.added, summary.changes.embedded, summary.passages) == (4, 4, 4)
    assert summary.generation == 1
    async with workplace.index() as index:
        page = await index.page("guide/lamp.md")
        assert page is not None
        assert page.url == "/docs/guide/lamp"
        assert page.text == (workplace.docs / "guide/lamp.md").read_text()
        assert [section.anchor for section in page.sections] == [
            "the-lamp",
            "lighting-it",
            "cleaning-it",
        ]
        assert (index.manifest.pages, index.manifest.passages) == (2, 4)


async def test_what_is_embedded_carries_the_headings(workplace: Workplace) -> None:
    await workplace.ingest()
    assert "The lamp > Lighting it\nStrike a match." in workplace.embedder.texts


async def test_the_second_run_does_nothing(workplace: Workplace) -> None:
    await workplace.ingest()
    summary = await workplace.ingest()
    assert summary.plan.is_empty
    assert (workplace.embedder.texts, summary.generation) == ([], 1)


async def test_an_edit_embeds_its_section_alone(workplace: Workplace) -> None:
    await workplace.ingest()
    before = {passage.anchor: passage for passage in await workplace.passages()}
    workplace.write(
        "guide/lamp.md",
        "# The lamp\n\nThe lamp burns oil.\n\n## Lighting it\n\nUse the new lighter.\n\n"
        "It is on the shelf.\n\n## Cleaning it\n\nUse a soft cloth.\n",
    )

    summary = await workplace.ingest()

    assert workplace.embedder.texts == [
        "The lamp > Lighting it\nUse the new lighter. It is on the shelf."
    ]
    assert (summary.changes.added, summary.changes.removed, summary.changes.kept) == (1, 1, 2)
    after = {passage.anchor: passage for passage in await workplace.passages()}
    assert after["lighting-it"].text == "Use the new lighter.\n\nIt is on the shelf."
    cleaning = after["cleaning-it"]
    assert cleaning.id == before["cleaning-it"].id
    assert cleaning.start_line == before["cleaning-it"].start_line + 2
    assert (summary.passages, len(after)) == (4, 4)


async def test_a_deleted_page_leaves_nothing_behind(workplace: Workplace) -> None:
    await workplace.ingest()
    (workplace.docs / "guide/lamp.md").unlink()

    summary = await workplace.ingest()

    assert summary.plan.removed == ("guide/lamp.md",)
    assert (summary.changes.removed, summary.passages) == (3, 1)
    assert {passage.path for passage in await workplace.passages()} == {"index.md"}
    async with workplace.index() as index:
        assert await index.page("guide/lamp.md") is None


async def test_a_renamed_page_is_moved(workplace: Workplace) -> None:
    await workplace.ingest()
    (workplace.docs / "guide/lamp.md").rename(workplace.docs / "guide/light.md")

    summary = await workplace.ingest()

    assert [move.old_path for move in summary.plan.moved] == ["guide/lamp.md"]
    assert summary.passages == 4
    passages = await workplace.passages()
    assert {passage.path for passage in passages} == {"guide/light.md", "index.md"}
    assert passages[0].url == "/docs/guide/light#the-lamp"


async def test_equal_texts_are_embedded_once(workplace: Workplace) -> None:
    workplace.write("one.md", "# Licence\n\nApache-2.0.\n")
    workplace.write("two.md", "# Licence\n\nApache-2.0.\n")
    await workplace.ingest()
    assert workplace.embedder.texts.count("Licence\nApache-2.0.") == 1
    assert len(await workplace.passages()) == 6


async def test_another_base_url_is_put_in_without_embedding(workplace: Workplace) -> None:
    await workplace.ingest()
    summary = await workplace.ingest(base_url="https://example.com/")
    assert (workplace.embedder.texts, len(summary.plan.refreshed)) == ([], 2)
    passages = await workplace.passages()
    assert passages[-1].url == "https://example.com/#home"
    assert summary.passages == len(passages) == 4


async def test_the_base_url_stays_until_another_is_given(workplace: Workplace) -> None:
    await workplace.ingest(base_url="https://example.com/")
    assert (await workplace.ingest()).plan.is_empty


async def test_another_chunker_keeps_the_vectors_of_what_comes_out_equal(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workplace.ingest()
    monkeypatch.setattr("ingest.run.CHUNKER", "another")
    summary = await workplace.ingest()
    assert (workplace.embedder.texts, summary.changes.kept) == ([], 4)
    assert summary.generation == 2
    assert (await workplace.ingest()).plan.is_empty


async def test_rebuilding_embeds_everything_again(workplace: Workplace) -> None:
    await workplace.ingest()
    summary = await workplace.ingest(rebuild=True)
    assert (len(workplace.embedder.texts), summary.passages) == (4, 4)
    assert len(await workplace.passages()) == 4


async def test_another_folder_replaces_the_one_before(workplace: Workplace, tmp_path: Path) -> None:
    await workplace.ingest(base_url="https://example.com/")
    workplace.docs = tmp_path / "other"
    workplace.write("a.md", "# Other\n\nText.\n")
    await workplace.ingest()
    assert [passage.url for passage in await workplace.passages()] == ["/docs/a#other"]


async def test_comparing_changes_nothing(workplace: Workplace) -> None:
    assert len((await workplace.compare()).added) == 2
    await workplace.ingest()
    assert (await workplace.compare()).is_empty
    workplace.write("new.md", "# New\n")
    assert [file.path for file in (await workplace.compare()).added] == ["new.md"]
    assert {passage.path for passage in await workplace.passages()} == {"guide/lamp.md", "index.md"}


async def test_a_page_without_text_is_noticed(workplace: Workplace) -> None:
    workplace.write("empty.md", "")
    summary = await workplace.ingest()
    assert [str(notice) for notice in summary.notices] == [
        "empty.md:1: an empty page: there is no text to search for"
    ]


async def test_a_strict_run_publishes_nothing_with_warnings(workplace: Workplace) -> None:
    workplace.write("twice.md", "# A {#x}\n\nText.\n\n## B {#x}\n\nText.\n")
    with pytest.raises(NoticesError, match=r"1 warnings.*twice\.md:5: the id x is given twice"):
        await workplace.ingest(strict=True)
    assert len((await workplace.compare()).added) == 3

    assert len((await workplace.ingest()).notices) == 1
    assert (await workplace.ingest(strict=True)).plan.is_empty


async def test_versions_and_locales_are_kept(workplace: Workplace) -> None:
    workplace.write("v1.2/a.md", "---\nlang: de\n---\n# A\n\nText.\n")
    await workplace.ingest()
    passages = await workplace.passages()
    assert [(p.path, p.version, p.locale) for p in passages if p.path.endswith("a.md")] == [
        ("v1.2/a.md", "1.2", "de")
    ]
    async with workplace.index() as index:
        page = await index.page("v1.2/a.md")
    assert page is not None
    assert (page.version, page.locale) == ("1.2", "de")


async def test_the_cost_is_known_beforehand(workplace: Workplace) -> None:
    estimate = await workplace.estimate()
    assert (len(estimate.plan.added), estimate.passages, estimate.dollars) == (2, 4, None)
    assert workplace.embedder.texts == []

    summary = await workplace.ingest()
    assert summary.changes.added == estimate.passages
    assert 0 < summary.changes.tokens < estimate.tokens
    assert (await workplace.estimate()).passages == 0


async def test_openai_has_its_price(workplace: Workplace) -> None:
    workplace.embedder.name = "openai:text-embedding-3-small"
    estimate = await workplace.estimate()
    assert estimate.dollars == pytest.approx(estimate.tokens * 0.02 / 1e6)


@pytest.mark.parametrize(
    "error", [EmbedderUnavailableError("words", "is away"), KeyboardInterrupt()]
)
async def test_a_run_that_fails_leaves_the_index_as_it_was(
    workplace: Workplace, error: BaseException
) -> None:
    await workplace.ingest()
    before = await workplace.passages()
    workplace.write("new.md", "# New\n\nText.\n")
    workplace.embedder.error = error
    with pytest.raises(type(error)):
        await workplace.ingest()
    assert await workplace.passages() == before

    workplace.embedder.error = None
    summary = await workplace.ingest()
    assert [file.path for file in summary.plan.added] == ["new.md"]


async def test_a_full_disk_leaves_the_index_as_it_was(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workplace.ingest()
    before = await workplace.passages()
    workplace.write("new.md", "# New\n\nText.\n")
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(workplace.docs)._replace(free=9_000_000)
        full.setattr("store.index.generations.shutil.disk_usage", lambda _: usage)
        with pytest.raises(IndexStorageError, match=r"no space left .*9 MB are free"):
            await workplace.ingest()
    assert await workplace.passages() == before
    assert (await workplace.ingest()).generation == 2


async def test_a_run_that_is_cancelled_leaves_the_index_as_it_was(workplace: Workplace) -> None:
    await workplace.ingest()
    workplace.write("new.md", "# New\n\nText.\n")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await workplace.ingest()
    assert [file.path for file in (await workplace.compare()).added] == ["new.md"]
    assert len((await workplace.ingest()).plan.added) == 1


async def test_an_emptied_folder_does_not_empty_the_index(workplace: Workplace) -> None:
    await workplace.ingest()
    before = await workplace.passages()
    for file in workplace.docs.rglob("*.md"):
        file.unlink()
    with pytest.raises(SourceError, match="no documents"):
        await workplace.ingest()
    assert await workplace.passages() == before


async def test_a_page_that_breaks_its_reader_is_left_out_and_tried_again(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workplace.ingest()
    workplace.write("guide/lamp.md", "# The lamp\n\nA new one.\n")
    read = Site.read

    def fragile(site: Site, path: str, text: str) -> Document:
        if path == "guide/lamp.md":
            raise IndexError("list index out of range")
        return read(site, path, text)

    with monkeypatch.context() as broken:
        broken.setattr(Site, "read", fragile)
        summary = await workplace.ingest()
        assert [str(notice) for notice in summary.notices] == [
            "guide/lamp.md:1: can't be parsed (IndexError: list index out of range); left out"
        ]
        assert (summary.passages, summary.manifest.pages, summary.generation) == (1, 1, 2)
        again = await workplace.ingest()
        assert (len(again.notices), again.generation) == (1, 2)
    assert (await workplace.ingest()).passages == 2
