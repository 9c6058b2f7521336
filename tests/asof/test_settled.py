"""Which addresses answer the same for good: caches are told to keep no others."""

import pytest

from service.asof import Asked
from service.readmodel.stories import Viewer
from tests.builders import Desk, House

TOMORROW = 2**62


@pytest.mark.parametrize(
    ("as_of", "settled"),
    [(None, True), ("2019-04-03", True), ("2019-04-04", False), ("2019-04", False)],
)
def test_an_address_with_a_date_that_is_not_over_is_not_settled(
    house: House, desk: Desk, as_of: str | None, settled: bool
) -> None:
    # given a report on 4 April, and the same day still going on
    house.clock.reads("2019-04-04T09:00:00Z")
    desk.reports("order")
    # when its position is pinned, with and without a date
    asked = Asked(as_of=as_of, position=house.onrecord.head()[0])
    basis = house.onrecord.asof.basis("tripoli", Viewer(), asked)
    # then only what cannot change by midnight is settled
    assert basis.is_settled(TOMORROW) is settled
