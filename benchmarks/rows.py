"""A row of the table: what is measured, what it must reach, what we want, what it reached."""

import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One measured figure. ``floor`` and ``aim`` are least values, or most where ``most``."""

    what: str
    store: str
    result: float
    floor: float | None
    aim: float | None
    unit: str = "×"
    most: bool = False
    note: str = ""

    def holds(self, bound: float | None) -> bool:
        """Tell whether the result reaches a bound."""
        if bound is None:
            return True
        return self.result <= bound if self.most else self.result >= bound

    def cells(self) -> list[str]:
        """Return the row's cells as text."""
        verdict = "" if self.floor is None else "floor"
        if not self.holds(self.floor):
            verdict = "missed"
        if self.aim is not None and self.holds(self.aim):
            verdict = "aim"
        sign = "≤" if self.most else "≥"
        shown = f"{self.result:,.0f}" if self.result >= 100 else f"{self.result:.3g}"
        bounds = ["" if b is None else f"{sign} {b:g}" for b in (self.floor, self.aim)]
        return [
            self.what,
            self.store,
            *bounds,
            f"{shown} {self.unit}",
            verdict,
            self.note,
        ]


def machine(load: float) -> str:
    """Return what the figures were measured on; ``load`` is the machine's before it began."""
    made = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    busy = "" if load < IDLE else " (**other work was running**: trust ratios, and those with care)"
    return f"{made}; load before it began {load:.1f}{busy}"


IDLE = 0.7
"""A load up to which a machine had nothing else to do."""

HEADINGS = ["what", "store", "floor", "aim", "result", "reached", "figures"]


def markdown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
