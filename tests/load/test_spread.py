"""Sorting by digests on disk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from migrator.load.digests import digest_of
from migrator.load.spread import SpreadFile

NAMES = st.lists(st.text(max_size=4).filter(lambda text: text < "\ud800" or text > "\udfff"), max_size=200)


@given(NAMES, st.sampled_from([1, 200, 1 << 20]))
def test_lines_come_in_the_order_of_their_names_digests_and_none_is_lost(names: list[str], most: int) -> None:
    with SpreadFile(sorted_at_once=most) as spread:
        for place, name in enumerate(names):
            spread.add(name, str(place))
        given_back = list(spread.lines())
    assert [digest for digest, _ in given_back] == sorted(digest_of(name).hex() for name in names)
    assert all(digest_of(names[int(line)]).hex() == digest for digest, line in given_back)
    assert sorted(int(line) for _, line in given_back) == list(range(len(names)))
