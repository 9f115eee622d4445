"""What keys of scripts may be made for."""

from enum import StrEnum


class KeyScope(StrEnum):
    """What a key may be used for."""

    ASK = "ask"
    METRICS = "metrics"
