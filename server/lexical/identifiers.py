"""Names in a question that stand for exactly one thing: code, flags, versions, error messages."""

import re
from collections.abc import Sequence

_QUOTED = re.compile(r"`([^`\n]{2,80})`|\"([^\"\n]{2,80})\"|“([^”\n]{2,80})”")
_NAME = re.compile(
    r"""(?<![\w-])
    (?: --?[a-z]\w*(?:[-.]\w+)*      # --no-cache, -v
      | \w+(?:[./:-]+\w+)+           # django.db.models, 3.11.2, x-logo, std::vector
      | \w*_\w+                      # create_engine, __init__, HTTP_404
      | [a-z]+[A-Z]\w*               # useEffect
      | [A-Z][a-z0-9]+[A-Z]\w*       # RuntimeError
      | [A-Z]+\d+                    # E501
    )""",
    re.VERBOSE | re.ASCII,
)
# A call, a sentence's end or a pair of brackets belongs to the question, not to the name.
_AROUND = " \t.,;:!?()[]{}<>"


# A pasted traceback has hundreds, of which the first ones say what it is about.
_MOST = 20


def identifiers(question: str) -> list[str]:
    """Return the names in a question, as written, without repeats: the first 20 at most."""
    quoted = [next(filter(None, found.groups())) for found in _QUOTED.finditer(question)]
    names = [found[0] for found in _NAME.finditer(_QUOTED.sub(" ", question))]
    trimmed = (name.strip(_AROUND) for name in (*quoted, *names))
    return [name for name in dict.fromkeys(trimmed) if len(name) > 1][:_MOST]


class IdentifierMatcher:
    """Tells how many of some names a text has, each as a whole and in either case."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [name.lower() for name in names]

    def __bool__(self) -> bool:
        return bool(self._names)

    def share(self, text: str) -> float:
        """Return the share of the names that the text has, from 0 to 1."""
        lower = text.lower()
        return sum(_has_whole(lower, name) for name in self._names) / len(self._names)


def _has_whole(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (_is_of_word(before) or before in {".", "-"} or _is_of_word(after)):
            return True
        at = text.find(name, at + 1)
    return False


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
