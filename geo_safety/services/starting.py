"""Opens the store that the settings name, and makes the sample municipality where none is named."""
from __future__ import annotations

from .. import sample
from ..errors import StoreError
from ..model.jobs import Progress, silent
from ..settings import LOOPBACK, Settings
from ..store import Store
from ..text import Text

SAMPLE_SEED = 20261


def open_store(settings: Settings, *, progress: Progress = silent) -> Store:
    """The store of the settings; a named one that is absent is made empty, never filled with the sample."""
    path = settings.store_path
    if path.exists():
        return Store.open(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not settings.uses_sample:
        return Store.create(path, municipality_code=settings.municipality or "")
    return make_sample(path, progress=progress)


def make_sample(path, *, seed: int = SAMPLE_SEED, progress: Progress = silent) -> Store:
    """A new store with the made-up municipality in it; written beside its place first, so that half a sample is never found."""
    unfinished = path.with_name(f".{path.stem}-unfinished.gpkg")
    for left in path.parent.glob(f"{unfinished.stem}*"):
        left.unlink()
    with Store.create(unfinished, made_up=True, municipality_code=sample.CODE, municipality_name=sample.NAME) as store:
        sample.fill(store, seed=seed, progress=progress)
        store.backup(path)
    for left in path.parent.glob(f"{unfinished.stem}*"):
        left.unlink()
    return Store.open(path)


def require_loopback(settings: Settings) -> None:
    """StoreError when the app would be reachable from other machines: until accounts exist it has no one to ask who is there."""
    if settings.host not in LOOPBACK:
        raise StoreError(Text(
            sv="GEO_SAFETY_HOST är {host}, men utan konton får appen bara nås från den egna datorn. Använd 127.0.0.1.",
            en="GEO_SAFETY_HOST is {host}, but without accounts the app may only be reached from its own machine. Use 127.0.0.1.").format(
                host=settings.host))
