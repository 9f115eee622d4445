"""Write Markdown down from other formats: escapes, code, tables and lists."""

import re
import textwrap
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*]|(?<![^\W_])_|_(?![^\W_])|<(?=[a-zA-Z/!]))")
_STARTS_A_BLOCK = re.compile(
    r"^(?P<before>\s*\d*)"
    r"(?P<mark>#{1,6}\s|[-+>]\s|(?<=\d)[.)]\s|:::|///|!!!|=+\s*$|-+\s*$|import\s|export\s)",
    re.MULTILINE,
)


def escaped(text: str) -> str:
    """Escape what Markdown would read as inline markup."""
    return _SPECIAL.sub(r"\\\1", text)


def paragraph(text: str) -> str:
    """Keep inline Markdown from being read as another kind of block."""
    return _STARTS_A_BLOCK.sub(r"\g<before>\\\g<mark>", text).strip()


def heading(level: int, text: str, explicit_id: str) -> str:
    """Write a heading with its id."""
    attributes = f" {{#{explicit_id}}}" if explicit_id else ""
    return f"{'#' * max(1, min(level, 6))} {' '.join(text.split())}{attributes}"


def fenced(code: str, language: str = "", *, title: str = "") -> str:
    """Write a code block, with a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    info = f'{language.partition(" ")[0]} title="{title}"' if title else language
    # With a backtick behind it, a fence is none.
    info = " ".join(info.replace("`", "").split())
    return f"{fence}{info}\n{code}\n{fence}"


def code_span(text: str) -> str:
    """Write inline code; "" for none."""
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}" if text else ""


def wrapped(mark: str, inner: str) -> str:
    """Write emphasis; white space stays outside of it."""
    stripped = inner.strip()
    # What is marked so already would get marks that are none.
    if not stripped or (stripped.startswith(mark) and stripped.endswith(mark)):
        return inner
    start = inner[: len(inner) - len(inner.lstrip())]
    end = inner[len(inner.rstrip()) :]
    return f"{start}{mark}{stripped}{mark}{end}"


def item(marker: str, text: str) -> str:
    """Write a list item; `marker` ends in a space."""
    return marker + textwrap.indent(text, " " * len(marker)).lstrip()


def items(written: Sequence[str]) -> str:
    """Put list items together, apart from each other if one has several blocks."""
    return ("\n\n" if any("\n\n" in text for text in written) else "\n").join(written)


def quote(text: str) -> str:
    """Write a block quote."""
    return textwrap.indent(text, "> ", lambda _line: True)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Write a table whose first row is its header; "" without rows."""
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [_row([*row, *[""] * (width - len(row))]) for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def admonition(kind: str, title: str, body: str) -> str:
    """Write an admonition as `:::kind title`."""
    title = " ".join(title.split())
    if not body.strip():
        return f"**{title}**" if title else ""
    return f"{f':::{kind} {title}'.rstrip()}\n\n{body}\n\n:::"


def blocks(written: Iterable[str]) -> str:
    """Put blocks together, empty ones left out."""
    return "\n\n".join(text for text in written if text.strip())


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
