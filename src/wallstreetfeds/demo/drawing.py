"""How figures are drawn: sizes in CSS pixels, colours by the page's names, text in the reader's own fonts."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

PIXELS_AN_INCH: Final = 72
"""An SVG unit of matplotlib is a point; the page shows it as one CSS pixel."""

# Stand-ins that `svg` replaces with the page's custom properties, which differ in light and dark.
INK: Final = "#101112"
MUTED: Final = "#606162"
RULE: Final = "#c0c1c2"
PAPER: Final = "#fefdfc"
GOOD: Final = "#0072b2"
NOISY: Final = "#d55e00"
RIDER: Final = "#9a4f96"
KEPT: Final = "#1b7f5f"
INVESTORS: Final = "#e69f01"
PROVIDERS: Final = "#8c8d8e"
PROPERTIES: Final = {
    INK: "ink",
    MUTED: "muted",
    RULE: "rule",
    PAPER: "paper",
    GOOD: "good",
    NOISY: "noisy",
    RIDER: "rider",
    KEPT: "kept",
    INVESTORS: "investors",
    PROVIDERS: "providers",
}

QUALITY: Final = {"good": GOOD, "noisy-labels": NOISY, "free-rider": RIDER}
SIGN: Final = {"good": "●", "noisy-labels": "▲", "free-rider": "■"}

STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "wallstreetfeds",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "grid.alpha": 0.6,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "xtick.major.size": 4,
    "ytick.major.size": 0,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in this style, whatever the reader's own settings are."""
    # Its logger speaks up when a first import takes long or a home is read-only; neither is news here.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def axes(width: float, height: float, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Return axes in a new figure; all in pixels, margins around the axes."""
    figure = Figure(figsize=(width / PIXELS_AN_INCH, height / PIXELS_AN_INCH))
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


def svg(drawn: Axes, name: str, description: str) -> str:
    """Return the figure of these axes as an `<svg>` element that belongs inside a page.

    `name` is unique in the page; `description` is what a screen reader says.
    """
    figure = drawn.figure
    if not isinstance(figure, Figure):
        raise TypeError("axes of a subfigure")
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    width, height = (float(size) * PIXELS_AN_INCH for size in figure.get_size_inches())
    head = (
        f'<svg role="img" aria-label="{_quoted(description)}" viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:{width * 1.25:g}px">'
    )
    text = head + text[text.index(">") + 1 :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    # One page holds many figures, and names of parts are the page's.
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = re.sub(r"(font: [^;\"]*?[0-9.]+px) [^;\"]+", r"\1 sans-serif", text)
    for colour, variable in PROPERTIES.items():
        text = text.replace(colour, f"var(--{variable})")
    return text.strip()


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
