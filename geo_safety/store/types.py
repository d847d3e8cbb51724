"""Column types that both databases understand. In SQLite only the types that GeoPackage knows: GDAL passes over any other.

Each type takes the stored form (the text that stands in the file) as well as the Python value, so that whole columns can be
written as they are.
"""
from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


def utc_text(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.sssZ` as GeoPackage wants it; finer than a millisecond is cut off. A time without zone is refused."""
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment} has no zone")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z".rjust(24, "0")


def now() -> datetime:
    return datetime.now(UTC)


def now_text() -> str:
    return utc_text(now())


def json_text(value: Any) -> str:
    """JSON in one fixed spelling, so that equal values are equal texts. NaN is refused: JSON has no such number."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class _DateTime(UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATETIME"


class UtcTime(TypeDecorator):
    """A moment. Text in UTC in SQLite, timestamptz in PostgreSQL."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine:
        return dialect.type_descriptor(_DateTime() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value if isinstance(value, str) else utc_text(value)
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class _Date(UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATE"


class Day(TypeDecorator):
    """A date. Text in SQLite, date in PostgreSQL."""

    impl = sa.Date
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine:
        return dialect.type_descriptor(_Date() if dialect.name == "sqlite" else sa.Date())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value if isinstance(value, str) else value.isoformat()
        return date.fromisoformat(value) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Json(TypeDecorator):
    """A dictionary or list. Text in SQLite, jsonb in PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else postgresql.JSONB())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value if isinstance(value, str) else json_text(value)
        return json.loads(value) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return json.loads(value) if isinstance(value, str) else value


Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
