"""The Alembic chain: one for SQLite and PostgreSQL, one head."""
