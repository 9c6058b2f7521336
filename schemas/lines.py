"""Many at once (NDJSON): what a line may be, and what is answered to each."""

from marshmallow import INCLUDE

from schemas import bounds
from schemas.fields import Line, Truth, Whole
from schemas.nesting import Items, Part
from schemas.problems import Problem
from schemas.strict import Answer
from schemas.timeline import Caution

LINES_EXAMPLE = (
    '{"headline": "A meeting was held", "occurred": "2019-04-05",'
    ' "sources": [{"publisher": "Reuters"}], "external_id": "desk-4711"}\n'
    '{"actor": {"id": "lna", "name": "Libyan National Army", "type": "armed_group"}}\n'
)
DONE_EXAMPLE = (
    '{"line":1,"status":201,"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","version":1,"position":75}\n'
    '{"line":2,"status":422,"problem":{"type":"/problems/invalid","title":"What was sent cannot'
    ' be right","status":422,"detail":"One field is not right: type.","errors":{"type":["…"]}}}\n'
)


class LineIn(Answer):
    """A development, as it is posted alone, or a line of a story file: one act under its name."""

    class Meta:
        """Which act it is says what else it may hold."""

        unknown = INCLUDE

    key = Line(
        "On a line of a story file: makes it safe to repeat, as Idempotency-Key does.",
        most=bounds.IDEMPOTENCY_KEY,
        example="import-7-line-12",
    )


class LineDone(Answer):
    """What became of one line."""

    line = Whole("Its number, from 1; empty lines count.", least=1, required=True, example=1)
    status = Whole(
        "What the line alone would have been answered with.",
        least=200,
        most=599,
        required=True,
        example=201,
    )
    id = Line(
        "The development's id; of other acts the actor's, place's or story's slug.",
        most=bounds.SLUG,
        example="7c9e6679-7425-40de-944b-e07fc1f90ae7",
    )
    version = Whole("The version of the development.", least=1, example=1)
    position = Whole("The record's position after it.", example=75)
    warnings = Items(Part(Caution, "A warning."), "What does not fit.", most=bounds.SLOTS)
    replayed = Truth("Whether the line was answered before under its key.", example=True)
    problem = Part(Problem, "Why it was refused.")
