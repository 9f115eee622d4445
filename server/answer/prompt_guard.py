"""Keep the instructions out of the answer, whoever asked the model to repeat them.

Letters are compared, and how far each is from the one before in the alphabet, so that it makes no
difference how they are set apart, backwards or shifted by a number of places. What is written in
Base64 or in hexadecimal digits is read first. Other codes, and translations, are not noticed.
"""

import base64
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

REFUSAL = "I can't share my instructions."

# So many of their letters in a row are no chance: sentences of answers share about twenty.
_LEAKED = 40
# Up to here a run is shown as it comes: a few words give nothing away, and readers are not kept
# waiting for each of them.
_SHOWN = 20
_ALPHABET = 26
_CHARACTERS = 0x10000
_NO_LETTERS = re.compile(r"[^A-Za-z]+")
_CODE = string.ascii_letters + string.digits + "+/"
# What is longer is read in parts, so that little is held back and read again.
_LONGEST = 2_000
_CODED = re.compile(rf"[{re.escape(_CODE)}]{{{_LEAKED},{_LONGEST}}}")


class Secret:
    """A text that must not be repeated; made once and used by every answer."""

    def __init__(self, text: str) -> None:
        letters = [_number(character) for character in text if character.isalpha()]
        written = [_steps(letters), _steps(letters[::-1])]
        self._begun = frozenset(_runs(written, _SHOWN - 1))
        self._leaked = frozenset(_runs(written, _LEAKED - 1))

    def is_begun(self, steps: str) -> bool:
        """Tell whether the last letters may be the beginning of a repetition."""
        return steps[1 - _SHOWN :] in self._begun

    def is_begun_within(self, steps: str, known: int) -> bool:
        """Tell whether they may be at any of the letters after the first `known`."""
        ends = range(max(_SHOWN - 1, known + 1), len(steps) + 1)
        return not self._begun.isdisjoint(steps[end + 1 - _SHOWN : end] for end in ends)

    def is_leaked(self, steps: str) -> bool:
        """Tell whether the last letters are a repetition."""
        return steps in self._leaked

    def is_in(self, text: str) -> bool:
        """Tell whether a whole text repeats it."""
        steps = _steps([_number(character) for character in text if character.isalpha()])
        return any(run in self._leaked for run in _runs([steps], _LEAKED - 1))


class PromptGuard:
    """Passes streamed text on until it repeats the secret, then ends it with a refusal.

    Held back are letters at the end that the secret has in the same order, from the 21st on, and
    what is longer than that without a space and may be a code.
    """

    def __init__(self, secret: Secret) -> None:
        self.leaked = False
        self._secret = secret
        # The end of the text from where a code may begin, and how much of it is passed on already.
        self._text = ""
        self._passed = 0
        self._scanned = 0
        self._last = 0
        self._steps = ""
        self._is_begun = False
        # Where the letters of a run are that are held back.
        self._places: list[int] = []

    def feed(self, delta: str) -> str:
        """Take the next part of the text and return what can be shown."""
        self._text += delta
        return self._pass(final=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._pass(final=True)

    def _pass(self, *, final: bool) -> str:
        if self.leaked:
            return ""
        end = self._scan_letters()
        for code in _CODED.finditer(self._text[:end]):
            ends = code.end() < end or len(code[0]) == _LONGEST or (final and not self.leaked)
            if ends and self._is_coded(code[0]):
                return self._refuse(code.start() + _SHOWN)
        if self.leaked:
            return self._refuse(self._places[_SHOWN - _LEAKED])
        code_begins = len(self._text.rstrip(_CODE))
        code_begins += (len(self._text) - code_begins) // _LONGEST * _LONGEST
        keep = len(self._text)
        if not final:
            keep = min([keep, *self._places[:1]])
            if len(self._text) - code_begins > _SHOWN:
                keep = min(keep, code_begins + _SHOWN)
        shown = self._text[self._passed : keep]
        begin = min(keep, code_begins)
        self._text = self._text[begin:]
        self._passed = keep - begin
        self._scanned = len(self._text)
        self._places = [place - begin for place in self._places]
        return shown

    def _scan_letters(self) -> int:
        """Go on to where the secret is repeated, or to the end, and return the place."""
        text = self._text
        if self._pass_over(text[self._scanned :]):
            return len(text)
        for place in range(self._scanned, len(text)):
            if not text[place].isalpha():
                continue
            letter = _number(text[place])
            self._steps = self._steps[2 - _LEAKED :] + _step(self._last, letter)
            self._last = letter
            if not self._secret.is_begun(self._steps):
                self._is_begun = False
                self._places.clear()
                continue
            if self._is_begun:
                self._places.append(place)
                del self._places[: _SHOWN - _LEAKED]
            self._is_begun = True
            if self._secret.is_leaked(self._steps):
                self.leaked = True
                return place
        return len(text)

    def _pass_over(self, text: str) -> bool:
        """Go on behind a text at once, if no repetition begins or goes on at any letter of it."""
        if not text.isascii() or self._last >= _ALPHABET:
            return False
        letters = _NO_LETTERS.sub("", text).lower()
        if not letters:
            return True
        known = len(self._steps)
        steps = self._steps + _ascii_steps(chr(ord("a") + self._last) + letters)
        if self._secret.is_begun_within(steps, known):
            return False
        self._steps = steps[1 - _LEAKED :]
        self._last = ord(letters[-1]) - ord("a")
        self._is_begun = False
        self._places.clear()
        return True

    def _is_coded(self, code: str) -> bool:
        return any(self._secret.is_in(text) for text in _decoded(code))

    def _refuse(self, place: int) -> str:
        self.leaked = True
        return self._text[self._passed : place] + REFUSAL


def _decoded(code: str) -> Iterator[str]:
    for start in range(4):
        whole = code[start : start + (len(code) - start) // 4 * 4]
        yield base64.b64decode(whole).decode("utf-8", errors="ignore")
    with suppress(ValueError):
        yield bytes.fromhex(code[: len(code) // 2 * 2]).decode("utf-8", errors="ignore")


def _number(letter: str) -> int:
    number = ord(letter.lower()[0])
    return number - ord("a") if "a" <= letter.lower() <= "z" else number + _ALPHABET


def _step(before: int, letter: int) -> str:
    """Return how far a letter is from the one before it: in the alphabet, round its end."""
    far = letter - before
    both = max(before, letter) < _ALPHABET
    return chr(far % _ALPHABET if both else _ALPHABET + far % _CHARACTERS)


def _steps(letters: Sequence[int]) -> str:
    return "".join(_step(before, letter) for before, letter in pairwise(letters))


def _ascii_steps(letters: str) -> str:
    """Return what `_steps` does for lower-case letters of ASCII, in a fraction of the time."""
    steps = ((letter - before) % _ALPHABET for before, letter in pairwise(letters.encode()))
    return bytes(steps).decode("ascii")


def _runs(texts: Iterable[str], length: int) -> Iterator[str]:
    for text in texts:
        for start in range(len(text) - length + 1):
            yield text[start : start + length]
