"""How cost grows, as an SVG: one line a question, both axes logarithmic. No library is needed."""

from math import log10

from benchmarks.growth import Plot

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 300, 20, 44
COLOURS = ("#2f81c7", "#d0454c", "#2a9d78", "#b97a1b", "#8a6bd1", "#2b9bb0", "#8f8294")
"""Readable on light and dark paper; what comes after these is dashed."""

STYLE = (
    ".paper{fill:#fbfaf8}.grid{stroke:#dcd8d0}text{fill:#4b515b}"
    "@media (prefers-color-scheme:dark){.paper{fill:#16191d}.grid{stroke:#343b44}"
    "text{fill:#c3c9d2}}"
)


def svg(figures: Plot, title: str) -> str:
    """Return the plot of milliseconds over developments."""
    sizes = sorted({size for by in figures.values() for size in by})
    values = [value for by in figures.values() for value in by.values()]
    low, high = _decade(min(values), down=True), _decade(max(values), down=False)

    def x(size: float) -> float:
        span = log10(sizes[-1]) - log10(sizes[0]) or 1
        return LEFT + (log10(size) - log10(sizes[0])) / span * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{title}" font-family="sans-serif" font-size="12">',
        f"<title>{title}</title><style>{STYLE}</style>"
        '<rect class="paper" width="100%" height="100%"/>',
    ]
    for size in sizes:
        parts.append(_text(x(size), HEIGHT - BOTTOM + 18, f"{size:,}", "middle"))
    for decade in range(low, high + 1):
        at = y(10.0**decade)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" class="grid"/>')
        parts.append(_text(LEFT - 8, at + 4, f"{10.0**decade:g} ms", "end"))
    parts.append(
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "developments in the story", "middle")
    )
    for number, (name, by) in enumerate(figures.items()):
        colour = COLOURS[number % len(COLOURS)]
        dashes = ' stroke-dasharray="5 3"' if number >= len(COLOURS) else ""
        points = " ".join(f"{x(size):.1f},{y(by[size]):.1f}" for size in sorted(by))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
        above = TOP + 16 + number * 20
        start = WIDTH - RIGHT + 16
        parts.append(
            f'<path d="M{start} {above - 4}h20" stroke="{colour}" stroke-width="3"{dashes}/>'
        )
        parts.append(_text(start + 28, above, name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _decade(value: float, *, down: bool) -> int:
    exact = log10(value)
    return int(exact // 1) if down else int(-(-exact // 1))


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
