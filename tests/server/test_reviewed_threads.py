"""What the server stores of a turn is what evaluations read of it."""

from evals.conversations import AskedQuestion, asked_questions
from server.settings import ServerSettings
from store.threads.engine import open_thread_store
from store.threads.review import review_threads
from tests.server.serving import ChatClient


async def _asked(settings: ServerSettings) -> list[AskedQuestion]:
    async with open_thread_store(settings.resolved_database_url) as threads:
        return [
            question
            async for thread in review_threads(threads)
            for question in asked_questions(thread)
        ]


async def test_stored_questions_have_their_status_and_citations(
    client: ChatClient, settings: ServerSettings
) -> None:
    client.ask("How do I run Gromit in Docker?")
    client.ask("Which wine goes with asparagus risotto?")
    first, second = await _asked(settings)
    assert first.outcome == "answered"
    assert "/docs/guide/install#docker" in first.cited
    assert second.outcome in {"not_found", "off_topic"}
    assert second.cited == ()
    assert first.user_id == second.user_id
