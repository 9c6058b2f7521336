"""The vocabulary in English, as pages say it: one word for one thing, shown the same everywhere.

Rules for editors: a word of the model that has no entry is shown as it is, with spaces; no page
fails for want of a label. A story without the scale of conflict gets no word of war from here:
what differs by scale stands in ``HEADINGS`` and ``KINDS_ELSEWHERE``.
"""

from collections.abc import Mapping
from typing import Any

from service.domain.kinds import DEFAULT, KINDS

LABELS: Mapping[str, Mapping[str, str]] = {
    "posture": {
        "calm": "Calm",
        "alert": "On alert",
        "mobilising": "Mobilising",
        "attacking": "Attacking",
        "defending": "Defending",
        "ceasefire": "Ceasefire",
    },
    "alert": {
        "normal": "Alert ended",
        "raised": "Alert raised",
        "maximum": "Maximum alert",
        "lowered": "Alert lowered",
    },
    "level": {"major_escalation": "Major escalation"},
    "state": {"in_force": "In force", "carried_out": "Carried out"},
    "presence": {"present": "Present", "reduced": "Partly gone", "ended": "Gone"},
    "relation": {
        "supports": "supports",
        "arms": "arms",
        "recognises": "recognises",
        "opposes": "opposes",
        "fights": "fights",
    },
    "verification": {
        "unverified": "Unverified",
        "claimed": "Claimed, not confirmed",
        "reported": "Reported",
        "corroborated": "Corroborated by several sources",
        "confirmed": "Confirmed",
        "disputed": "Disputed",
        "refuted": "Refuted",
        "undeterminable": "Cannot be determined",
    },
    "act": {
        "DevelopmentReported": "Reported",
        "DevelopmentUpdated": "Updated",
        "DevelopmentCorrected": "Corrected",
        "DevelopmentClarified": "Clarified",
        "DevelopmentRefiled": "Refiled",
        "DevelopmentVerified": "Checked",
        "DevelopmentWithdrawn": "Withdrawn",
    },
    "reason": {
        "reporting": "an error in reporting",
        "source": "an error of the source",
        "editing": "an error in editing",
        "translation": "an error in translation",
        "technical": "a technical error",
        "legal": "a legal reason",
    },
    "role": {
        "by": "By",
        "against": "Against",
        "to": "To",
        "with": "With",
        "about": "About",
    },
    "tie": {
        "responds_to": "Responds to",
        "follows": "Follows",
        "contradicts": "Contradicts",
        "confirms": "Confirms",
        "carries_out": "Carries out",
        "about": "About",
        "same_as": "The same as",
    },
    "source": {
        "own_witness": "own witness",
        "official": "official",
        "person": "a person",
        "document": "document",
        "media": "media",
        "anonymous": "unnamed source",
    },
    "field": {
        "kind": "Kind",
        "headline": "Headline",
        "body": "Text",
        "language": "Language",
        "occurred": "When it happened",
        "places": "Where",
        "actors": "Who",
        "sources": "Sources",
        "media": "Media",
        "byline": "Byline",
        "details": "Details",
        "relates_to": "Links",
        "verification": "How sure",
    },
    "figure": {
        "killed": "killed",
        "wounded": "wounded",
        "civilians_killed": "civilians killed",
        "civilian_casualties": "civilians killed or wounded",
        "missing": "missing",
        "displaced": "displaced",
    },
}
"""By vocabulary and by word of the model."""

HEADINGS: Mapping[str, tuple[str, str]] = {
    "parties": ("Parties", "Who is on alert"),
    "threats": ("Threats", "Threats"),
    "scheduled": ("Scheduled", "Scheduled"),
    "disputed": ("In dispute", "In dispute"),
    "anomalies": ("Does not fit together", "Does not fit together"),
    "demands": ("Calls and demands", "Calls and requests"),
    "casualties": ("Casualties and displaced", "People affected"),
    "control": ("Who holds what", "Who holds what"),
    "access": ("Open and closed", "Open and closed"),
    "measures": ("Agreements and measures", "Agreements and measures"),
    "relations": ("Who stands with whom", "Who stands with whom"),
    "presence": ("Presence", "Who is still there"),
    "notes": ("Also noted", "Also noted"),
}
"""The situation's sections in the order of the page: heading of a conflict, heading of another."""

ENTERS_PLAINLY = "reported"
"""The status that goes without saying beside an entry of the situation."""


def label(vocabulary: str, word: Any) -> str:
    """Return a word of the model as a reader sees it; one without a label stays itself."""
    found = LABELS.get(vocabulary, {}).get(str(word))
    return found or capital(plain(word))


def plain(word: Any) -> str:
    """Return a slug or a word of the model with spaces: ``river-level``, ``river level``."""
    return str(word).replace("_", " ").replace("-", " ")


def capital(text: str) -> str:
    """Return a text with its first letter large, and the rest as it was."""
    return text[:1].upper() + text[1:]


KINDS_ELSEWHERE: Mapping[str, str] = {
    "casualties.reported": "People affected",
    "alert.raised": "Warning",
    "alert.lowered": "Warning lowered",
    "evacuation": "People leave",
    "pullback": "Withdrawal",
    "closure": "Closure",
    "threat.made": "Warning of consequences",
    "veto": "Blocked",
}
"""What a kind is called in a story that is not one of conflict, where its label tells of one."""


def kind(name: str | None, *, conflict: bool = True) -> str:
    """Return a kind's label; a kind that this release does not know keeps its name."""
    name = name or DEFAULT
    if not conflict and name in KINDS_ELSEWHERE:
        return KINDS_ELSEWHERE[name]
    known = KINDS.get(name)
    return known.label if known else capital(plain(name))


def heading(section: str, *, conflict: bool) -> str:
    """Return the heading of a section of the situation."""
    war, other = HEADINGS[section]
    return war if conflict else other


def times(count: int) -> str:
    """Return how often, in words: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 development``, ``1,200 developments``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def figure(bounds: Mapping[str, Any]) -> str:
    """Return a low-best-high figure as it is written: 21, 4 to 6, at least 600, 260 (250 to 280).

    What is not known of the three is None.
    """
    low, best, high = (bounds.get(name) for name in ("low", "best", "high"))
    if best is None:
        return _between(low, high)
    if low == best == high:
        return f"{best:,}"
    if low is None and high is None:
        return f"about {best:,}"
    if best in (low, high) and None in (low, high):
        return _between(low, high)
    return f"{best:,} ({_between(low, high)})"


def _between(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return "unknown"
    if high is None:
        return f"at least {low:,}"
    if low is None:
        return f"at most {high:,}"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def length(seconds: int) -> str:
    """Return a length of time in its two largest units: 1 day 2 hours."""
    parts = []
    for unit, one in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number, seconds = divmod(seconds, one)
        if number:
            parts.append(count(number, unit))
    return " ".join(parts[:2]) or "less than a minute"
