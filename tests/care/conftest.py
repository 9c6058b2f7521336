"""Houses for the tests beside this file, and one where a bit of everything has happened."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests.builders import Desk, House
from tests.houses import clock, desk, directory, house, reader, settings, store_kind

__all__ = ["clock", "desk", "directory", "eventful", "house", "reader", "settings", "store_kind"]


@pytest.fixture(scope="session")
def eventful_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a house with two stories and every act that there is, made once."""
    path = tmp_path_factory.mktemp("eventful") / "house.db"
    house = House.at(Settings(database_url=f"sqlite:///{path}"))
    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
    a_bit_of_everything(desk)
    other = house.desk("observer")
    other.opens_story("flood", time_zone="Europe/London", visibility="house", places="bridge")
    other.reports("rain", kind="background", occurred="2019-04", places="bridge", key=True)
    house.close()
    return path


@pytest.fixture
def eventful(eventful_record: Path, tmp_path: Path) -> Iterator[House]:
    """A house of a test's own in which all that has happened."""
    path = tmp_path / "eventful.db"
    shutil.copy(eventful_record, path)
    house = House.at(Settings(database_url=f"sqlite:///{path}"), init=False)
    house.clock.passes(3600)
    yield house
    house.close()


def a_bit_of_everything(desk: Desk) -> None:
    """Every act on stories and developments, on the story that the desk has open."""
    desk.reports(
        "order", kind="offensive.ordered", actors="by:lna", occurred="2019-04-04", key=True
    )
    desk.reports(
        "threat",
        kind="threat.made",
        actors="by:lna against:gna",
        occurred="2019-04-04",
        details={"threat": {"text": "We will answer.", "deadline": "2019-04-04T07:00:00Z"}},
    )
    desk.reports(
        "strike",
        kind="airstrike",
        actors="by:gna against:lna",
        places="gharyan",
        occurred="2019-04-03/2019-04-04",
        relates_to=[{"development": "threat", "relation": "carries_out"}],
    )
    desk.updates("threat", body="In a broadcast.")
    desk.updates("strike", body="Two aircraft.", sources=[{"publisher": "AFP"}])
    desk.corrects("strike", headline="One strike", occurred="2019-04-03", verification="claimed")
    desk.corrects("strike", headline="One air strike", body=None)
    desk.clarifies("order", headline="The advance is ordered")
    desk.refiles("order", headline="The advance on Tripoli is ordered")
    desk.verifies("strike", "confirmed", reason="Seen by a reporter.")
    desk.reports("rumour", kind="airstrike", actors="by:lna", places="tripoli", key=True)
    desk.verifies("rumour", "refuted")
    desk.reports("secret", kind="airstrike", actors="by:gna", places="tripoli", body="A name.")
    desk.corrects("secret", headline="Another name", occurred="2019-04-03")
    desk.reports("wrong", kind="statement", actors="by:un", details={"notes": {"view": "grave"}})
    desk.reports(occurred="/2018", headline="Long ago")
    desk.sums_up("Fighting goes on.", "order")
    desk.overrides_level("clashes")
    desk.marks("order")
    desk.marks("order", set_it=False)
    desk.marks("strike", "key")
    desk.marks("rumour", "key", set_it=False)
    desk.marks("wrong")
    desk.withdraws("wrong")
    desk.withdraws("secret", hide_text=True)
    desk.introduces_actor("lna", name="Libyan National Army")
    desk.introduces_place("gharyan", name="Gharyan", within="tripoli")
    desk.amends_story(title="Another title", visibility="house")
    desk.amends_story(visibility="public")
    desk.overrides_level(None)
    desk.sums_up("")
    desk.closes_story()
    desk.reopens_story()
