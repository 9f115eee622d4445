"""Settings that are addresses of the web, checked as they are read."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def is_web_address(text: str) -> bool:
    """Tell whether a text is an address with a host, and a port from 1 to 65535 if it has one."""
    try:
        parts = urlsplit(text)
        # A port that is none raises only when it is asked for.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _web_address(text: str) -> str:
    # What was given is not repeated: an address may hold a password.
    if text and not is_web_address(text):
        raise ValueError("is no address that begins with http:// or https://")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""The address of an endpoint, or nothing."""
