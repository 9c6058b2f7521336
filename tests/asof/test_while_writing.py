"""Readers while others write: what a basis says does not depend on who is at work meanwhile."""

import threading
from typing import Any

from tests.builders import Desk, House, Reader

ACTS = 60


def everything(reader: Reader, **asked: Any) -> Any:
    return (
        reader.situation(settled=True, **asked),
        reader.timeline(**asked),
        reader.history(**asked),
        reader.standing(**asked),
    )


def test_a_pinned_reading_is_the_same_while_a_desk_goes_on(
    house: House, desk: Desk, reader: Reader
) -> None:
    for number in range(8):
        desk.reports(f"r{number}", kind="alert.raised", actors="by:gna", occurred="2019-04-03")
    position = house.head()
    said = everything(reader, position=position)
    done = threading.Event()
    failed: list[BaseException] = []

    def goes_on() -> None:
        try:
            for number in range(ACTS):
                name = f"r{number % 8}"
                desk.updates(name, body=f"More, {number}.")
                desk.corrects(name, headline=f"Other, {number}", actors="by:lna")
                desk.corrects(name, headline="Again", actors="by:gna")
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=goes_on)
    writer.start()
    looked = 0
    while not done.is_set() or not looked:
        assert everything(reader, position=position) == said
        looked += 1
    writer.join()
    assert failed == []
    assert everything(reader, position=position) == said
    assert house.head() == position + 3 * ACTS


def test_the_present_read_while_a_desk_goes_on_is_some_moment_of_the_record(
    house: House, desk: Desk, reader: Reader
) -> None:
    """Given answers read while others write; when each is asked again where it says it stood;
    then it says the same."""
    done = threading.Event()
    failed: list[BaseException] = []

    def goes_on() -> None:
        try:
            for number in range(ACTS):
                desk.reports(f"r{number}", kind="alert.raised", actors="by:gna")
                desk.updates(f"r{number}", body="More.")
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=goes_on)
    writer.start()
    read = []
    while not done.is_set():
        basis = reader.basis()
        if basis.position:
            read.append(reader.situation())
    writer.join()
    assert failed == []
    for said in read:
        basis = said.pop("basis")
        again = reader.situation(as_of=basis["as_of"], position=basis["position"])
        del again["basis"]
        assert again == said
    assert len({said["counts"]["developments"] for said in read}) > 1
