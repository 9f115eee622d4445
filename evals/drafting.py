"""Questions that the headings of a corpus suggest, for a person to edit."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evals.questions import Gold, Question
from store.records import Page, Passage, Section

DRAFT = "draft"
# Headings that begin with one of these tell what to do: "Restore a backup".
_VERBS = frozenset(
    re.findall(
        r"\w+",
        "add allow ask build call change check choose clear clone combine compile configure "
        "connect convert copy create customize debug define delete deploy disable download edit "
        "embed enable export extend find fix format generate get give handle hide host import "
        "improve index inspect install integrate keep let limit link list load log make manage "
        "measure merge migrate monitor mount move open override parse pass pause pin prepare "
        "prevent protect publish put query read rebuild record register remove rename render "
        "repeat replace report reset resize restart restore resume retry return revoke rotate run "
        "save scale schedule search secure select send serve set share show sign skip sort speed "
        "split start stop store stream style submit switch sync tell test trace track translate "
        "troubleshoot tune turn uninstall update upgrade upload use validate verify view wait "
        "watch wrap write",
    )
)
_HOW_TO = re.compile(r"how\s+to\s+", re.IGNORECASE)
# "**Does it scale?**", "Q: Does it scale?", "<summary>Does it scale?</summary>"
_WRITTEN = re.compile(
    r"^\s*(?:\*\*|__|Q[.:]\s*|<summary>\s*|[-*]\s+\*\*)([^\n*<]{8,150}\?)", re.MULTILINE
)
_SENTENCE = re.compile(r"[^.!?]*[A-Za-z][^.!?]*(?:[.!?](?=\s|$)|[.!?]\S[^.!?]*)+")
_NOT_PROSE = re.compile(r"^(?:```|~~~|\||>|#|!|<|[-*+] |\d+\. |    )")


def draft_questions(
    pages: Iterable[Page], passages: Mapping[str, Sequence[Passage]], *, path_prefix: str = ""
) -> list[Question]:
    """Draft one question a section, and one for each that an FAQ has written out.

    `passages` are those of each page by its path. A section without text asks nothing. Reference
    answers are the first sentence of what the docs say.
    """
    pages = list(pages)
    shared = Counter(part.heading.casefold() for page in pages for part in page.sections)
    drafts: dict[str, Question] = {}
    for page in pages:
        for part in page.sections:
            texts = [found.text for found in passages[page.path] if found.anchor == part.anchor]
            text = "\n".join(texts).strip()
            if not text:
                continue
            unique = shared[part.heading.casefold()] == 1
            gold = Gold(path=path_prefix + page.path, anchor=part.anchor or None)
            for question, answer in _asked(page, part, text, unique=unique):
                drafts.setdefault(
                    question.casefold(),
                    Question(
                        id=f"draft-{len(drafts) + 1}",
                        question=question,
                        gold=(gold,),
                        answer=_first_sentence(answer),
                        tags=(DRAFT,),
                    ),
                )
    return list(drafts.values())


def _asked(page: Page, part: Section, text: str, *, unique: bool) -> Iterator[tuple[str, str]]:
    written = list(_WRITTEN.finditer(text))
    for match in written:
        yield match[1].strip(), text[match.end() :].lstrip("*_ \n").removeprefix("</summary>")
    if not written:
        about = "" if unique or part.level <= 1 else page.title
        yield heading_question(part.heading, about=about), text


def heading_question(heading: str, *, about: str = "") -> str:
    """Word a heading as a reader would ask; `about` tells which page's "Options" are meant.

    What tells to do something becomes a question, and the rest stays as keywords are typed.
    """
    heading = heading.replace("`", "").strip().rstrip(".:")
    behind = f" ({about})" if about else ""
    if heading.endswith("?"):
        return heading
    if _HOW_TO.match(heading):
        return f"How do I {_HOW_TO.sub('', heading, count=1)}{behind}?"
    first, _, rest = heading.partition(" ")
    if first.casefold() in _VERBS and rest:
        return f"How do I {first.lower()} {rest}{behind}?"
    return f"{heading}{behind}"


def _first_sentence(text: str) -> str | None:
    for paragraph in re.split(r"\n\s*\n", text):
        if not _NOT_PROSE.match(paragraph) and (found := _SENTENCE.search(paragraph)):
            return " ".join(found[0].split())
    return None
