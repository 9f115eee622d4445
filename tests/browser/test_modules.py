"""The widget's pure modules, imported one by one into Chromium."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from chatkit.types import (
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadStreamEvent,
)
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page
from pydantic import TypeAdapter

from tests.browser.scripted_backend import Cut, Turn, Wait
from tests.browser.scripts import cite, streamed_answer, widget
from tests.server.serving import running

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parent / "fixtures" / "answers.md"
EVENT: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)
ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)


@pytest.fixture(scope="module")
def modules(chromium: Browser) -> Any:
    """A page that can import the modules, and holds all of them as `window.all`."""
    app = FastAPI()
    app.get("/")(lambda: HTMLResponse("<!doctype html><title>Modules</title>"))
    app.mount("/src", StaticFiles(directory="server/widget/src"))
    names = ["event_stream", "reducer", "markdown", "cite", "citations", "message_dom", "cards"]
    names += ["strings", "uploads"]
    with running(app) as url:
        page = chromium.new_page()
        page.goto(url)
        imports = ", ".join(f"import('/src/{name}.js')" for name in names)
        page.evaluate(
            f"Promise.all([{imports}]).then(all => (window.all = Object.assign({{}}, ...all)))"
        )
        yield page
        page.close()


def golden_cases() -> list[Any]:
    """Read the cases: a title, the answer's Markdown and the HTML that it becomes."""
    found = re.findall(
        r"^## (.+?)\n+`{4}md( growing)?\n(.*?)\n?`{4}\n+`{4}html\n(.*?)\n?`{4}$",
        GOLDEN.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return [
        pytest.param(source, expected, bool(growing), id=title)
        for title, growing, source, expected in found
    ]


def test_every_golden_case_is_read() -> None:
    assert len(golden_cases()) == GOLDEN.read_text("utf-8").count("\n## ")


@pytest.mark.parametrize(("source", "expected", "growing"), golden_cases())
def test_markdown_becomes_dom(modules: Page, source: str, expected: str, growing: bool) -> None:
    html = modules.evaluate(
        """([source, streaming]) => {
             const context = { base: "https://docs.example/", strings: all.defaultStrings };
             const blocks = all.parseMarkdown(source, { streaming });
             return blocks.map(block => all.renderBlock(block, context).outerHTML).join("\\n");
           }""",
        [source, growing],
    )
    # Boilerplate of links and code blocks, the same in each of them.
    html = html.replace(' target="_blank" rel="noopener noreferrer"', "")
    html = re.sub(r"<button.*?</button>", "", html)
    assert html == expected


def test_a_growing_answer_never_throws_and_ends_as_the_whole_one(modules: Page) -> None:
    texts = [source for source, *_ in (case.values for case in golden_cases())]
    failures = modules.evaluate(
        """texts => texts.flatMap(text => {
             for (let end = 0; end <= text.length; end += 1) {
               const blocks = all.parseMarkdown(text.slice(0, end), { streaming: true });
               for (const block of blocks)
                 if (block.start > block.end || block.end > end) return [[text, end]];
             }
             return [];
           })""",
        texts,
    )
    assert failures == []


def test_events_come_whole_however_the_stream_is_cut(modules: Page) -> None:
    stream = (
        ': ping\n\ndata: {"a":1}\n\ndata:{"b":2}\r\n\r\n: c\r\r'
        'data: x\ndata: y\n\nevent: z\nid: 1\n\ndata: "🎉"\n\n'
    )
    expected = ['{"a":1}', '{"b":2}', "x\ny", '"🎉"']
    for size in (1, 2, 3, 5, 7, len(stream)):
        events = modules.evaluate(
            """([stream, size]) => {
                 const parser = new all.EventStreamParser();
                 const events = [];
                 for (let at = 0; at < stream.length; at += size)
                   events.push(...parser.push(stream.slice(at, at + size)));
                 return events;
               }""",
            [stream, size],
        )
        assert events == expected, size


@pytest.mark.parametrize(
    ("text", "positions", "offsets"),
    [
        ("plain", [0, 2, 5], [0, 2, 5]),
        ("🎉a🎉b", [0, 1, 2, 3, 4], [0, 2, 3, 5, 6]),
        ("👩‍👩‍👧 x", [5, 6, 7], [8, 9, 10]),
        ("e\u0301", [2], [2]),
        ("short", [99], [5]),
        ("", [0, 3], [0, 0]),
    ],
)
def test_code_points_become_utf16_offsets(
    modules: Page, text: str, positions: list[int], offsets: list[int]
) -> None:
    assert modules.evaluate("([t, p]) => all.utf16Offsets(t, p)", [text, positions]) == offsets
    for position, offset in zip(positions, offsets, strict=True):
        assert text[:position].encode("utf-16-le") == text.encode("utf-16-le")[: offset * 2]


def folded(modules: Page, events: list[ThreadStreamEvent]) -> list[dict[str, Any]]:
    """Fold events by the widget's reducer, and return the items."""
    wire = [json.loads(EVENT.dump_json(event, exclude_none=True)) for event in events]
    items: list[dict[str, Any]] = modules.evaluate(
        "events => events.reduce(all.reduce, all.emptyState).items", wire
    )
    return items


def test_the_updates_of_a_message_lead_to_the_whole_one(modules: Page) -> None:
    text = "🎉 One. Two."
    ids = itertools.count()
    turn = Turn("thread", lambda: f"item_{next(ids)}")
    citations = [cite(text, "One.", "/a"), cite(text, "Two.", "/b")]
    steps = list(streamed_answer(turn, ["🎉 One.", " Two."], citations))
    # Everything but the last event, which carries the whole message once more.
    before, done = steps[:-1], steps[-1]
    assert isinstance(done, ThreadItemDoneEvent)
    events = [event for event in before if not isinstance(event, Wait | Cut)]
    assert ITEM.validate_python(folded(modules, events)[0]) == done.item
    assert ITEM.validate_python(folded(modules, [*events, done])[0]) == done.item


def test_the_updates_of_a_widget_change_its_components(modules: Page) -> None:
    turn = Turn("thread", lambda: "item")
    rows = [{"type": "Text", "id": "a", "value": "Some"}, {"type": "Text", "id": "b", "value": ""}]
    shown = widget(turn, {"type": "Card", "children": [{"type": "Col", "children": rows}]})

    def after(*updates: dict[str, Any]) -> Any:
        changes = [
            EVENT.validate_python(
                {"type": "thread.item.updated", "item_id": "item", "update": update}
            )
            for update in updates
        ]
        (item,) = folded(modules, [shown, *changes])
        return item["widget"]

    grown = {"type": "widget.streaming_text.value_delta", "component_id": "a", "delta": " more"}
    widget_ = after({**grown, "done": False}, {**grown, "done": True})
    assert widget_["children"][0]["children"][0]["value"] == "Some more more"
    other = {"type": "Title", "id": "b", "value": "Other"}
    widget_ = after({"type": "widget.component.updated", "component_id": "b", "component": other})
    assert [row["value"] for row in widget_["children"][0]["children"]] == ["Some", "Other"]
    empty = {"type": "Card", "children": []}
    assert after({"type": "widget.root.updated", "widget": empty}) == empty


def test_items_are_replaced_in_their_place_and_removed(modules: Page) -> None:
    turns = [Turn("thread", lambda name=name: name) for name in "abc"]  # type: ignore[misc]
    first, second, third = (widget(turn, {"type": "Card", "children": []}) for turn in turns)
    replaced = ThreadItemReplacedEvent(item=first.item.model_copy(update={"copy_text": "new"}))
    removed = ThreadItemRemovedEvent(item_id="b")
    items = folded(modules, [first, second, third, replaced, removed])
    assert [(item["id"], item.get("copy_text")) for item in items] == [("a", "new"), ("c", None)]


def test_the_reducer_changes_nothing_for_what_it_does_not_know(modules: Page) -> None:
    same = modules.evaluate(
        """() => {
             const state = { ...all.emptyState, items: [{ id: "a", type: "widget", widget: {} }] };
             const update = { type: "from.the.future" };
             const event = { type: "thread.item.updated", item_id: "a", update };
             return [
               all.reduce(state, { type: "future" }) === state,
               all.reduce(state, event).items[0] === state.items[0],
             ];
           }"""
    )
    assert same == [True, True]


@pytest.mark.parametrize(
    "root",
    [
        {"type": "Hologram"},
        {"type": "constructor", "children": None},
        {"type": "ListView"},
        {"type": "Card", "children": "text", "confirm": True},
        {"type": "Card", "children": [None, 1, "x", [], {"type": "Markdown"}, {"type": "Image"}]},
        {"type": "Row", "children": {"type": "Button", "onClickAction": 3, "size": {"a": 1}}},
        {"type": "Text", "value": {"not": "text"}, "size": "<b>", "maxLines": "many"},
        {"type": "Box", "padding": {"top": "url(x)"}, "gap": "calc(1px)", "children": []},
    ],
)
def test_a_widget_of_any_shape_is_harmless(modules: Page, root: dict[str, Any]) -> None:
    tags = modules.evaluate(
        """root => {
             const context = {
               base: "https://docs.example/", strings: all.defaultStrings,
               imageAddress: () => null, act: () => {},
             };
             const shown = all.renderWidget(root, context);
             return shown ? [shown, ...shown.querySelectorAll("*")].map(one => one.localName) : [];
           }""",
        root,
    )
    assert set(tags) <= {"div", "p", "ul", "li", "button"}


@pytest.mark.parametrize(
    ("name", "type_", "expected"),
    [
        ("notes.MD", "", "text/markdown"),
        ("build.log", "", "text/plain"),
        ("main.ts", "video/mp2t", "text/plain"),
        ("page.html", "text/html", "text/plain"),
        ("README", "text/x-readme; charset=utf-8", "text/plain"),
        ("shot.png", "image/png", "image/png"),
        ("film.mp4", "video/mp4", None),
        ("tool.exe", "", None),
    ],
)
def test_files_are_sent_as_what_they_are(
    modules: Page, name: str, type_: str, expected: str | None
) -> None:
    accepted = ["text/plain", "text/markdown", "image/png"]
    found = modules.evaluate(
        "([file, types]) => all.mediaTypeOf(file, types)", [{"name": name, "type": type_}, accepted]
    )
    assert found == expected
