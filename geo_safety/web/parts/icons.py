"""Icons from the stylesheet: drawn as masks in the colour of the text, so no icon host is ever asked."""
from __future__ import annotations

from dash import html


def icon(name: str) -> html.Span:
    """A decorative icon; the name must have a rule in assets/icons.css (a test holds the two together)."""
    return html.Span(className=f"gs-icon gs-icon-{name}", **{"aria-hidden": "true"})
