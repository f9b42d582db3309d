"""Templates are read back as they were written, whatever names and literals hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.plan.templates import Piece, Placeholder, parse_template, quote_name, write_template

ODD = ["{", "}", "%", ":", ".", "#", "0", "7", "a", "\n", "\x00", "é", "shard", "%73", "text"]
names = st.one_of(
    st.sampled_from(["shard", ":x", "0.q", "{z}", "%7B", "%73hard", "a.b", "x:y", "", "0", "{{", "}}"]),
    st.lists(st.sampled_from(ODD), max_size=4).map("".join),
    st.text(max_size=5),
)
encodings = st.sampled_from(["", "text", "fold", "int19", "num", "hex"])
placeholders = st.one_of(
    st.builds(lambda name, encoding: Placeholder("attribute", name, encoding), names, encodings),
    st.builds(lambda name, encoding: Placeholder("parameter", name, encoding), names, encodings),
    st.builds(
        lambda name, encoding, request: Placeholder("item", name, encoding, request),
        names,
        encodings,
        st.integers(0, 9),
    ),
    st.just(Placeholder("shard", "shard")),
)
literals = st.lists(st.sampled_from(ODD), min_size=1, max_size=4).map("".join)


def joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Neighbouring literals as one."""
    out: list[Piece] = []
    for piece in pieces:
        if out and isinstance(piece, str) and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)


@given(st.lists(st.one_of(placeholders, literals), max_size=6))
def test_a_template_is_read_back_as_it_was_written(pieces: list[Piece]) -> None:
    assert parse_template(write_template(tuple(pieces))) == joined(pieces)


@given(names, names)
def test_different_names_are_quoted_differently(left: str, right: str) -> None:
    assert (quote_name(left) == quote_name(right)) == (left == right)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("ORDER#{id}", ("ORDER#", Placeholder("attribute", "id"))),
        ("ORDER#{placed_at:text}\t", ("ORDER#", Placeholder("attribute", "placed_at", "text"), "\t")),
        ("{:customer}", (Placeholder("parameter", "customer"),)),
        ("{:shard:num}", (Placeholder("parameter", "shard", "num"),)),
        ("{0.customer_id}", (Placeholder("item", "customer_id"),)),
        ("{12.a%2Eb:int19}", (Placeholder("item", "a.b", "int19", 12),)),
        ("ALL#{shard}", ("ALL#", Placeholder("shard", "shard"))),
        ("{%73hard}", (Placeholder("attribute", "shard"),)),
        ("{{x}}", ("{x}",)),
        ("{{{x}}}", ("{", Placeholder("attribute", "x"), "}")),
    ],
)
def test_placeholders_say_where_their_value_comes_from(text: str, pieces: tuple[Piece, ...]) -> None:
    assert parse_template(text) == pieces
