"""Blocks become pieces that each fit into a passage."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ingest import cutting
from ingest.budget import NOTHING, SEPARATOR_TOKENS, Budget, Cost, Room
from ingest.document import Block, BlockKind
from ingest.packing import Piece, join, pack

# What is repeated in each part of a block may take this share of a passage.
_LARGEST_SHARE = 0.4
# Of that, the characters of a fence with its language.
_LONGEST_OPENING = 40

# Characters of blocks that mostly fit into one passage together.
_SHORT = 800

# A line in bold, such as a term in front of its definition, is a heading in all but name.
_TERM = re.compile(r"(?:[-+*]|\d+[.)])?\s*\*\*[^\n]+\*\*")


def in_one_piece(blocks: Sequence[Block], budget: Budget) -> Piece | None:
    """Return short blocks as one piece, measured once; None where they could be several passages.

    To be packed into one is what would become of them: no two passages are fuller than it.
    """
    if len(blocks) < 2 or sum([len(block.text) for block in blocks]) > _SHORT:
        return None
    text = join(blocks)
    cost = budget.cost(text)
    # As much as packing would count for what is between them.
    breaks = SEPARATOR_TOKENS * len(blocks)
    if budget.fill(cost.written + breaks, cost.embedded) > 1:
        return None
    return Piece(text, blocks[0].start_line, blocks[-1].end_line, cost)


def cut_blocks(blocks: Iterable[Block], budget: Budget, *, beside: Cost = NOTHING) -> list[Piece]:
    """Cut sibling blocks into pieces, in order; each leaves room for what costs `beside`."""
    pieces: list[Piece] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and _introduces(before, block) and pieces:
            ahead = _cost_ahead(pieces)
            pieces += _cut_introduced(pieces.pop(), block, budget, ahead=ahead, beside=beside)
        else:
            pieces += _cut(block, budget, beside)
        before = block
    return pieces


def _introduces(text: Block, block: Block) -> bool:
    if text.kind is not BlockKind.TEXT:
        return False
    written = text.text.strip()
    if written.endswith((":", "：")) or _TERM.fullmatch(written):
        return True
    return block.kind in {BlockKind.CODE, BlockKind.TABLE}


def _cut_introduced(
    lead: Piece, block: Block, budget: Budget, *, ahead: Cost, beside: Cost
) -> list[Piece]:
    """Cut `block` so that its first piece stays with the sentence in front of it.

    `ahead` is the cost of what `lead` itself must stay with.
    """
    cost = budget.cost(block.text).plus(beside)
    if budget.fits(ahead.plus(lead.cost).plus(cost)):
        return [lead, _piece(block, budget, introduced=True)]
    *rest, sentence = _last_sentence_apart(lead, budget)
    introduction = sentence.cost if rest else ahead.plus(sentence.cost)
    if budget.fits(introduction.plus(cost)):
        return [*rest, sentence, _piece(block, budget, introduced=True)]
    # A block that fits alone is worth more whole than beside its sentence.
    if budget.fits(cost) or budget.fill(*introduction) > _LARGEST_SHARE:
        return [lead, *_cut(block, budget, beside)]
    first, *others = _cut(block, budget, introduction.plus(beside))
    return [*rest, sentence, first._replace(introduced=True), *others]


def _cost_ahead(pieces: Sequence[Piece]) -> Cost:
    """Return the cost of the pieces that the last one must stay with."""
    cost = NOTHING
    for before, piece in zip(pieces[-2::-1], pieces[::-1], strict=False):
        if not piece.introduced:
            break
        cost = cost.plus(before.cost)
    return cost


def _last_sentence_apart(piece: Piece, budget: Budget) -> list[Piece]:
    *before, last = cutting.at_sentences(piece.text)
    if not before:
        return [piece]
    front = "".join(before)
    kept = front.rstrip()
    first_end = piece.start_line + kept.count("\n")
    line = piece.start_line + front.count("\n")
    return [
        Piece(kept, piece.start_line, first_end, budget.cost(kept), piece.introduced),
        Piece(last, line, piece.end_line, budget.cost(last)),
    ]


def _piece(block: Block, budget: Budget, *, introduced: bool = False) -> Piece:
    cost = budget.cost(block.text)
    return Piece(block.text, block.start_line, block.end_line, cost, introduced)


def _cut(block: Block, budget: Budget, beside: Cost) -> list[Piece]:
    whole = _piece(block, budget)
    if budget.fits(whole.cost.plus(beside)):
        return [whole]
    match block.kind:
        case BlockKind.CODE | BlockKind.TABLE:
            return list(_cut_repeating(block, budget, beside))
        case BlockKind.CONTAINER:
            return _cut_container(block, budget, beside)
        case BlockKind.TEXT:
            room = Room(budget, beside)
            return list(_cut_lines(block.text, block.start_line, room, cutting.PROSE))


def _cut_repeating(block: Block, budget: Budget, beside: Cost) -> Iterator[Piece]:
    """Cut what is between `head` and `tail`, and put both around each part."""
    cuts = cutting.ROWS if block.kind is BlockKind.TABLE else cutting.CODE
    head = f"{block.head}\n" if block.head else ""
    tail = f"\n{block.tail}" if block.tail else ""
    body = block.text.removeprefix(head).removesuffix(tail)
    line = block.start_line + head.count("\n")
    if budget.fill(*budget.cost(head + tail)) > _LARGEST_SHARE:
        if block.kind is BlockKind.TABLE:
            head, body, line = "", block.text, block.start_line
        else:
            # Of an overlong info string the fence and the language are enough, and of an overlong
            # fence one that is longer than any in the code.
            opening = head.split()[0]
            mark = opening[0]
            runs = re.findall(f"{re.escape(mark)}+", body)
            fence = mark * max([3, *(len(run) + 1 for run in runs)])
            if len(fence) < len(opening) - len(opening.lstrip(mark)):
                opening, tail = fence + opening.lstrip(mark), f"\n{fence}"
            head = f"{opening[:_LONGEST_OPENING]}\n"
    room = Room(budget, beside, head, tail)
    for piece in _cut_lines(body, line, room, cuts):
        yield piece._replace(text=f"{head}{piece.text}{tail}")


def _cut_container(block: Block, budget: Budget, beside: Cost) -> list[Piece]:
    """Cut between children; each part of an admonition or a tab has its first and last line."""
    if not block.head:
        return cut_blocks(block.children, budget, beside=beside)
    frame = budget.cost(f"{block.head}\n{block.tail}")
    if budget.fill(*frame) > _LARGEST_SHARE:
        room = Room(budget, beside)
        opening = _cut_lines(block.head, block.start_line, room, cutting.PROSE)
        return [*opening, *cut_blocks(block.children, budget, beside=beside)]
    beside = frame.plus(beside)
    pieces = cut_blocks(block.children, budget, beside=beside)
    return [_framed(block, group, budget) for group in pack(pieces, budget, beside=beside)]


def _framed(block: Block, pieces: Sequence[Piece], budget: Budget) -> Piece:
    inner = textwrap.indent(join(pieces), block.indentation)
    text = f"{block.head}\n\n{inner}" + (f"\n\n{block.tail}" if block.tail else "")
    return Piece(text, pieces[0].start_line, pieces[-1].end_line, budget.cost(text))


def _cut_lines(text: str, line: int, room: Room, cuts: Sequence[cutting.Cut]) -> Iterator[Piece]:
    """Cut into pieces of which each costs what it does between the room's head and tail."""
    for part in cutting.cut(text, room, cuts):
        shown = part.strip("\n").rstrip()
        if shown.strip():
            start = line + (len(part) - len(part.lstrip("\n")))
            yield Piece(shown, start, start + shown.count("\n"), room.cost(shown))
        line += part.count("\n")
