"""What a page is drawn from: the store, who asks, what is selected and how it is looked at."""
from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..model.selection import Selection, View, parse_query, to_search
from ..model.viewer import Viewer
from ..services import viewing
from ..settings import Settings
from ..store import Store
from ..text import Text


@dataclass(frozen=True)
class Context:
    store: Store
    settings: Settings
    viewer: Viewer
    query: dict[str, str]

    @property
    def language(self) -> str:
        return self.viewer.language

    def say(self, text: Text, **values: object) -> str:
        return (text.format(**values) if values else text)[self.language]

    @cached_property
    def selection(self) -> Selection:
        """What the address asks for; without a period the last twelve whole months with data."""
        asked = Selection.from_query(self.query)
        if asked.period is None:
            asked = asked.with_(period=viewing.default_selection(self.store, self.viewer).period)
        return asked

    @cached_property
    def view(self) -> View:
        return View.from_query(self.query)

    @cached_property
    def division(self) -> str:
        known = viewing.divisions(self.store, self.viewer)
        return self.view.division if self.view.division in known else (known[0] if known else "")

    def search(self, selection: Selection | None = None, view: View | None = None, **extra: str) -> str:
        """The address of this view with something changed."""
        return to_search(selection or self.selection, view or self.view, {k: v for k, v in extra.items() if v})


def of_request(store: Store, settings: Settings, viewer: Viewer, search: str | None) -> Context:
    return Context(store, settings, viewer, parse_query(search))


def with_search(context: Context, search: str | None) -> Context:
    return replace(context, query=parse_query(search))
