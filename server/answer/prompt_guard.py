"""Keep the instructions out of the answer, whoever asked the model to repeat them."""

import re
from collections import defaultdict
from collections.abc import Iterable

REFUSAL = "I can't share my instructions."

# So many of their words in a row are no chance: sentences of answers share four or five.
_WORDS = 9
# Up to here a run is shown as it comes: a few words give nothing away, and readers are not kept
# waiting for each of them.
_SHOWN = 3
_WORD = re.compile(r"[^\W\d_]+")


class Secret:
    """A text that must not be repeated; made once and used by every answer."""

    def __init__(self, text: str) -> None:
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(_words(text)):
            self._places[word].append(place)

    def places(self, word: str) -> Iterable[int]:
        """Return where the text has this word, which is in lower case."""
        return self._places.get(word, ())


class PromptGuard:
    """Passes streamed text on until it repeats the secret, then ends it with a refusal.

    Held back are the words at the end that the secret has in the same order, from the fourth on.
    """

    def __init__(self, secret: Secret) -> None:
        self.leaked = False
        self._secret = secret
        self._held = ""
        self._scanned = 0
        # For each place of the secret that the last word is at: where the part of its run that is
        # held back begins, and how many words it has.
        self._runs: dict[int, tuple[int, int]] = {}

    def feed(self, delta: str) -> str:
        """Take the next part of the text and return what can be shown."""
        self._held += delta
        return self._pass(final=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._pass(final=True)

    def _pass(self, *, final: bool) -> str:
        if self.leaked:
            self._held = ""
            return ""
        while match := _WORD.search(self._held, self._scanned):
            if match.end() == len(self._held) and not final:
                break
            self._runs = {
                place: self._begun(place, match.start())
                for place in self._secret.places(match[0].lower())
            }
            self._scanned = match.end()
            for begin, length in self._runs.values():
                if length >= _WORDS:
                    self.leaked = True
                    shown, self._held = self._held[:begin], ""
                    return shown + REFUSAL
        if final:
            shown, self._held = self._held, ""
            return shown
        partial = _WORD.search(self._held, self._scanned)
        keep = partial.start() if partial else len(self._held)
        if begun := [begin for begin, length in self._runs.values() if length > _SHOWN]:
            keep = min(begun)
        shown, self._held = self._held[:keep], self._held[keep:]
        self._scanned = max(0, self._scanned - keep)
        self._runs = {
            place: (begin - keep, length) for place, (begin, length) in self._runs.items()
        }
        return shown

    def _begun(self, place: int, here: int) -> tuple[int, int]:
        begin, length = self._runs.get(place - 1, (here, 0))
        return (begin if length > _SHOWN else here), length + 1


def _words(text: str) -> Iterable[str]:
    return (match[0].lower() for match in _WORD.finditer(text))
