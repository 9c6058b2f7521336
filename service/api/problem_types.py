"""Every way to be told no, as data: what it means, why, and how to mend it.

Each type is a page of the house (``/problems/{slug}``), and its slug is part of the contract.

Rules for editors: a type is never removed and never changes its status. ``why`` and ``mend``
are plain sentences for a person who has just been refused; ``curl`` is a request that goes
through on a house with the demo story, ``$HOST`` its address and ``$TOKEN`` an editor's token.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PAGES = "/problems/"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemType:
    """One type of problem (RFC 9457, section 3.1.1)."""

    slug: str
    status: int
    title: str
    why: str
    mend: str
    curl: str = 'curl "$HOST/v1"'

    @property
    def address(self) -> str:
        """The path of its page on this host: the ``type`` of a problem."""
        return PAGES + self.slug


_READ = 'curl "$HOST/v1/stories/tripoli-2019/situation?as_of=2019-04-05"'
_WRITE = (
    'curl "$HOST/v1/stories/tripoli-2019/developments"'
    ' -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"'
    ' -d \'{"headline": "A meeting was held", "occurred": "now",'
    ' "sources": [{"publisher": "Reuters"}]}\''
)
_ONE = 'curl -i "$HOST/v1/stories/tripoli-2019/developments?limit=1"'
_MINE = 'curl "$HOST/v1/stories" -H "Authorization: Bearer $TOKEN"'
_STORIES = 'curl "$HOST/v1/stories"'
_READY = 'curl "$HOST/readyz"'

_TYPES = (
    ProblemType(
        slug="malformed",
        status=400,
        title="The body cannot be read",
        why="The body is not JSON as RFC 8259 has it, or reads differently in different "
        "programs: a key given twice, NaN, an integer beyond 2^53, half a character, nesting "
        "deeper than 32. Taking one reading and dropping the other would falsify a record.",
        mend="Send one JSON object in UTF-8. The detail names the place where reading stopped.",
        curl=_WRITE,
    ),
    ProblemType(
        slug="bad-request",
        status=400,
        title="The request cannot be read",
        why="A part of the request besides its body cannot be read: a header, the address.",
        mend="The detail names the part. Send it as the API description says.",
        curl=_READ,
    ),
    ProblemType(
        slug="token",
        status=401,
        title="A token is needed",
        why="What was asked is not for anonymous readers, or the token sent is not one that "
        "this house knows: mistyped, expired or revoked.",
        mend="Send Authorization: Bearer and a token of your newsroom. A house's operator "
        "makes one with onrecord token create.",
        curl=_MINE,
    ),
    ProblemType(
        slug="forbidden",
        status=403,
        title="Not for this token",
        why="The token's role does not include this act, or the development or story belongs "
        "to another newsroom.",
        mend="Ask someone whose role has it: required names the roles. A development is "
        "changed by the newsroom that posted it alone.",
        curl=_MINE,
    ),
    ProblemType(
        slug="not-found",
        status=404,
        title="Nothing here",
        why="There is nothing at this address, or nothing that you may read. Both are answered "
        "alike, so that nobody learns what is not published.",
        mend="Look for the address in GET /v1 and GET /v1/stories.",
        curl=_STORIES,
    ),
    ProblemType(
        slug="method-not-allowed",
        status=405,
        title="Not with this method",
        why="There is something at this address, but it does not answer to this method.",
        mend="Use one of the methods that the Allow header names.",
        curl=_STORIES,
    ),
    ProblemType(
        slug="story-closed",
        status=409,
        title="The story is closed",
        why="The story takes no more developments. What it holds can still be corrected, "
        "verified and withdrawn.",
        mend="Post to another story, or have an editor reopen this one: POST …/reopening.",
        curl=_WRITE,
    ),
    ProblemType(
        slug="withdrawn",
        status=409,
        title="The development is withdrawn",
        why="A withdrawn development is a tombstone: it is not corrected, verified or "
        "withdrawn again.",
        mend="Report what is right as a new development, and relate it to this one.",
        curl=_WRITE,
    ),
    ProblemType(
        slug="slug-taken",
        status=409,
        title="The slug is taken",
        why="Something else has this slug already. Slugs stand in addresses and in slots for "
        "ever, so none is given twice.",
        mend="Choose another slug, or use what has this one: the problem names its address.",
        curl=_STORIES,
    ),
    ProblemType(
        slug="external-id-taken",
        status=409,
        title="The external id is taken by other content",
        why="Your newsroom has reported a development under this external id in this story, "
        "with other content. Reporting again with the same content is safe; other content "
        "is an update or a correction, and must say which.",
        mend="The problem says what was and what is, and gives the address of updates.",
        curl='curl "$HOST/v1/stories/tripoli-2019/developments?external_id=alert"',
    ),
    ProblemType(
        slug="conflict",
        status=409,
        title="It contradicts the record",
        why="What was sent does not go together with what is on the record.",
        mend="The detail says with what. Read it, and send what fits.",
        curl=_ONE,
    ),
    ProblemType(
        slug="erased",
        status=410,
        title="Erased",
        why="It was here, and was erased by law or for safety. The fact and the class of "
        "reason stay; the content does not come back at any basis.",
        mend="Nothing can be done. Lists show where it was.",
        curl=_ONE,
    ),
    ProblemType(
        slug="precondition-failed",
        status=412,
        title="Someone was faster",
        why="The act is based on a version that is no longer the latest. Doing it would "
        "undo, unread, what someone else has done.",
        mend="The problem carries the current ETag and version and the fields that differ. "
        "Read them, and send the act again with the new ETag in If-Match, if it is still right.",
        curl=_ONE,
    ),
    ProblemType(
        slug="too-large",
        status=413,
        title="The body is too large",
        why="A JSON body has at most 1 MiB, and so has a line of NDJSON. The longest wire "
        "stories have a hundredth of that.",
        mend="Send many developments as application/x-ndjson, one a line; link media instead of "
        "sending them.",
        curl=_WRITE,
    ),
    ProblemType(
        slug="address-too-long",
        status=414,
        title="The address is too long",
        why="A request's first line, its method and its address, has at most 8,190 bytes.",
        mend="A cursor alone goes on with a list: send no filter beside it. What is long belongs "
        "in a body.",
        curl=_STORIES,
    ),
    ProblemType(
        slug="unsupported-media-type",
        status=415,
        title="Not in this format",
        why="The body is not in a format that this address takes, is in another encoding than "
        "UTF-8, or is compressed: compressed bodies are refused, because a few bytes can "
        "unpack to gigabytes.",
        mend="Send Content-Type: application/json (or application/x-ndjson where many are "
        "taken), without Content-Encoding.",
        curl=_WRITE,
    ),
    ProblemType(
        slug="invalid",
        status=422,
        title="What was sent cannot be right",
        why="The request can be read, but something in it cannot be: an unknown field or "
        "parameter, a kind or an actor that the story does not know, a date that does not "
        "exist, a moment that has not come. Nothing of it was recorded.",
        mend="errors names each field and what is wrong with it; suggestions has the nearest "
        "that would be accepted.",
        curl=_READ,
    ),
    ProblemType(
        slug="idempotency-key-reused",
        status=422,
        title="The Idempotency-Key was used for something else",
        why="Your newsroom sent another body under this Idempotency-Key in the last 7 days.",
        mend="Use a new key for a new request, and the same key to repeat one.",
        curl=_WRITE + ' -H "Idempotency-Key: a-key-of-its-own"',
    ),
    ProblemType(
        slug="precondition-required",
        status=428,
        title="Say which version you looked at",
        why="Two desks may change one development at the same moment. An act says which "
        "version it is based on, so that neither undoes the other unread.",
        mend="Send the development's ETag in If-Match, or its version as base_version in the "
        "body. The problem carries both.",
        curl=_ONE,
    ),
    ProblemType(
        slug="too-many-requests",
        status=429,
        title="Too many requests",
        why="This token or address asks more than the house can serve fairly.",
        mend="Wait as long as Retry-After says.",
        curl=_READ,
    ),
    ProblemType(
        slug="internal",
        status=500,
        title="Something broke on this side",
        why="The house met something that it does not know how to answer. It was logged.",
        mend="Read before you repeat a write, or repeat it with the same Idempotency-Key or "
        "external_id, which is safe.",
        curl=_READY,
    ),
    ProblemType(
        slug="unavailable",
        status=503,
        title="Not now",
        why="The store is busy, full or away, or has not yet reached the position asked for. "
        "Nothing that was acknowledged is lost.",
        mend="Send the same request again after Retry-After seconds.",
        curl=_READY,
    ),
    ProblemType(
        slug="http-error",
        status=400,
        title="The request failed",
        why="The server under the house refused the request; its own status says more.",
        mend="Look the status up in RFC 9110.",
    ),
)

TYPES: Mapping[str, ProblemType] = {kind.slug: kind for kind in _TYPES}
"""Problem types by slug."""

OF_STATUS: Mapping[int, ProblemType] = {
    400: TYPES["bad-request"],
    401: TYPES["token"],
    403: TYPES["forbidden"],
    404: TYPES["not-found"],
    405: TYPES["method-not-allowed"],
    409: TYPES["conflict"],
    410: TYPES["erased"],
    412: TYPES["precondition-failed"],
    413: TYPES["too-large"],
    414: TYPES["address-too-long"],
    415: TYPES["unsupported-media-type"],
    422: TYPES["invalid"],
    428: TYPES["precondition-required"],
    429: TYPES["too-many-requests"],
    500: TYPES["internal"],
    503: TYPES["unavailable"],
}
"""What a bare HTTP status from below (Flask, werkzeug) is told as."""
