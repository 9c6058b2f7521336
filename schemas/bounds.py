"""How much of everything a client may send. One constant a line, one reason each."""

HEADLINE = 300
"""Characters of a headline: three tweets' worth; longer is a body."""

BODY = 50_000
"""Characters of a body: the longest wire stories are a fifth of this."""

TITLE = 300
"""Characters of a title (story, source, event) and of other lines that name something."""

NAME = 200
"""Characters of a person's, publisher's or group's name, and of a byline."""

NOTE = 5_000
"""Characters of a notice, a reason in words, a quote or a demand's text."""

SENTENCE = 1_000
"""Characters of one sentence of a summary."""

VALUE = 1_000
"""Characters of one free note's value."""

URL = 2_000
"""Characters of an address: what browsers and proxies carry safely."""

SLUG = 80
"""Characters of a slug: it stands in addresses and in slots."""

KIND = 60
"""Characters of a kind's name; the longest kind in the vocabulary has 20."""

EXTERNAL_ID = 200
"""Characters of a newsroom's own id for a development."""

MOMENT = 100
"""Characters of a date or instant as text; an EDTF interval of instants has 60."""

IDEMPOTENCY_KEY = 255
"""Characters of an Idempotency-Key header, as the IETF draft's implementers have it."""

SOURCES = 50
"""Sources of one development; a verification may bring as many again."""

ACTORS = 50
"""Actors of one development: more is a list, not a story."""

PLACES = 50
"""Places of one development, or of one claim of control."""

MEDIA = 50
"""Pictures, clips and documents of one development."""

RELATIONS = 50
"""Links from one development to others."""

NOTES = 50
"""Free notes of one development; each is a slot of its own."""

ALIASES = 50
"""Other names of one actor or place."""

SENTENCES = 50
"""Sentences of a summary."""

FIGURE = 1_000_000_000
"""The largest casualty figure: more than any war has had, and safe to add up."""

PIXELS = 100_000
"""The largest width or height of a picture."""

INTEGER = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 8259, section 6)."""

PAGE = 50
"""Items of a page when the client does not say."""

PAGE_MOST = 200
"""Items of a page at most: one answer stays under a second on a slow line."""

CURSOR = 2_000
"""Characters of a cursor: it must fit into an address."""

SLOTS = 10_000
"""Slots of one story, or of one entry, in an answer: a story of years has a few thousand."""

VERSIONS = 10_000
"""Versions of one development in an answer."""
