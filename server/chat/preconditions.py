"""Requests are checked before a stream begins: after that, a status can't be sent any more."""

import json

from chatkit.actions import Action
from chatkit.store import NotFoundError
from chatkit.types import (
    ChatKitReq,
    ClientToolCallItem,
    StructuredInputItem,
    ThreadMetadata,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageInput,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    WidgetItem,
)
from pydantic import TypeAdapter, ValidationError

from server.chat.card_actions import ASK, CHANGES_CARD, offered_questions
from server.context import RequestContext
from server.errors import READER_FORM_ANSWERED, RequestRefused
from server.settings import ServerSettings
from store.threads.store import ThreadStore

_LONGEST_TITLE = 500

_REQUEST: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


def parse_request(body: bytes) -> ChatKitReq:
    """Read a request; raises `RequestRefused` (400) that names the first thing wrong with it."""
    try:
        return _REQUEST.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"{where}: {first['msg']}" if where else first["msg"]
        raise RequestRefused(400, "invalid_request", message) from error


async def check_request(
    request: ChatKitReq, threads: ThreadStore, settings: ServerSettings, context: RequestContext
) -> None:
    """Refuse what could not be carried out, before anything of it is stored."""
    match request:
        case ThreadsCreateReq():
            _check_message(request.params.input, settings)
        case ThreadsAddUserMessageReq():
            _check_message(request.params.input, settings)
            await _open_thread(request.params.thread_id, threads, context)
        case ThreadsRetryAfterItemReq():
            await _open_thread(request.params.thread_id, threads, context)
            item = await _item(request.params.thread_id, request.params.item_id, threads, context)
            if not isinstance(item, UserMessageItem):
                raise RequestRefused(400, "invalid_item", "Only a reader's message can be retried.")
        case ThreadsUpdateReq():
            if len(request.params.title) > _LONGEST_TITLE:
                message = f"A title may have {_LONGEST_TITLE} characters."
                raise RequestRefused(400, "title_too_long", message)
        case ThreadsAddClientToolOutputReq():
            # The model reads it, like what a reader writes.
            _check_length(len(json.dumps(request.params.result)), settings)
            await _open_thread(request.params.thread_id, threads, context)
            await _check_pending_tool_call(request.params.thread_id, threads, context)
        case ThreadsAddStructuredInputReq():
            answers = request.params.input.answers.values()
            _check_length(sum(len(text) for given in answers for text in given.values), settings)
            await _open_thread(request.params.thread_id, threads, context)
            item = await _item(request.params.thread_id, request.params.item_id, threads, context)
            if not isinstance(item, StructuredInputItem) or item.status != "pending":
                raise RequestRefused(409, "not_pending", READER_FORM_ANSWERED)
        case ThreadsCustomActionReq() | ThreadsSyncCustomActionReq():
            await _check_action(request, threads, context)
        case _:
            pass


def _check_message(message: UserMessageInput, settings: ServerSettings) -> None:
    length = len(message.quoted_text or "")
    said = False
    for content in message.content:
        match content:
            case UserMessageTextContent() | UserMessageTagContent():
                length += len(content.text)
                said = said or bool(content.text.strip())
    if not said and not message.attachments:
        raise RequestRefused(400, "empty_message", "The message is empty.")
    _check_length(length, settings)
    if len(message.attachments) > settings.max_attachments:
        raise RequestRefused(
            400,
            "too_many_attachments",
            f"A message may have {settings.max_attachments} attachments.",
        )
    options = message.inference_options
    if options.model not in (None, *settings.offered_models):
        raise RequestRefused(400, "unknown_model", "This model can't be chosen.")
    if options.tool_choice is not None and options.tool_choice.id != "search_docs":
        raise RequestRefused(400, "unknown_tool", "This tool can't be chosen.")


def _check_length(length: int, settings: ServerSettings) -> None:
    if length > settings.max_message_characters:
        raise RequestRefused(
            400,
            "message_too_long",
            f"The message has {length} characters; {settings.max_message_characters} are allowed.",
        )


async def _check_action(
    request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq,
    threads: ThreadStore,
    context: RequestContext,
) -> None:
    params = request.params
    await _open_thread(params.thread_id, threads, context)
    item = await _item(params.thread_id, params.item_id or "", threads, context)
    if not isinstance(item, WidgetItem):
        raise RequestRefused(400, "invalid_item", "Only a widget has actions.")
    match params.action:
        case Action(type=type_) if type_ in CHANGES_CARD:
            return
        case Action(type=type_, payload={"question": question}) if type_ == ASK:
            streams = isinstance(request, ThreadsCustomActionReq)
            if streams and question in offered_questions(item.widget):
                return
    raise RequestRefused(400, "unknown_action", "The widget does not offer this action.")


async def _open_thread(
    thread_id: str, threads: ThreadStore, context: RequestContext
) -> ThreadMetadata:
    try:
        thread = await threads.load_thread(thread_id, context=context)
    except NotFoundError as error:
        raise RequestRefused(404, "thread_not_found", "There is no such thread.") from error
    if thread.status.type != "active":
        raise RequestRefused(409, "thread_not_active", f"This thread is {thread.status.type}.")
    return thread


async def _item(
    thread_id: str, item_id: str, threads: ThreadStore, context: RequestContext
) -> object:
    try:
        return await threads.load_item(thread_id, item_id, context=context)
    except NotFoundError as error:
        raise RequestRefused(404, "item_not_found", "There is no such item.") from error


async def _check_pending_tool_call(
    thread_id: str, threads: ThreadStore, context: RequestContext
) -> None:
    page = await threads.load_thread_items(
        thread_id, after=None, limit=1, order="desc", context=context
    )
    match page.data:
        case [ClientToolCallItem(status="pending")]:
            return
        case _:
            raise RequestRefused(409, "not_pending", "No client tool call waits for its result.")
