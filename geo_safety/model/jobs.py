"""How long work says how far it has come, and is told to stop."""
from __future__ import annotations

from collections.abc import Callable

from ..text import Text

# progress(share from 0 to 1, what is being done); raises errors.Cancelled when the user has asked to stop.
Progress = Callable[[float, Text], None]


def silent(share: float, what: Text) -> None:
    """Progress that nobody watches."""
