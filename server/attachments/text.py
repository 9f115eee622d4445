"""What the model is shown of a reader's files."""

import base64
import io
import logging
import re

from anyio import to_thread
from chatkit.types import Attachment
from openai.types.responses import (
    ResponseInputContentParam,
    ResponseInputImageParam,
    ResponseInputTextParam,
)

from server.attachments.media_types import kind_of
from server.context import RequestContext
from store.attachments import AttachmentFiles, FilesUnavailableError

logger = logging.getLogger(__name__)

_MOST_PAGES = 50
_CUT = "\n[The rest of the file is left out.]"
# A file's text must not pass for the end of it.
_TAG_LIKE = re.compile(r"<(?=\s*/?\s*attachment)", re.IGNORECASE)


class AttachmentReader:
    """Reads files as parts of a message: images as they are, others as text up to a budget."""

    def __init__(self, files: AttachmentFiles, context: RequestContext, *, characters: int) -> None:
        self._files = files
        self._context = context
        self._characters = characters

    async def read(self, attachment: Attachment) -> ResponseInputContentParam:
        """Return a file for the model; one that can't be read is named with that."""
        try:
            content = await self._files.get(self._context.user_id, attachment.id)
        except FilesUnavailableError as error:
            logger.warning("A file could not be read: %s", error)
            content = None
        kind = kind_of(attachment.mime_type)
        if content is not None and kind == "image":
            encoded = base64.b64encode(content).decode()
            return ResponseInputImageParam(
                type="input_image",
                detail="auto",
                image_url=f"data:{attachment.mime_type};base64,{encoded}",
            )
        if content is None:
            text = "[The file can't be read.]"
        elif kind == "pdf":
            text = await to_thread.run_sync(pdf_text, content, self._characters)
        else:
            text = content.decode(errors="replace")
        return ResponseInputTextParam(type="input_text", text=self._written(attachment, text))

    def _written(self, attachment: Attachment, text: str) -> str:
        # Shared by all files of the conversation, the first read first.
        kept, self._characters = text[: self._characters], max(0, self._characters - len(text))
        cut = _CUT if len(kept) < len(text) else ""
        body = _TAG_LIKE.sub("&lt;", kept)
        return f'<attachment name="{attachment.name}">\n{body}{cut}\n</attachment>'


def pdf_text(content: bytes, characters: int) -> str:
    """Extract a PDF's text, page by page, until there is enough of it."""
    # Imported here, because few servers are ever sent one: it takes 7 MB and delays the start.
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    parts: list[str] = []
    length = 0
    try:
        for page in PdfReader(io.BytesIO(content)).pages[:_MOST_PAGES]:
            parts.append(page.extract_text())
            length += len(parts[-1])
            if length > characters:
                break
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        # Files made by hand or to do harm fail in many ways; what was read until then counts.
        logger.info("A PDF could not be read to its end: %s", type(error).__name__)
    return "\n\n".join(parts).strip() or "[No text could be read from this PDF.]"
