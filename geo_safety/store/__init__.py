"""The store: the only package that knows the database."""
from __future__ import annotations

from .bringing_in import UpsertResult
from .store import Store

__all__ = ["Store", "UpsertResult"]
