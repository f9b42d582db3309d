"""Which actions of a write go together: all in one transaction while it can hold them, else step by step."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.plan.drafts import Draft, Due, Step, Unwritable
from migrator.plan.sizes import MAX_ACTIONS
from migrator.plan.targets import Target


@dataclass(frozen=True, slots=True)
class Block:
    """The actions on the rows of one target."""

    target: Target
    due: tuple[Due, ...]

    @property
    def most(self) -> float:
        """Actions at most, by what was measured."""
        return self.target.most * len(self.due)


AGAIN = "stopped in between, the same call again does the rest"


def place(
    draft: Draft, own: Block, before: tuple[Block, ...] = (), after: tuple[Block, ...] = (), stopped: str = AGAIN
) -> None:
    """Puts a statement's blocks into the draft: `before` what must go first when it cannot all go at once. `stopped`:
    what a call that was stopped in between has left, and what to do then."""
    blocks = (*before, own, *after)
    if _held(draft) + sum(block.most for block in blocks) <= MAX_ACTIONS:
        draft.due += [due for block in blocks for due in block.due]
        return
    if draft.several:
        raise Unwritable(
            f"it takes more than the {MAX_ACTIONS} actions of a transaction by what was measured, and stands beside "
            "other statements that are to happen with it",
            "declare the statements apart",
        )
    draft.before += [Step(block.due, block.target.each) for block in before]
    _own(draft, own, bool(before or after))
    draft.after += [Step(block.due, block.target.each) for block in after]
    for words, some in (("first", before), ("afterwards", after)):
        if some:
            draft.note(
                f"there may be more than a transaction takes: the rows below are written {words}, each in a request of "
                f"its own; {stopped}"
            )


def _own(draft: Draft, own: Block, others: bool) -> None:
    if own.most + _held(draft) <= MAX_ACTIONS:
        draft.due += own.due
        return
    draft.after.append(Step(own.due, own.target.each))
    if not others:
        draft.note(
            "there may be more rows than a transaction takes: each is written in a request of its own; stopped in "
            "between, the rest are as they were"
        )


def _held(draft: Draft) -> float:
    return float(len(draft.due))
