"""What a plan has that the plan before it had not, for a person."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.counted import plural
from migrator.plan.difference import Change, Difference, Effort
from migrator.render.figures import usd
from migrator.render.templates import environment

CHANGES_FILE = "changes.md"
SHOWN = 12
"""Changes told on the screen; the file has them all."""


def changes_page(difference: Difference) -> str:
    """The page `changes.md`."""
    template = environment().get_template(f"{CHANGES_FILE}.j2")
    return template.render(difference=difference, cost=cost_text(difference), rows=plural(difference.rows, "row"))


def changes_text(difference: Difference, file: str) -> str:
    """A screenful: those that ask the most first; where the others are."""
    order = list(Effort)
    sorted_changes = sorted(difference.changes, key=lambda change: -order.index(change.effort))
    return "\n".join(_lines(difference, sorted_changes, file))


def _lines(difference: Difference, changes: list[Change], file: str) -> Iterator[str]:
    yield f"since the plan that was there: {plural(len(changes), 'change')}; asks for {_asked(difference)}"
    yield f"  {cost_text(difference)}"
    for change in changes[:SHOWN]:
        yield f"  {change.subject} {change.what}"
    more = len(changes) - SHOWN
    yield f"  {f'and {more} more: ' if more > 0 else 'all of it: '}{file}"


def _asked(difference: Difference) -> str:
    if not difference.rewritten:
        return difference.effort.value
    return f"{difference.effort.value} ({', '.join(difference.rewritten)}: {plural(difference.rows, 'row')})"


def cost_text(difference: Difference) -> str:
    """Dollars a month before and after."""
    before, after = difference.monthly_before, difference.monthly_after
    if usd(before) == usd(after):
        return f"It costs {usd(after)} a month, as before."
    return f"It costs {usd(after)} a month, {'more' if after > before else 'less'} than before ({usd(before)})."
