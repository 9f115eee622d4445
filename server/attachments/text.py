"""What the model is shown of a reader's files."""

import base64
import logging
import re
import subprocess
import sys
from pathlib import Path

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

_PDF_READER = Path(__file__).with_name("pdf_reader.py")
# The reader has limits of its own; this is for a machine that has no time for it.
_PDF_SECONDS = 60
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
    """Extract a PDF's text, page by page, until there is enough of it, in a process of its own."""
    command = [sys.executable, "-I", str(_PDF_READER), str(characters)]
    try:
        ended = subprocess.run(  # noqa: S603 - nothing of it is the reader's but the input
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PDF_SECONDS,
            check=False,
        )
        written: bytes = ended.stdout
        if ended.returncode != 0:
            logger.info("A PDF could not be read to its end: %d", ended.returncode)
    except subprocess.TimeoutExpired as late:
        logger.info("A PDF could not be read in time.")
        written = late.output or b""
    return written.decode(errors="replace").strip() or "[No text could be read from this PDF.]"
