"""`python -m tests.mock_openai`: a model that searches, then answers, for `make bench` to load.

It tells its address on stdout, and ends when its stdin does.
"""

import argparse
import itertools
import sys

from tests.mock_openai import Call, MockOpenAI, Pause, RecordedRequest, Step, Text

_SENTENCES = (
    "The setting is read when the server starts, and a wrong value is told at once [1]. ",
    "A page that is removed from the folder is gone from the next answer [2]. ",
    "Run `make serve` to see it, then open the address that it prints [1]. ",
    "Nothing else has to be installed for that [3]. ",
)


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deltas", type=int, default=200, help="parts of each answer's text")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds before each part")
    options = parser.parse_args()
    step = model(options.deltas, options.pause)
    with MockOpenAI(itertools.repeat(step)) as mock:
        sys.stdout.write(f"{mock.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


def model(deltas: int, pause: float) -> Step:
    """Make the step that every request takes: the answer follows the output of a tool."""
    words = itertools.islice(itertools.cycle(_words()), deltas)
    parts = [part for word in words for part in ((Pause(pause), word) if pause else (word,))]
    answer = Text(*parts)

    def step(request: RecordedRequest) -> Text | Call:
        items = request.json["input"]
        if isinstance(items, list) and items[-1].get("type") == "function_call_output":
            return answer
        return Call("search_docs", {"query": _question(items)})

    return step


def _words() -> list[str]:
    """Cut the sentences as a tokenizer would: a few characters at a time."""
    text = "".join(_SENTENCES)
    return [text[start : start + 5] for start in range(0, len(text), 5)]


def _question(items: str | list[dict[str, object]]) -> str:
    if isinstance(items, str):
        return items
    content = items[-1]["content"]
    if isinstance(content, str):
        return content
    assert isinstance(content, list)
    return " ".join(part["text"] for part in content if "text" in part)


if __name__ == "__main__":
    main()
