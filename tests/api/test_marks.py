"""Pins and key events over HTTP: acts of the story that leave the development as it is."""

import pytest

from tests.api.desks import AtDesk, at_desk

MARKS = [("pins", "pinned"), ("key-events", "key_events")]


@pytest.mark.parametrize(("mark", "section"), MARKS)
class TestMarks:
    def test_a_mark_is_set_and_read_in_the_situation(
        self, times: AtDesk, mark: str, section: str
    ) -> None:
        one = times.reports("one")["id"]
        before = times.house.head()

        made = times.sends("PUT", f"{mark}/{one}")

        assert made == {"development": one, "marked": True, "position": before + 1}
        assert times.reads("situation")[section] == [one]
        assert times.reads(f"situation?position={before}")[section] == []

    def test_it_is_taken_away(self, times: AtDesk, mark: str, section: str) -> None:
        one = times.reports("one")["id"]
        times.sends("PUT", f"{mark}/{one}")

        made = times.sends("DELETE", f"{mark}/{one}")

        assert made == {"development": one, "marked": False, "position": times.house.head()}
        assert times.reads("situation")[section] == []

    def test_repeating_changes_nothing(self, times: AtDesk, mark: str, section: str) -> None:
        one = times.reports("one")["id"]
        for method in ("DELETE", "PUT", "PUT"):
            last = times.sends(method, f"{mark}/{one}")

        assert last["position"] == times.house.head()
        assert len(times.reads("history")["items"]) == times.house.head()

    def test_the_development_stays_as_it_is(self, times: AtDesk, mark: str, section: str) -> None:
        one = times.reports("one")

        times.sends("PUT", f"{mark}/{one['id']}")

        times.acts(one, "updates", {"changes": {"body": "More."}}, based=1)

    def test_an_unknown_development_cannot_be_marked(
        self, times: AtDesk, mark: str, section: str
    ) -> None:
        for method in ("PUT", "DELETE"):
            nobody = f"{mark}/7c9e6679-7425-40de-944b-e07fc1f90ae7"
            times.refused(nobody, None, method=method, status=404)
            times.refused(f"{mark}/one", None, method=method, status=404)

    def test_one_of_another_story_cannot(self, times: AtDesk, mark: str, section: str) -> None:
        one = times.reports("one")["id"]
        times.sends("POST", "/v1/stories", {"id": "flood", "title": "Flood"}, status=201)

        times.on("flood").refused(f"{mark}/{one}", None, method="PUT", status=404)

    def test_editors_mark(self, anyone: AtDesk, post: AtDesk, mark: str, section: str) -> None:
        one = at_desk(anyone, "reporter").reports("one")["id"]

        for desk in (at_desk(anyone, "reporter"), at_desk(anyone, "auditor"), post):
            desk.refused(f"{mark}/{one}", None, method="PUT", status=403)
        anyone.refused(f"{mark}/{one}", None, method="PUT", status=401)

    def test_it_takes_no_body(self, times: AtDesk, mark: str, section: str) -> None:
        one = times.reports("one")["id"]

        times.sends("PUT", f"{mark}/{one}", {})
        assert "body" in times.refused(f"{mark}/{one}", {"why": "A."}, method="PUT")["errors"]


def test_a_key_event_may_be_one_from_the_start(times: AtDesk) -> None:
    one = times.reports("one", key=True)["id"]
    assert times.reads("situation")["key_events"] == [one]

    times.sends("DELETE", f"key-events/{one}")

    assert times.reads("situation")["key_events"] == []


def test_the_last_pin_stands_first(times: AtDesk) -> None:
    ids = [times.reports(name)["id"] for name in ("a", "b", "c")]
    for development in ids:
        times.sends("PUT", f"pins/{development}")

    assert times.reads("situation")["pinned"] == ids[::-1]
