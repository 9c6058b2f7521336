"""The plain fold over all acts: what a situation *means*, slow and obvious.

The read model is a way of getting the same answers fast. This file stays as the oracle that
tests, ``check`` and ``rebuild`` compare it with: it knows no index, no clamp and no cache.
"""

from collections.abc import Iterable, Sequence

from service.domain import acts, editorial, kinds, stories
from service.domain.acts import Act
from service.domain.developments import Development, evolve
from service.domain.kinds import Assignment
from service.domain.stories import Story


def story_at(history: Iterable[Act], position: int) -> Story | None:
    """Return the story as its acts up to a position made it; None before the first."""
    story: Story | None = None
    for act in history:
        if act.stamp.position <= position:
            story = stories.evolve(story, act)
    return story


def developments_at(history: Iterable[Act], position: int) -> dict[str, Development]:
    """Return every development as it was known at a position, by id."""
    found: dict[str, Development] = {}
    for act in history:
        if isinstance(act, acts.DevelopmentAct) and act.stamp.position <= position:
            found[act.development] = evolve(found.get(act.development), act)
    return found


def assigned(history: Sequence[Act], position: int) -> list[Assignment]:
    """Return all that the versions current at a position assign, editors' acts included.

    A development whose text was hidden, even later, assigns nothing at any position.
    """
    story = story_at(history, position)
    if story is None:
        return []
    hidden = {
        act.development
        for act in history
        if isinstance(act, acts.DevelopmentWithdrawn) and act.hide_text
    }
    rows: list[Assignment] = []
    for development in developments_at(history, position).values():
        if development.id not in hidden:
            rows += kinds.assignments(development.as_version(story))
    for act in history:
        if act.stamp.position <= position:
            rows += editorial.assignments(act)
    return rows


def standing(history: Sequence[Act], *, as_of: int, position: int) -> dict[str, Assignment]:
    """Return each slot's answer: the greatest in order among those valid by ``as_of``."""
    found: dict[str, Assignment] = {}
    for row in assigned(history, position):
        best = found.get(row.slot)
        if row.valid_from <= as_of and (best is None or row.order > best.order):
            found[row.slot] = row
    return found


def timeline(history: Sequence[Act], *, as_of: int, position: int) -> list[Development]:
    """Return the developments that had happened by ``as_of``, latest first."""
    story = story_at(history, position)
    if story is None:
        return []
    rows = []
    for development in developments_at(history, position).values():
        version = development.as_version(story)
        begins = development.holds_from(story)
        listed = development.first_recorded_at if begins is None else begins
        latest = version.occurred.latest
        ends = latest if latest is not None else version.occurred.start_latest
        order = (listed, listed if ends is None else ends, development.report_position)
        if listed <= as_of:
            rows.append((order, development))
    return [development for _, development in sorted(rows, key=lambda row: row[0], reverse=True)]
