"""The store: the only package that knows the database."""
from __future__ import annotations

from .bringing_in import UpsertResult
from .jobs import Job, Jobs
from .store import Store, restore

__all__ = ["Job", "Jobs", "Store", "UpsertResult", "restore"]
