"""What the widget says of questions that get no answer, or half of one."""

import threading

import pytest
from chatkit.types import ErrorEvent
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.reader import answers, ask, panel, question_sent
from tests.browser.scripted_backend import Cut, Refusal, Wait
from tests.browser.scripts import answer, streamed_answer

pytestmark = pytest.mark.browser


def test_an_error_in_the_stream_can_be_retried(asking: Page, site: Site) -> None:
    failing = ErrorEvent(message="The model is busy right now.", allow_retry=True)
    site.backend.scripts.append(lambda _: iter([failing]))
    site.backend.scripts.append(answer("Now it works."))
    ask(asking, "How?")
    expect(panel(asking).get_by_role("alert")).to_contain_text("The model is busy right now.")
    asking.get_by_role("button", name="Try again").click()
    expect(answers(asking)).to_contain_text("Now it works.")
    expect(panel(asking).get_by_role("alert")).to_have_count(0)
    expect(question_sent(asking, "How?")).to_have_count(1)
    assert site.backend.requests[-1]["type"] == "threads.retry_after_item"


def test_an_error_that_allows_no_retry_offers_none(asking: Page, site: Site) -> None:
    site.backend.scripts.append(lambda _: iter([ErrorEvent(message="Closed.")]))
    ask(asking, "How?")
    expect(panel(asking).get_by_role("alert")).to_have_text("Closed.")
    expect(asking.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_refusal_is_told_in_its_own_words_and_the_question_sent_again(
    asking: Page, site: Site
) -> None:
    site.backend.refusals.append(Refusal(503, message="Down for a minute."))
    site.backend.scripts.append(answer("Up again."))
    ask(asking, "How?")
    expect(panel(asking).get_by_role("alert")).to_contain_text("Down for a minute.")
    asking.get_by_role("button", name="Try again").click()
    expect(answers(asking)).to_contain_text("Up again.")
    assert site.backend.questions() == ["How?", "How?"]


def test_a_question_that_is_not_taken_is_given_back_with_the_reason(
    asking: Page, site: Site
) -> None:
    site.backend.refusals.append(Refusal(400, message="The message is too long."))
    question = "a line of a log\n" * 60 + "what is this?"
    ask(asking, question)
    told = panel(asking).get_by_role("alert")
    expect(told).to_have_text("The message is too long.")
    expect(told).to_be_in_viewport(ratio=1)
    expect(asking.get_by_label("Your question")).to_have_value(question)
    expect(asking.locator(".question")).to_have_count(0)
    site.backend.scripts.append(answer("A log."))
    ask(asking, "what is this?")
    expect(answers(asking)).to_contain_text("A log.")
    expect(told).to_have_count(0)


def test_a_question_that_is_not_taken_stays_when_another_is_begun(asking: Page, site: Site) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    asking.route("**/chatkit", hold)
    with asking.expect_request("**/chatkit"):
        ask(asking, "How?")
    asking.get_by_label("Your question").fill("Another?")
    error = {"error": {"code": "refused", "message": "This conversation is closed."}}
    held.pop().fulfill(status=409, json=error)
    expect(panel(asking).get_by_role("alert")).to_have_text("This conversation is closed.")
    expect(asking.locator(".question")).to_contain_text("How?")
    expect(asking.get_by_label("Your question")).to_have_value("Another?")


def test_too_many_questions_are_told_with_the_time_to_wait(asking: Page, site: Site) -> None:
    site.backend.refusals.append(Refusal(429, headers={"Retry-After": "42"}))
    ask(asking, "How?")
    expect(panel(asking).get_by_role("alert")).to_contain_text(
        "Too many questions at once. Please try again in 42 seconds."
    )


def test_a_session_that_is_not_given_in_time_is_told_as_what_it_is(
    asking: Page, site: Site
) -> None:
    begun: list[str] = []

    def refuse(route: Route) -> None:
        begun.append(route.request.url)
        route.fulfill(status=429, headers={"Retry-After": "30"}, json={})

    asking.route("**/session", refuse)
    site.backend.refusals.append(Refusal(401, message="Begin with POST /session."))
    ask(asking, "How?")
    told = panel(asking).get_by_role("alert")
    expect(told).to_contain_text("Please try again in 30 seconds.")
    expect(told.get_by_role("button", name="Try again")).to_be_visible()
    assert len(begun) == 1


def test_a_server_that_is_not_there_is_told(asking: Page, site: Site) -> None:
    asking.route("**/chatkit", lambda route: route.abort())
    ask(asking, "How?")
    expect(panel(asking).get_by_role("alert")).to_contain_text("can't be reached")
    asking.unroute("**/chatkit")
    site.backend.scripts.append(answer("Back."))
    asking.get_by_role("button", name="Try again").click()
    expect(answers(asking)).to_contain_text("Back.")


def test_an_answer_that_is_cut_keeps_what_there_was(asking: Page, site: Site) -> None:
    gate = threading.Event()
    site.backend.scripts.append(lambda turn: streamed_answer(turn, ["Half an", Wait(gate), Cut()]))
    ask(asking, "How?")
    expect(answers(asking)).to_contain_text("Half an")
    gate.set()
    expect(panel(asking).get_by_role("alert")).to_contain_text("cut off")
    expect(answers(asking)).to_contain_text("Half an")
    site.backend.scripts.append(answer("A whole answer."))
    asking.get_by_role("button", name="Try again").click()
    expect(answers(asking)).to_have_count(1)
    expect(answers(asking)).to_contain_text("A whole answer.")


def test_stopping_keeps_the_partial_answer_and_the_next_turn_works(
    asking: Page, site: Site
) -> None:
    site.backend.scripts.append(
        lambda turn: streamed_answer(turn, ["Partial", Wait(threading.Event())])
    )
    ask(asking, "How?")
    expect(answers(asking)).to_contain_text("Partial")
    asking.get_by_role("button", name="Stop answering").click()
    expect(asking.get_by_text("You stopped this answer.")).to_be_visible()
    expect(asking.get_by_role("button", name="Send")).to_be_visible()
    # What the server stored is taken over without a change on screen.
    with asking.expect_response(lambda response: "get_by_id" in (response.request.post_data or "")):
        pass
    expect(answers(asking)).to_have_text("Partial")
    site.backend.scripts.append(answer("Next."))
    ask(asking, "And?")
    expect(answers(asking).last).to_contain_text("Next.")
    expect(asking.get_by_text("You stopped this answer.")).to_have_count(0)


def test_a_question_stopped_before_it_arrived_is_given_back(asking: Page) -> None:
    asking.route("**/chatkit", lambda _: None)
    ask(asking, "A long question")
    asking.get_by_role("button", name="Stop answering").click()
    expect(asking.get_by_label("Your question")).to_have_value("A long question")
    expect(question_sent(asking, "A long question")).to_have_count(0)
