"""The story file: one act a line, in record order; how stories come in, and go elsewhere.

Each line is one of ``story actor place report update correct clarify refile verify withdraw
pin key summary level close reopen``, with the act's content under that name. Beside it may stand
``recorded_at`` (counts in an archive only; a date stands for 20:00 in the story's zone, and the
default is the line before's), ``newsroom``, ``byline`` and ``key`` (an idempotency key).

Developments are named by ``external_id``, or by ``id`` where they have none; an id means the
development that the file itself reported under it, else one of this house.

A line is taken in two steps: ``reading`` finds out what it says, by itself, so that another
process can do it; ``deciding`` makes a decision of that, knowing the lines above.
"""

from service.storyfile.deciding import VERBS, Import, archive
from service.storyfile.preparing import prepared
from service.storyfile.reading import BESIDE, EVENING, Said, line_of, said_of, shaped, verbs_of

__all__ = [
    "BESIDE",
    "EVENING",
    "VERBS",
    "Import",
    "Said",
    "archive",
    "line_of",
    "prepared",
    "said_of",
    "shaped",
    "verbs_of",
]
