"""token create, list, revoke: who may write, and who may read what is not public."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import click

from schemas.fields import SLUG_PATTERN
from service.api.policy import Role
from service.cli.tables import table
from service.cli.talk import as_json, dump, example, house, say, width
from service.domain import times
from service.domain.refusals import Invalid
from service.domain.times import TimeError
from service.tokens import TokenRow

HOUSE_IS_FOR_AUDITORS = (
    "Only an auditor reads the whole house: leave out --house, or --role auditor."
)


@click.group(epilog=example("onrecord token list"))
def token() -> None:
    """Make, list and revoke tokens."""


@token.command(
    epilog=example("onrecord token create --newsroom times --role editor --name 'night desk'")
)
@click.option("--newsroom", required=True, help="The newsroom (a slug) that it acts for.")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What it may."
)
@click.option("--name", required=True, help="What you call it; readers never see it.")
@click.option("--story", help="Only for this story.")
@click.option("--expires", help="Until when it works: a date (its end in UTC) or an instant.")
@click.option("--house", "whole", is_flag=True, help="An auditor of every newsroom of the house.")
def create(newsroom: str, role: str, name: str, whole: bool, **more: str | None) -> None:
    """Make a token. It is printed once, alone, and not kept: only its hash is."""
    if not re.fullmatch(SLUG_PATTERN, newsroom):
        says = f"{newsroom!r} is no slug: lower-case letters, digits, hyphens between them."
        raise Invalid({"newsroom": [says]})
    if whole and role != Role.AUDITOR.value:
        raise click.UsageError(HOUSE_IS_FOR_AUDITORS)
    with house() as opened:
        zone = ZoneInfo(opened.settings.time_zone)
        made = opened.create_token(
            newsroom=newsroom,
            role=role,
            name=name,
            house=whole,
            story=more["story"],
            expires_at=_expiry(more["expires"], zone, opened.clock()),
        )
    click.echo(made)
    say("Keep it: it is not shown again.")


@token.command("list", epilog=example("onrecord token list --json"))
@as_json
def list_(as_json: bool) -> None:
    """List every token, the oldest first, without its secret."""
    with house() as opened:
        rows, now = opened.all_tokens(), opened.clock()
    found = [_told(row, now) for row in rows]
    if as_json:
        for document in found:
            dump(document)
        return
    if not found:
        say("There are no tokens. Make one: onrecord token create --help")
        return
    heads = ("id", "newsroom", "role", "state", "created_at", "name")
    for line in table(heads, [[str(row[head] or "") for head in heads] for row in found], width()):
        click.echo(line)


@token.command(epilog=example("onrecord token revoke tok_0123456789ab"))
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> None:
    """Revoke a token: within seconds it opens nothing any more."""
    with house() as opened:
        opened.revoke_token(token_id)
    say(f"Revoked {token_id}.")


def _expiry(text: str | None, zone: ZoneInfo, now: int) -> int | None:
    if text is None:
        return None
    try:
        at = times.upper_bound(text, zone)
    except TimeError as error:
        near = {"expires": [error.suggestion]} if error.suggestion else {}
        raise Invalid({"expires": [str(error)]}, near) from None
    if at <= now:
        raise Invalid({"expires": ["It lies in the past: such a token would open nothing."]})
    return at


def _told(row: TokenRow, now: int) -> dict[str, Any]:
    def instant(at: int | None) -> str | None:
        return None if at is None else times.format_instant(at)

    revoked = row.revoked_at is not None
    return {
        "id": row.id,
        "newsroom": row.newsroom,
        "role": row.role,
        "house": row.house,
        "story": row.story,
        "name": row.name,
        "created_at": instant(row.created_at),
        "expires_at": instant(row.expires_at),
        "revoked_at": instant(row.revoked_at),
        "state": "works" if row.works(now) else "revoked" if revoked else "expired",
    }


VERBS = (token,)
