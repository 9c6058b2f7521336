"""Closed lists of words that clients choose from, with the model's meanings.

Rules for editors: these words are stored for ever. A word may be added; none is renamed, and
none leaves. Words that only kinds know (postures, slots) are checked by the domain as well.
"""

SCALES = ("conflict", "none")
VISIBILITIES = ("public", "house")
STORY_STATES = ("open", "closed")

ACTOR_TYPES = (
    "person",
    "government",
    "military",
    "armed_group",
    "organisation",
    "party",
    "institution",
    "company",
    "media",
    "community",
    "other",
)
PRECISIONS = ("exact", "street", "settlement", "district", "region", "country")

ROLES = ("by", "against", "to", "with", "about")
RELATIONS = (
    "responds_to",
    "follows",
    "contradicts",
    "confirms",
    "carries_out",
    "about",
    "same_as",
)
SOURCE_TYPES = ("own_witness", "official", "person", "document", "media", "anonymous")
MEDIA_TYPES = ("image", "video", "audio", "document")

ENTERS_AS = ("unverified", "claimed", "reported")
VERIFIED_AS = ("corroborated", "confirmed", "disputed", "refuted", "undeterminable")
VERIFICATIONS = (*ENTERS_AS, *VERIFIED_AS)
STATUSES = ("standing", "withdrawn", "erased")
REASONS = ("reporting", "source", "editing", "translation", "technical", "legal")

POSTURES = ("calm", "alert", "mobilising", "attacking", "defending", "ceasefire")
ALERTS = ("normal", "raised", "maximum", "lowered")
RELATION_TYPES = ("supports", "arms", "recognises", "opposes", "fights")
RELATION_STATES = ("in_force", "ended")
MEASURE_STATES = ("in_force", "violated", "ended")
ACCESS_STATES = ("open", "closed")
CONTROL_STATES = ("disputed", "contested", "held", "unknown")
CLAIMS = ("asserts", "denies", "released")
THREAT_STATES = ("open", "carried_out", "withdrawn", "expired")
DEMAND_STATES = ("open", "accepted", "met", "rejected", "blocked", "lapsed")
PLAN_STATES = ("planned", "postponed", "cancelled", "held")
LEVELS = ("calm", "tension", "clashes", "offensive", "major_escalation")
FIGURES = (
    "killed",
    "wounded",
    "civilians_killed",
    "civilian_casualties",
    "missing",
    "displaced",
)

READINGS = ("now", "hindsight", "as_told", "both")
ORDERS = ("-occurred", "occurred", "-recorded", "recorded")
GROUPS = (
    "force",
    "territory",
    "words",
    "diplomacy",
    "relation",
    "legal",
    "humanitarian",
    "other",
)
SLOT_CHANGES = ("learned", "replaced", "corrected", "updated", "verified", "taken_back")
