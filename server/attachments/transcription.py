"""Speech becomes text, by OpenAI's endpoint or one that is compatible with it."""

import base64
import binascii
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openai
from chatkit.types import AudioInput, InputTranscribeReq, TranscriptionResult
from openai.types.audio.transcription import UsageDuration, UsageTokens

from server.errors import READER_MODEL_FAILED, RequestRefused
from server.settings import ServerSettings
from server.usage import Meter

logger = logging.getLogger(__name__)

# The endpoint tells a recording's format by its file's name.
_FILE_NAMES = {"audio/webm": "audio.webm", "audio/ogg": "audio.ogg", "audio/mp4": "audio.mp4"}

# Of an endpoint that doesn't report what it took: speech is about 4 kB and ten tokens a second.
_BYTES_A_TOKEN = 400
_LETTERS_A_TOKEN = 4


class Transcriber:
    """Transcribes recordings, where a key for it is set."""

    def __init__(self, client: openai.AsyncOpenAI | None, model: str) -> None:
        self._client = client
        self._model = model

    def check(self, request: InputTranscribeReq) -> None:
        """Refuse what can't be transcribed; raises `RequestRefused`."""
        self._require_client()
        audio = request.params.mime_type.partition(";")[0].strip().lower()
        if audio not in _FILE_NAMES:
            raise RequestRefused(415, "unsupported_type", "Recordings are webm, ogg or mp4.")
        try:
            content = base64.b64decode(request.params.audio_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RequestRefused(400, "invalid_audio", "The recording is not base64.") from error
        if not content:
            raise RequestRefused(400, "invalid_audio", "The recording is empty.")

    async def transcribe(self, audio: AudioInput, meter: Meter) -> TranscriptionResult:
        """Return what is said; raises `RequestRefused` (502) when the endpoint fails.

        `meter` is told what the endpoint reports, in tokens or, for Whisper, in seconds; what it
        doesn't report is estimated by the recording's size.
        """
        client = self._require_client()
        media_type = audio.media_type.strip().lower()
        meter.begin(model=self._model)
        try:
            heard = await client.audio.transcriptions.create(
                model=self._model, file=(_FILE_NAMES[media_type], audio.data, media_type)
            )
        except openai.OpenAIError as error:
            if isinstance(error, openai.APIStatusError):
                meter.record(read=0, written=0, complete=True)
            logger.warning("A recording could not be transcribed: %s", type(error).__name__)
            raise RequestRefused(502, "transcription_failed", READER_MODEL_FAILED) from error
        match heard.usage:
            case UsageTokens() as tokens:
                meter.record(read=tokens.input_tokens, written=tokens.output_tokens, complete=True)
            case UsageDuration() as duration:
                meter.record(read=math.ceil(duration.seconds), written=0, complete=True)
            case None:
                meter.record(
                    read=len(audio.data) // _BYTES_A_TOKEN,
                    written=len(heard.text) // _LETTERS_A_TOKEN,
                    complete=True,
                )
        return TranscriptionResult(text=heard.text.strip())

    def _require_client(self) -> openai.AsyncOpenAI:
        if self._client is None:
            raise RequestRefused(
                400, "unsupported", "Dictation is not offered here: it needs OPENAI_API_KEY."
            )
        return self._client


@asynccontextmanager
async def open_transcriber(settings: ServerSettings) -> AsyncIterator[Transcriber]:
    """Open the endpoint, if there is a key; without one every recording is refused."""
    if settings.openai_api_key is None:
        yield Transcriber(None, settings.transcription_model)
        return
    async with openai.AsyncOpenAI(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url or "https://api.openai.com/v1",
        timeout=settings.model_timeout_seconds,
        max_retries=1,
    ) as client:
        yield Transcriber(client, settings.transcription_model)
