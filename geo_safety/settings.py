"""Settings from the environment, `GEO_SAFETY_*`. Read when the app or the command line starts, never at import."""
from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_STORE = Path("var/sample.gpkg")


class BaseMap(BaseModel):
    """A background map that the municipality has the right to use; fetched by our server, never by the browser."""

    name: str
    title: str
    url: str  # {z}/{x}/{y} in a tile address, or the address of a WMS
    attribution: str
    kind: str = "tiles"  # or "wms"
    wms_layers: str = ""
    dark: bool = False


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GEO_SAFETY_", extra="forbid")

    host: str = "127.0.0.1"
    port: int = 8050
    store: str | None = None  # path or URL; unset: the sample municipality in var/sample.gpkg
    language: str = "sv"
    municipality: str | None = None  # four-digit code, for example 1463
    base_maps: tuple[BaseMap, ...] = ()
    upload_limit_mb: int = 200
    worker: bool = True  # `serve` starts the worker process for long jobs
    test_pg_url: str | None = None

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in ("sv", "en"):
            raise ValueError("GEO_SAFETY_LANGUAGE must be sv or en")
        return value

    @property
    def store_path(self) -> Path:
        return Path(self.store) if self.store else DEFAULT_STORE

    @property
    def uses_sample(self) -> bool:
        """No store was named, so the made-up municipality is shown."""
        return self.store is None
