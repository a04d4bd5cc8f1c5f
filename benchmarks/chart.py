"""A chart of cost against size, as SVG: both axes grow tenfold, so a straight cost is a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 40, 52
COLORS = ("#1f5fbf", "#b3261e", "#1b7f4b", "#8a4fb0", "#a66300", "#00707a")
MARKS = ("●", "■", "▲", "◆", "▼", "○")


def chart(title: str, lines: Mapping[str, Points], across: str, up: str) -> str:
    """Return the drawing. Lines are told apart by their marks as well as by their colors."""
    every = [point for points in lines.values() for point in points]
    low_x, high_x = _decades([x for x, _y in every])
    low_y, high_y = _decades([y for _x, y in every])

    def place(x: float, y: float) -> tuple[float, float]:
        right = (log10(x) - low_x) / (high_x - low_x)
        above = (log10(y) - low_y) / (high_y - low_y)
        return (
            round(LEFT + right * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - above * (HEIGHT - TOP - BOTTOM), 1),
        )

    drawn = [_frame(title, across, up)]
    for power in range(low_x, high_x + 1):
        x, y = place(10**power, 10**low_y)
        drawn.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{y}" stroke="#dddddd"/>')
        drawn.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        x, y = place(10**low_x, 10**power)
        drawn.append(f'<line x1="{x}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#dddddd"/>')
        drawn.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g}</text>')
    for number, (name, points) in enumerate(lines.items()):
        color, mark = COLORS[number % len(COLORS)], MARKS[number % len(MARKS)]
        places = [place(x, y) for x, y in points]
        path = " ".join(f"{x},{y}" for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        drawn += [
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="{color}">{mark}</text>'
            for x, y in places
        ]
        beside, below = WIDTH - RIGHT + 16, TOP + 12 + 20 * number
        drawn.append(f'<text x="{beside}" y="{below}" fill="{color}">{mark} {escape(name)}</text>')
    return "\n".join([*drawn, "</svg>", ""])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _frame(title: str, across: str, up: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="12" fill="#222222">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>\n'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">'
        f"{escape(across)}</text>\n"
        f'<text x="14" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle"'
        f' transform="rotate(-90 14 {(TOP + HEIGHT - BOTTOM) / 2})">{escape(up)}</text>'
    )
