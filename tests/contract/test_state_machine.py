"""Random desks at the HTTP door, against a plain model: the same answers at every basis, the
promised statuses, and entity tags that move exactly when something has changed."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.acting import Acting
from tests.contract.reading import Reading
from tests.contract.reporting import Reporting

CASES, MOVES = 30, 25


class Desks(Reporting, Acting, Reading):
    """What desks do to one story, and what readers must then be told."""


def test_random_desks_are_answered_as_the_plain_lists_say() -> None:
    run_state_machine_as_test(
        Desks, settings=settings(max_examples=CASES, stateful_step_count=MOVES)
    )
