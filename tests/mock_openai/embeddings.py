"""Embeddings computed from the words of a text."""

import math
from base64 import b64encode
from hashlib import sha256
from struct import pack

from store.embedders.cl100k import count_cl100k_tokens
from tests.mock_openai.wire import Json


def embedding(text: str, dimension: int) -> list[float]:
    """Make a unit vector of the text's words, so that texts that share words are near."""
    vector = [0.0] * dimension
    for word in text.lower().split() or [text]:
        digest = sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % dimension] += 1.0
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector]


def embeddings_body(request: Json) -> Json:
    """Answer `POST /embeddings`."""
    given = request["input"]
    texts = [given] if isinstance(given, str) else given
    data = []
    for index, text in enumerate(texts):
        vector = embedding(text, request.get("dimensions", 1536))
        packed = b64encode(pack(f"<{len(vector)}f", *vector)).decode()
        value = packed if request.get("encoding_format") == "base64" else vector
        data.append({"object": "embedding", "index": index, "embedding": value})
    tokens = sum(count_cl100k_tokens(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": request["model"], "usage": usage}
