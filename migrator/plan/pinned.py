"""What a request's key texts pin down, read back from the texts alone by laying them over an entity's templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.plan.keys import PLAIN_END, TEXT_END
from migrator.plan.plan import TABLE_SLOT, Entity, Request
from migrator.plan.templates import Piece, Placeholder, parse_template

Token = str
"""What stands in an attribute's place: literal text, or a mark for a parameter or an attribute of an earlier item."""
MARK = "\x00"
"""Begins a token that is no literal."""
AFTER_END = {chr(ord(end) + 1): end for end in (PLAIN_END, TEXT_END)}


class Mismatch(Exception):
    """The text is none that the template makes, nor the beginning of one."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A text laid over a template. `pins`: attributes with what stands in their place and whether the text goes on
    behind it as the template does. `rest`: text beyond what the template explains. `whole`: nothing is missing."""

    pins: tuple[tuple[Placeholder, Token, bool], ...]
    rest: str
    whole: bool


def lay(template: str, text: str, full: bool = False) -> Laid:
    """Lays a request's text over an entity's template; the text may end early, unless it is a `full` key, whose last
    part may be an empty text. Mismatch when they part.

    >>> [(a.name, token, closed) for a, token, closed in lay("A#{x}#{y}", "A#{:p}#5").pins]
    [('x', '\\x00:p', True), ('y', '5', False)]
    """
    given = list(parse_template(text))
    pins: list[tuple[Placeholder, Token, bool]] = []
    own = list(parse_template(template))
    for place, piece in enumerate(own):
        if not given and not (full and place == len(own) - 1 and isinstance(piece, Placeholder)):
            return Laid(tuple(pins), "", False)
        if isinstance(piece, str):
            short = _literal(piece, given)
            if short is not None:
                if not place and not piece.startswith(short):
                    raise Mismatch(f"{short!r} stands where {piece!r} should")
                return Laid(tuple(pins), short, False)
        elif piece.origin == "shard":
            _shard(given)
        else:
            follows = own[place + 1] if place + 1 < len(own) else ""
            token = _value(given, follows if isinstance(follows, str) else "")
            if not piece.encoding and PLAIN_END in token:
                raise Mismatch(f"{token!r} stands where the one value of {piece.name} should")
            pins.append((piece, token, bool(given)))
    return Laid(tuple(pins), "".join(_written(piece) for piece in given), not given)


def _literal(piece: str, given: list[Piece]) -> str | None:
    """Takes the template's literal off the text; what is there instead when the text ends within it."""
    first = given[0]
    if isinstance(first, str) and first.startswith(piece):
        given[0] = first[len(piece) :]
        if not given[0]:
            given.pop(0)
        return None
    if isinstance(first, str) and len(given) == 1:
        return first
    raise Mismatch(f"{_written(first)!r} stands where {piece!r} should")


def _shard(given: list[Piece]) -> None:
    first = given.pop(0)
    if not (isinstance(first, Placeholder) and first.origin == "shard"):
        raise Mismatch("a shard is missing")


def _value(given: list[Piece], follows: str) -> Token:
    first = given.pop(0) if given else ""
    if isinstance(first, Placeholder):
        return _written(first)
    cut = first.find(follows) if follows else -1
    if cut < 0:
        return first
    given.insert(0, first[cut:])
    return first[:cut]


def _written(piece: Piece) -> Token:
    if isinstance(piece, str):
        return piece
    return {"parameter": parameter(piece.name), "item": f"{MARK}{piece.request}.{piece.name}"}.get(piece.origin, MARK)


def parameter(name: str) -> Token:
    """The token of a parameter."""
    return f"{MARK}:{name}"


def shown(token: Token) -> str:
    """A token for people to read: `:name`, `0.name`, or a literal in quotes."""
    return token.removeprefix(MARK) if token.startswith(MARK) else repr(token)


def from_item(token: Token) -> tuple[int, str] | None:
    """The request and the attribute that a token takes from an earlier item; None for another token."""
    number, dot, name = token.removeprefix(MARK).partition(".")
    return (int(number), name) if token.startswith(MARK) and dot and number.isdecimal() else None


def placeholders(*texts: str) -> Iterator[Placeholder]:
    """Every placeholder of some request templates."""
    for text in texts:
        yield from (piece for piece in parse_template(text) if isinstance(piece, Placeholder))


def pins_of(entity: Entity, request: Request) -> Iterator[tuple[dict[str, Token], tuple[Laid, ...]]]:
    """For each key or partition that a request names, the attributes it pins down and its sort texts as laid."""
    keys = entity.slot(request.index or TABLE_SLOT)
    if keys is None or entity.name not in request.entities:
        raise Mismatch(f"it is not in {request.index or TABLE_SLOT}")
    if request.operation != "Query":
        for pair in request.keys:
            partition, sort = lay(keys.partition, pair.partition, True), lay(keys.sort, pair.sort, True)
            if not (partition.whole and sort.whole):
                raise Mismatch("the key is not whole")
            yield tokens(partition.pins, sort.pins), ()
        return
    partition = lay(keys.partition, request.partition or "", True)
    if not partition.whole or request.shards != keys.shards:
        raise Mismatch("the partition is not whole")
    if request.sort is None:
        yield tokens(partition.pins), ()
        return
    low, *high = request.sort.values
    if len(request.entities) > 1:
        yield tokens(partition.pins, _path(keys.sort, request.sort.values)), ()
        return
    laid = (lay(keys.sort, low), *(lay(keys.sort, _before_end(text)) for text in high))
    equal = laid[0].pins if request.sort.op == "=" else common(laid)
    yield tokens(partition.pins, equal), laid


def _path(template: str, texts: tuple[str, ...]) -> tuple[tuple[Placeholder, Token, bool], ...]:
    """What the texts of a request for several entities pin down of one: the path that they all begin with."""
    try:
        return common(tuple(lay(template, text) for text in texts))
    except Mismatch:
        return ()


def tokens(*pins: Iterable[tuple[Placeholder, Token, bool]]) -> dict[str, Token]:
    """The attributes that some pins name, with what stands in their place."""
    return {piece.name: token for some in pins for piece, token, _ in some}


def common(laid: tuple[Laid, ...]) -> tuple[tuple[Placeholder, Token, bool], ...]:
    """What all texts pin down alike, each part closed: equalities, before the range begins."""
    kept = []
    for pins in zip(*(one.pins for one in laid), strict=False):
        if len({token for _, token, _ in pins}) > 1 or not all(closed for _, _, closed in pins):
            break
        kept.append(pins[0])
    return tuple(kept)


def _before_end(text: str) -> str:
    """A range's upper end without the step past what ends a part: `A#5$` lies just above all that begin with `A#5#`."""
    return text[:-1] + AFTER_END[text[-1]] if text[-1:] in AFTER_END else text
