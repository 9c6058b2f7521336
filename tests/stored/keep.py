"""Keep a sample of each act as the store has it: `python -m tests.stored.keep`.

Run it when an act is new, or when its ``class_version`` rises. It writes the samples that are
missing and never touches one that is there: what was once written must load for ever.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from service.domain.acts import TOPICS, Act
from service.store.envelope import split
from tests.builders import Clock, House
from tests.houses import STORES, fresh_house

HERE = Path(__file__).resolve().parent


def file_of(sort: type[Act]) -> Path:
    """The sample of an act at the version that is written now."""
    return HERE / f"{TOPICS[sort]}.v{getattr(sort, 'class_version', 1)}.json"


def means(act: Act) -> dict[str, Any]:
    """All that an act says, as JSON."""
    named = asdict(act) | {"stamp": act.stamp._asdict()}
    said: dict[str, Any] = json.loads(json.dumps(named, default=str))
    return said


def tell(house: House) -> None:
    """Tell a story in which every act is."""
    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna", places="gharyan")
    desk.introduces_actor("lna", name="Libyan National Army", type="armed_group", aliases=["LNA"])
    point = {"type": "Point", "coordinates": [13.02, 32.17]}
    desk.introduces_place("gharyan", name="Gharyan · غريان", point=point)
    desk.amends_story(title="The advance on Tripoli")
    desk.reports(
        "fall",
        kind="control.claimed",
        headline="Gharyan “falls”",
        body="To the *LNA*.\nIt says.",
        language="en",
        occurred="2019-04-03",
        places="gharyan",
        actors="by:lna against:gna",
        sources=[{"publisher": "Reuters", "url": "https://example.org/1", "type": "media"}],
        media=[{"url": "https://example.org/1.jpg", "alt": "A road", "credit": "A. Photo"}],
        verification="claimed",
        byline="A. Reporter",
        details={"control": {"party": "lna", "places": ["gharyan"]}},
        key=True,
    )
    follows = [{"development": "fall", "relation": "follows"}]
    desk.reports("plain", relates_to=follows)
    desk.updates("fall", body="To the *LNA*, without a fight.")
    desk.corrects("fall", "It was the 4th, not the 3rd.", occurred="2019-04-04", body=None)
    desk.clarifies("fall", headline="Gharyan falls, the LNA says")
    desk.refiles("fall", headline="Gharyan falls, LNA says")
    evidence = [{"publisher": "Own reporter", "type": "own_witness"}]
    desk.verifies("fall", "confirmed", 4, reason="Seen.", sources=evidence, reason_note="By A.")
    desk.marks("fall", "pin")
    desk.marks("fall", "pin", set_it=False)
    desk.marks("plain", "key")
    desk.marks("plain", "key", set_it=False)
    desk.sums_up("Gharyan fell.", "fall")
    desk.overrides_level("clashes", "One shot.")
    desk.withdraws("plain", "It was nothing.", hide_text=True)
    desk.closes_story("Over.")
    desk.reopens_story("Not over.")


def main() -> None:
    """Write the samples that are missing."""
    with fresh_house(STORES["sqlite"], Clock()) as house:
        tell(house)
        states = {row["rowid"]: bytes(row["state"]) for row in house.sql.all("SELECT * FROM acts")}
        for act in house.acts():
            file = file_of(type(act))
            if not file.exists():
                state = states[act.stamp.position]
                sample = {
                    "topic": TOPICS[type(act)],
                    "state": state.decode().split("\n"),
                    "means": means(act),
                }
                assert split(state)
                file.write_text(json.dumps(sample, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
