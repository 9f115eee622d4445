import pytest

from server.agent.quoting import choose_quotations
from server.answer.evidence import QuotedPassage
from server.lexical.rarity import rarity
from server.search.followup import ContextualQuery


def quoted(number: int, heading: str, text: str) -> QuotedPassage:
    return QuotedPassage(number, "Handbook", f"Handbook > {heading}", text)


PORT = quoted(1, "Network", "Set `PORT` to change the port. It is 8000. Colours are blue.")
BACKUP = quoted(2, "Backup", "Threads are kept in SQLite. A backup is a copy of that file.")
DOCKER = quoted(
    3,
    "Docker",
    "An image is made from the Dockerfile. To start the containers, run this command:\n\n"
    "```sh\ndocker compose up\n```\n\nStop them with Ctrl+C.",
)
PASSAGES = (PORT, BACKUP, DOCKER)


def chosen(question: str) -> dict[int, list[str]]:
    quotations = choose_quotations(ContextualQuery(question), PASSAGES)
    return {item.passage.number: [unit.text for unit in item.units] for item in quotations}


def test_the_sentences_that_share_the_questions_words_are_quoted() -> None:
    assert next(iter(chosen("How do I change the port?").items())) == (
        1,
        ["Set `PORT` to change the port."],
    )
    assert next(iter(chosen("How are backups of the threads made?").items())) == (
        2,
        ["Threads are kept in SQLite.", "A backup is a copy of that file."],
    )


def test_code_comes_with_the_sentence_that_leads_to_it() -> None:
    question = ContextualQuery("Which command starts the docker containers?")

    [quotation] = choose_quotations(question, [DOCKER, PORT, BACKUP])

    assert quotation.passage is DOCKER
    assert [unit.text for unit in quotation.units] == [
        "To start the containers, run this command:",
        "```sh\ndocker compose up\n```",
    ]


def test_the_subject_of_a_follow_up_counts_for_less_than_its_words() -> None:
    both = quoted(1, "Server", "Change the port in a file. A backup is a copy of that file.")
    question = ContextualQuery("And the backup?", subject="change port file")

    [quotation] = choose_quotations(question, [both])

    assert [unit.text for unit in quotation.units] == ["A backup is a copy of that file."]


def test_the_searchs_order_decides_where_the_words_say_little() -> None:
    cache = quoted(1, "Cache", "Each page is kept for a minute, so that it comes at once.")
    server = quoted(2, "Server", "Each page is made by the server at the question's time.")
    for order in ([cache, server], [server, cache]):
        quotations = choose_quotations(ContextualQuery("How long is a page cached?"), order)
        assert quotations[0].passage is order[0]


def test_a_second_passage_is_quoted_only_for_what_the_first_one_leaves_open() -> None:
    change = quoted(1, "Change the port", "Set `PORT` to change the port of the server.")
    proxy = quoted(2, "Change the port behind a proxy", "Set `PORT` to change the server's port.")
    backup = quoted(3, "Copy the threads", "Stop everything, then copy the file of the threads.")

    def numbers(question: str) -> list[int]:
        passages = [change, proxy, backup]
        quotations = choose_quotations(ContextualQuery(question), passages)
        return [quotation.passage.number for quotation in quotations]

    assert numbers("How do I change the port of the server?") == [1]
    assert numbers("How do I change the port, and copy the threads?") == [1, 3]


def test_a_passage_found_by_its_heading_is_quoted_from_its_beginning() -> None:
    glossary = quoted(1, "Generation", "One build of everything. Another sentence.")

    [quotation] = choose_quotations(ContextualQuery("What is a generation?"), [glossary])

    assert [unit.text for unit in quotation.units] == ["One build of everything."]


@pytest.mark.parametrize("question", ["", "Why?"])
def test_questions_without_a_word_to_go_by_get_nothing(question: str) -> None:
    assert chosen(question) == {}


def test_nothing_comes_from_nothing() -> None:
    assert choose_quotations(ContextualQuery("How do I change the port?"), []) == []


def test_rarer_words_weigh_more() -> None:
    words = ["the", "change", "container", "middleware", "zzyzxq"]

    assert [rarity(word) for word in words] == sorted(rarity(word) for word in words)
    assert rarity("the") == 0.05
    assert rarity("zzyzxq") == 1.0
    assert rarity("docker") < 1.0
