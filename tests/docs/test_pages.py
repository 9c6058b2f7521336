"""The docs say what the code does: tables are made from it, and lists are complete.

A failure that speaks of tables is mended by `.venv/bin/python -m tools.tables`.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas import words
from service import settings
from service.api.policy import POLICY
from service.api.problem_types import TYPES
from service.domain import details, slots, times
from service.domain.acts import ACTS
from service.domain.anomalies import CONTRADICTIONS
from service.domain.kinds import KINDS
from service.domain.level import RULE
from service.domain.reading import FILLED_BY
from service.domain.situation import SECTIONS
from service.domain.slots import Version
from service.domain.templates import BANDS, Kind, parse_template
from service.storyfile import BESIDE, VERBS
from tools import tables

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / "seeds").glob("*.md"), *ROOT.glob("*.md")],
    key=lambda page: page.relative_to(ROOT),
)
HOW_TOS = sorted((DOCS / "howto").glob("*.md"))
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PATH = re.compile(
    r"(?:service|schemas|tests|tools|docs|seeds|requirements|benchmarks)/[\w./-]*|[A-Z]+\.md"
)
MADE_ELSEWHERE = {"seeds/*.jsonl", "service/_seeds"}
"""Paths that name what is not in a clone: patterns, and what the wheel alone has."""


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The rows of every table, as cells."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def row_of(text: str, first: str) -> list[str]:
    (found,) = [row for row in rows(text) if row[0] == first]
    return found


# --- tables that are made from the code ----------------------------------------------------


@pytest.mark.parametrize("page", list(tables.pages()), ids=lambda page: page.name)
def test_every_table_that_is_made_from_the_code_is_as_the_code_makes_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert tables.filled(text) == text, "run .venv/bin/python -m tools.tables"


def test_every_table_that_can_be_made_stands_on_a_page() -> None:
    texts = [page.read_text(encoding="utf-8") for page in tables.pages()]
    standing = [found[2] for text in texts for found in tables.BLOCK.finditer(text)]
    assert sorted(standing) == sorted(tables.TABLES)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_page_of_kinds_says_all_of_a_kind(kind: Kind) -> None:
    text = read("kinds.md")
    row = row_of(text, f"`{kind.name}`")
    said = " | ".join(row).replace("\\|", "|")
    assert row[1] == kind.label
    assert all(code in said for code in (kind.plover, kind.cameo, kind.acled))
    assert row[3].split()[0] == f"{kind.intensity:g}"
    assert [one.replace("\\|", "|") for one in CODE.findall(row[4])] == list(kind.assigns)
    assert ("begins a thread" in row[4]) == kind.opens
    assert CODE.findall(row[5]) == list(kind.details)
    above = text[: text.index(f"| `{kind.name}` |")]
    assert HEADING.findall(above)[-1] == kind.group.capitalize()


@pytest.mark.parametrize("part", details.PARTS)
def test_the_page_of_kinds_says_all_of_a_part_of_details(part: str) -> None:
    said = row_of(read("kinds.md"), f"`{part}`")[2]
    for field in details.PARTS[part].get("properties", {}):
        assert f"`{field}`" in said


def test_every_setting_is_on_its_page_with_its_default() -> None:
    text = read("settings.md")
    for name, default, says in settings.table():
        row = row_of(text, f"`{name}`")
        assert row[1].strip("`") == ("none" if default is None else str(default))
        assert row[2] == says
    assert len(set(re.findall(r"`(ONRECORD_(?!TEST_)[A-Z_]+)`", text))) == len(settings.table())


# --- slots ---------------------------------------------------------------------------------


GRAMMAR = {
    row[0].strip("`"): row
    for row in rows(read("slots.md").partition("## What the situation makes")[0])
    if row[0].startswith("`") and len(row) == 3
}


def asked_by(slot: str) -> list[str]:
    """The addresses of the grammar that a template's slot has the form of."""
    plain = re.sub(r"\{[^}]+\}", "x", slot)
    return [
        address
        for address in GRAMMAR
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^:]+", address), plain)
    ]


@pytest.mark.parametrize("template", sorted({t for kind in KINDS.values() for t in kind.assigns}))
def test_the_grammar_of_slots_has_what_kinds_write_with_its_values(template: str) -> None:
    made = parse_template(template)
    (address,) = asked_by(made.slot)
    for value in made.values:
        named = value in re.findall(r"[a-z_]+", GRAMMAR[address][2])
        assert named or (value == "{party}" and "the party" in GRAMMAR[address][2])


def test_the_grammar_of_slots_has_nothing_that_nobody_writes() -> None:
    made = [parse_template(t).slot for kind in KINDS.values() for t in kind.assigns]
    written = {*(asked_by(slot)[0] for slot in made), "heat:{band}", "level:override", "summary"}
    assert set(GRAMMAR) == written


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("posture:{party}", words.POSTURES),
        ("alert:{party}", words.ALERTS),
        ("control:{place}:{party}:{claimant}", words.CLAIMS),
        ("access:{place}", words.ACCESS_STATES),
        ("scheduled:{event}:state", words.PLAN_STATES),
        ("casualties:{scope}:{counted_by}:{figure}", words.FIGURES),
        ("relation:{one}:{other}:{type}", (*words.RELATION_STATES, *words.RELATION_TYPES)),
        ("measure:{measure}:state", words.MEASURE_STATES),
        ("heat:{band}", BANDS),
    ],
)
def test_the_grammar_of_slots_has_every_value(address: str, values: tuple[str, ...]) -> None:
    assert set(values) <= set(re.findall(r"[a-z_]+", GRAMMAR[address][2]))


def test_every_state_that_the_situation_derives_is_said() -> None:
    text = read("slots.md")
    for state in (*words.CONTROL_STATES, *words.THREAT_STATES, *words.DEMAND_STATES):
        assert re.search(rf"\b{state}\b", text), state


def test_every_section_of_the_situation_is_said() -> None:
    part = read("slots.md").partition("## What the situation makes")[2].partition("\n## ")[0]
    said = {row[0].strip("`") for row in rows(part) if row[0].startswith("`")}
    assert said == {"level", "summary", *SECTIONS, "disputed", "anomalies"}


def test_the_rule_of_the_level_is_quoted() -> None:
    text = read("slots.md")
    assert RULE["age"] in text
    for name, says in RULE["levels"].items():
        assert row_of(text, f"`{name}`")[2] == says


def test_every_contradiction_is_said() -> None:
    part = read("slots.md").partition("## What does not fit")[2]
    said = {(row[0].strip("`"), row[1], row[2]) for row in rows(part) if row[0].startswith("`")}
    assert said == {(form, *pair) for form, pairs in CONTRADICTIONS.items() for pair in pairs}


# --- acts ----------------------------------------------------------------------------------


def test_every_act_is_said_and_no_other() -> None:
    said = [row[0].strip("`") for row in rows(read("acts.md")) if row[0].startswith("`")]
    assert sorted(said) == sorted(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_said_with_its_address_and_with_who_may(act: str) -> None:
    row = row_of(read("acts.md"), f"`{act}`")
    address = row[3].strip("`").replace("…/d/", "…/developments/{development}/")
    method, path = address.replace("…", "/v1/stories/{story}").split()
    (operation,) = [o for o in tables.operations() if (o.method, o.path) == (method, path)]
    assert row[2] == f"*{operation.action}*"


def test_every_action_of_the_policy_has_its_row_of_roles() -> None:
    part = read("acts.md").partition("## Who may what")[2]
    for action, allowed in POLICY.items():
        row = row_of(part, action)
        names = next(iter(rows(part)))[1:]
        given = {name: reach for name, reach in zip(names, row[1:], strict=True) if reach}
        assert set(given) == {role.value for role in allowed}


# --- the API -------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", tables.operations(), ids=lambda o: f"{o.method} {o.path}")
def test_every_operation_and_every_parameter_is_said(operation: tables.Operation) -> None:
    text = read("api.md")
    row = row_of(text, f"`{operation.method} {operation.path}`")
    assert row[1], "the view has no docstring"
    for parameter in operation.parameters:
        assert f"`{parameter}`" in row[3]
        assert row_of(text, f"`{parameter}`")[1]


@pytest.mark.parametrize("slug", TYPES)
def test_every_type_of_problem_is_said(slug: str) -> None:
    row = next(row for row in rows(read("api.md")) if row[1] == f"`/problems/{slug}`")
    assert row[2] == TYPES[slug].title


# --- how-tos -------------------------------------------------------------------------------


def test_the_kind_of_the_how_to_is_a_whole_kind() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", read("howto/add-a-kind.md"), re.DOTALL)
    ((name, entry),) = tomllib.loads(block).items()
    assert name not in KINDS
    fields = {n: entry[n] for n in ("label", "group", "plover", "cameo", "acled", "intensity")}
    templates = tuple(parse_template(template) for template in entry["assigns"])
    new = Kind(
        name=name, templates=templates, details=tuple(entry["details"]), party="", opens=False,
        aliases=tuple(entry["aliases"]), **fields,
    )  # fmt: skip
    assert new.group in words.GROUPS
    assert set(new.placeholders) <= set(FILLED_BY)
    assert set(new.details) <= set(details.PARTS)
    (made,) = slots.assign(new, bridge(name))
    assert (made.slot, made.value) == ("access:old-bridge", "open")


def bridge(kind: str) -> Version:
    zone = ZoneInfo("Europe/Rome")
    return Version(
        development="7c9e6679-7425-40de-944b-e07fc1f90ae7",
        version=1,
        fields={"kind": kind, "headline": "A bridge", "places": ["old-bridge"]},
        status="standing",
        verification="reported",
        occurred=times.parse_occurred("2024-05-01", zone),
        first_recorded_at=times.parse_instant("2024-05-02T12:00:00Z"),
        report_position=1,
        zone=zone,
        conflict=False,
    )


@pytest.mark.parametrize(
    "act", ["Clarified|clarif", "DevelopmentWithdrawn", "LevelOverrid|override_level"]
)
def test_the_how_to_of_acts_names_every_file_that_an_act_of_today_is_in(act: str) -> None:
    text = read("howto/add-an-act.md")
    sources = [file for room in ("service", "schemas") for file in (ROOT / room).rglob("*.py")]
    its_own = [file for file in sources if re.search(act, file.read_text(encoding="utf-8"))]
    paths = [file.relative_to(ROOT) for file in its_own]
    assert len(paths) > 5
    lost = [
        str(path) for path in paths if f"`{path}`" not in text and f"`{path.parent}/`" not in text
    ]
    assert lost == []


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.name)
def test_every_how_to_is_named_on_the_index(page: Path) -> None:
    assert f"(howto/{page.name})" in read("index.md")


def test_every_page_is_named_on_the_index() -> None:
    linked = set(LINK.findall(read("index.md")))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= linked


# --- the story file ------------------------------------------------------------------------


def test_every_verb_of_the_story_file_is_said_and_no_other() -> None:
    text = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")
    part = text.partition("## How a story file works")[2].partition("\n## ")[0]
    said = [verb for row in rows(part) for verb in CODE.findall(row[0])]
    assert sorted(said) == sorted(VERBS)
    assert all(f"`{name}`" in part for name in BESIDE)


def test_what_no_kind_writes_into_a_presence_is_said() -> None:
    written = {
        value
        for kind in KINDS.values()
        for template in kind.templates
        if template.family == "presence"
        for value in template.values
    }
    unwritten = sorted({"present", "reduced", "ended"} - written)
    said = " or ".join(f"`{value}`" for value in sorted(unwritten, reverse=True))
    assert f"No kind writes {said} into `presence:{{party}}`" in read("slots.md")


# --- links and paths -----------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    named = {
        found for code in CODE.findall(text) for found in code.split() if PATH.fullmatch(found)
    }
    lost = [path for path in sorted(named - MADE_ELSEWHERE) if not is_there(path)]
    assert lost == []


def is_there(path: str) -> bool:
    """Whether a clone has it; a module may be named without its ending."""
    return (ROOT / path).exists() or (ROOT / f"{path}.py").exists()
