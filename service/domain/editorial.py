"""What editors put into slots themselves: the summary and the level's override.

They are acts of the story, not developments: valid from the moment they were recorded, and
their ``report_position`` is their own position.
"""

from service.domain import acts
from service.domain.acts import Act
from service.domain.kinds import Assignment

SUMMARY, OVERRIDE = "summary", "level:override"


def assignments(act: Act) -> tuple[Assignment, ...]:
    """Return what an editor's act assigns; nothing for every other act."""
    match act:
        case acts.SummaryWritten():
            slot, value = SUMMARY, (act.document or {}).get("sentences", [])
        case acts.LevelOverridden():
            slot, value = OVERRIDE, dict(act.document or {})
        case _:
            return ()
    stamp = act.stamp
    return (
        Assignment(
            slot=slot,
            value=value,
            valid_from=stamp.recorded_at,
            occurred_latest=stamp.recorded_at,
            report_position=stamp.position,
            development="",
            version=0,
            verification="",
        ),
    )
