"""What a newsroom can do with its stories: settings, cast, summary, level, pins, key events."""

from collections.abc import Mapping
from typing import Any

from service import ids
from service.decisions.parts import NOW, When, Written, find_history, history_of, own, stamp_of
from service.domain import acts, stories
from service.domain.acts import Document
from service.domain.refusals import Conflict, Invalid
from service.ledger import Decision, Desk, Ledger, OpenStory
from service.readmodel import marks


def open_story(fields: Document, desk: Desk, when: When = NOW) -> Decision:
    """Open a story under a slug. Refuses a slug that is taken."""

    def decide(ledger: Ledger) -> Written:
        if ledger.find_story(fields["id"]) is not None:
            raise Conflict(
                "slug-taken",
                f"There is a story under {fields['id']!r} already.",
                address=f"/v1/stories/{fields['id']}",
            )
        stamp = stamp_of(ledger, fields["id"], desk, when)
        act = stories.open_story(fields, stream=ids.story(fields["id"]), stamp=stamp)
        ledger.add(act)
        return Written(position=stamp.position, story=act.story)

    return decide


def amend_story(story: str, changes: Document, desk: Desk, when: When = NOW) -> Decision:
    """Change a story's title, language or visibility."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        stamp = stamp_of(ledger, story, desk, when)
        act = stories.amend(opened.story, changes, stamp)
        ledger.add(act)
        return Written(position=stamp.position, story=story, created=False)

    return decide


def put_story(fields: Document, opening: Document, desk: Desk, when: When = NOW) -> Decision:
    """Amend a story where ``fields`` say otherwise, or open it with ``opening``.

    Repeating changes nothing.
    """
    open_it = open_story(opening, desk, when)
    amend_it = amend_story(fields["id"], fields, desk, when)

    def decide(ledger: Ledger) -> Any:
        if ledger.find_story(fields["id"]) is None:
            return open_it(ledger)
        opened = own(ledger, fields["id"], desk)
        if stories.patched(opened.story.document, fields) == opened.story.document:
            return Written(position=ledger.head, story=opened.row.id, created=False)
        return amend_it(ledger)

    return decide


def close_story(
    story: str, note: Document, desk: Desk, when: When = NOW, audit: Document | None = None
) -> Decision:
    """Close a story: it takes no more developments."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        stamp = stamp_of(ledger, story, desk, when)
        ledger.add(stories.close(opened.story, note, stamp, audit))
        return Written(position=stamp.position, story=story, created=False)

    return decide


def reopen_story(
    story: str, note: Document, desk: Desk, when: When = NOW, audit: Document | None = None
) -> Decision:
    """Reopen a closed story."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        stamp = stamp_of(ledger, story, desk, when)
        ledger.add(stories.reopen(opened.story, note, stamp, audit))
        return Written(position=stamp.position, story=story, created=False)

    return decide


def put_member(story: str, sort: str, fields: Document, desk: Desk, when: When = NOW) -> Decision:
    """Introduce an actor or a place ("actor", "place"), or amend it; repeating changes nothing."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        created = fields["id"] not in opened.story.cast(sort)
        stamp = stamp_of(ledger, story, desk, when)
        act = stories.put(opened.story, sort, fields, stamp)
        if act is not None:
            ledger.add(act)
        return Written(position=ledger.head, story=story, member=fields["id"], created=created)

    return decide


def write_summary(story: str, document: Document, desk: Desk, when: When = NOW) -> Decision:
    """Sum up the situation in sentences that name their developments."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        for number, sentence in enumerate(document["sentences"]):
            for named in sentence.get("developments", ()):
                if not find_history(ledger, opened, named, desk):
                    path = f"sentences.{number}.developments"
                    raise Invalid({path: [f"The story has no development {named!r}."]})
        return _story_act(ledger, opened, acts.SummaryWritten, desk, when, document=document)

    return decide


def override_level(story: str, document: Document, desk: Desk, when: When = NOW) -> Decision:
    """Set the level by hand, with a reason; a null level lifts the override."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        if not opened.story.is_conflict:
            raise Invalid({"level": ["Only a story of scale conflict has a level."]})
        return _story_act(ledger, opened, acts.LevelOverridden, desk, when, document=document)

    return decide


MARKS: Mapping[tuple[str, bool], type[acts.DevelopmentPinned]] = {
    (marks.PIN, True): acts.DevelopmentPinned,
    (marks.PIN, False): acts.DevelopmentUnpinned,
    (marks.KEY, True): acts.KeyEventMarked,
    (marks.KEY, False): acts.KeyEventUnmarked,
}


def mark(
    story: str, development: str, sort: str, set_it: bool, desk: Desk, when: When = NOW
) -> Decision:
    """Pin or unpin a development, or mark it as a key event ("pin", "key"); idempotent."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        state = history_of(ledger, opened, development, desk)[-1]
        standing = marks.at(ledger.sql, opened.number, sort, ledger.head)
        if (state.report_position in standing) == set_it:
            return Written(position=ledger.head, story=story, development=state, created=False)
        stamp = stamp_of(ledger, story, desk, when)
        act = MARKS[sort, set_it](
            originator_id=opened.story.stream,
            originator_version=opened.story.version + 1,
            story=story,
            stamp=stamp,
            development=state.id,
        )
        ledger.add(act, before=state)
        return Written(position=stamp.position, story=story, development=state, created=False)

    return decide


def _story_act(
    ledger: Ledger,
    opened: OpenStory,
    act: type[acts.StoryAct],
    desk: Desk,
    when: When,
    *,
    document: Document,
) -> Written:
    stamp = stamp_of(ledger, opened.row.id, desk, when)
    ledger.add(
        act(
            originator_id=opened.story.stream,
            originator_version=opened.story.version + 1,
            story=opened.row.id,
            stamp=stamp,
            document=document,
        )
    )
    return Written(position=stamp.position, story=opened.row.id, created=False)
