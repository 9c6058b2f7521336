"""The purge hook: called when what may be read of a story's past has changed."""

import logging
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from service.assembly import open_store
from service.followers import names, of
from service.followers.leadership import lead
from service.followers.loop import Loop, Stopped
from service.followers.purging import Purge
from service.settings import Settings
from tests.builders import Desk, House
from tests.followers.conftest import Hook

Following = Callable[[], None]


@pytest.fixture
def following(house: House, hook: Hook) -> Iterator[Following]:
    """`following()`: let the purge hook's follower come to where the record is."""
    with closing(open_store(house.onrecord.settings)) as store:
        loop = Loop(Purge(hook.url, house.clock), store.reading, lead(store, "purge"))
        yield lambda: loop.catch_up(threading.Event())


def test_hidden_text_is_purged(desk: Desk, hook: Hook, following: Following) -> None:
    desk.reports("one")
    desk.withdraws("one", hide_text=True)
    following()
    assert hook.heard() == ["story-tripoli"]
    following()
    assert hook.heard() == []


def test_so_is_a_story_that_is_shown_to_others_than_before(
    desk: Desk, hook: Hook, following: Following
) -> None:
    desk.amends_story(visibility="house")
    following()
    assert hook.heard() == ["story-tripoli"]
    desk.amends_story(title="Another")
    following()
    assert hook.heard() == []
    desk.amends_story(visibility="public")
    following()
    assert hook.heard() == ["story-tripoli"]


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("", None),
        ("cache:secret@", b"cache:secret"),
        ("cach%C3%A9:p%40ss%3Aw%2Frd%25@", "caché:p@ss:w/rd%".encode()),
        ("cache@", b"cache:"),
        (":secret@", b":secret"),
    ],
)
def test_the_hook_is_told_the_user_and_password_of_its_address(
    house: House, desk: Desk, hook: Hook, user: str, said: bytes | None
) -> None:
    desk.amends_story(visibility="house")
    url = hook.url.replace("://", f"://{user}")
    Purge(url, house.clock).take(house.sql, house.acts(), threading.Event())
    assert hook.heard() == ["story-tripoli"]
    assert hook.came == [("/purge", said and f"Basic {b64encode(said).decode()}")]


def test_what_leaves_the_past_as_it_was_is_not(
    desk: Desk, hook: Hook, following: Following
) -> None:
    desk.reports("one")
    desk.corrects("one", headline="Right")
    desk.withdraws("one")
    desk.amends_story(title="Another", visibility="public")
    following()
    assert hook.heard() == []


def test_stories_are_told_in_the_order_of_their_acts_each_once_a_batch(
    house: House, desk: Desk, hook: Hook, following: Following
) -> None:
    desk.opens_story("flood")
    desk.amends_story(visibility="house")
    desk.on("tripoli").amends_story(visibility="house")
    desk.on("flood").amends_story(visibility="public")
    following()
    assert hook.heard() == ["story-flood", "story-tripoli"]


def test_what_caches_have_forgotten_by_themselves_is_not_told(
    house: House, desk: Desk, hook: Hook, following: Following
) -> None:
    desk.amends_story(visibility="house")
    house.clock.passes(2 * 86_400)
    desk.opens_story("flood")
    following()
    assert hook.heard() == []


def test_a_hook_that_fails_is_called_again(
    desk: Desk, hook: Hook, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.followers.purging.PAUSES_SECONDS", (0, 0))
    hook.answers = [503, 500]
    desk.amends_story(visibility="house")
    following()
    assert hook.heard() == ["story-tripoli"] * 3


def test_a_hook_that_is_gone_is_logged_and_holds_up_nobody(
    desk: Desk,
    hook: Hook,
    following: Following,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("service.followers.purging.PAUSES_SECONDS", (0,))
    hook.answers = [404, 404]
    desk.opens_story("flood")
    desk.amends_story(visibility="house")
    desk.on("tripoli").amends_story(visibility="house")
    with caplog.at_level(logging.ERROR):
        following()
    assert hook.heard() == ["story-flood", "story-flood", "story-tripoli"]
    (said,) = [record.getMessage() for record in caplog.records]
    assert said == "the purge hook could not be told of story-flood: it answered 404"


def test_who_is_told_to_stop_between_two_calls_leaves_the_act_to_the_next(
    house: House, desk: Desk, hook: Hook, following: Following
) -> None:
    stopping = threading.Event()
    stopping.set()
    hook.answers = [503]
    desk.amends_story(visibility="house")
    with pytest.raises(Stopped):
        Purge(hook.url, house.clock).take(house.sql, house.acts(), stopping)
    assert hook.heard() == ["story-tripoli"]
    following()
    assert hook.heard() == ["story-tripoli"]


def test_a_house_without_a_hook_has_no_follower() -> None:
    assert of(Settings()) == ()
    assert names(Settings(purge_url="http://127.0.0.1:9/")) == ("purge",)
