"""One municipality's data: an SQLite file that is a GeoPackage. QGIS opens it, several may write, nothing committed is lost."""
from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import geopandas as gpd
import pandas as pd
import pyproj
import sqlalchemy as sa

from ..crs import STOCKHOLM, SWEREF_99_TM, require_metric
from ..errors import InputError, StoreError
from ..model.jobs import Progress, silent
from ..model.selection import Selection
from ..model.viewer import Viewer
from ..text import Text
from . import bringing_in, change_log, geopackage, keeping, migrate, reading, undoing, writing
from .bringing_in import UpsertResult
from .engine import connect, in_words, make_engines
from .file import StoreFile
from .jobs import Jobs
from .tables import tables
from .types import json_text

_FIXED = ("crs", "zone", "municipality_code", "municipality_name", "made_up")


class Store:
    """Made by `Store.create` or `Store.open`. May be used from several threads at once, and by several processes."""

    def __init__(self, file: StoreFile, facts: Mapping[str, Any]):
        self._file = file
        self.path = file.path
        self.crs: str = file.crs
        self.zone: str = file.zone
        self.municipality_code: str = facts["municipality_code"]
        self.municipality_name: str = facts["municipality_name"]
        self.made_up: bool = facts["made_up"]
        self.mask_key: bytes | None = bytes.fromhex(facts["mask_key"]) if facts.get("mask_key") else None   # under which places are masked
        self._jobs: Jobs | None = None
        self._jobs_lock = threading.Lock()

    # --- making, opening, closing ---------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: str | Path, *, crs: str = SWEREF_99_TM, zone: str = STOCKHOLM, municipality_code: str = "",
               municipality_name: str = "", made_up: bool = False) -> Store:
        """A new, empty store. Its CRS (metric, with an EPSG number) and its zone stay what they are made as.

        Raises StoreError when the file exists, InputError when the CRS is not in metres or the zone is unknown.
        """
        path = Path(path)
        srs_id = _epsg(crs)
        _known_zone(zone)
        keeping.refuse_existing(path)
        with in_words():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            connect(unfinished, mode="rwc").close()
            facts = {"crs": f"EPSG:{srs_id}", "zone": zone, "municipality_code": municipality_code, "municipality_name": municipality_name,
                     "made_up": made_up, "mask_key": secrets.token_hex(32)}
            _fill_new(unfinished, srs_id, facts)
            keeping.name_for_good(unfinished, path)
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """The store at `path`, its tables brought up to date. StoreError when it is missing, no store, or of a newer version."""
        path = Path(path)
        if not path.is_file():
            raise StoreError(Text(sv="Det finns inget lager på {path}. Gör ett med: geo-safety init.",
                                  en="There is no store at {path}. Make one with: geo-safety init.").format(path=path))
        with in_words():
            keeping.sweep(path)
            facts = _facts_of(path)
            srs_id = _epsg(facts["crs"])
            read, write = make_engines(path)
            try:
                with read.begin() as connection:
                    ready = not migrate.needs_upgrade(connection) and geopackage.is_complete(connection, tables(srs_id))
                if not ready:
                    with write.begin() as connection:
                        migrate.upgrade(connection, srs_id)
                        geopackage.ensure_gpkg(connection, tables(srs_id), srs_id)
            except BaseException:
                read.dispose()
                write.dispose()
                raise
        return cls(StoreFile(path, read, write, tables(srs_id), facts["crs"], srs_id, facts["zone"]), facts)

    def close(self) -> None:
        """Let go of the file. The last one to do so folds the write-ahead log into it."""
        if self._jobs is not None:
            self._jobs.close()
        self._file.read.dispose()
        self._file.write.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- reading --------------------------------------------------------------------------------------------------------------

    def revision(self) -> int:
        """A number that grows with every change made through Geo Safety: the cache key of all that is shown."""
        with self._file.read.begin() as connection:
            return change_log.revision(connection, self._file.tables)

    def read(self, layer_name: str, viewer: Viewer, *, selection: Selection | None = None, where: Mapping[str, Any] | None = None,
             bbox: Sequence[float] | None = None, columns: Sequence[str] | None = None, geometry: bool = True, limit: int | None = None,
             order_by: str | Sequence[str] | None = None) -> Any:
        """The records of a layer that the viewer may see, withdrawn ones left out.

        Parameters
        ----------
        selection
            Period (whole days in the store's zone, the last one excluded) on the layer's time column, and offence types. `types` None
            takes those that speak of the place (safeguard 3); a layer without offence types is not narrowed. Nothing spatial.
        where
            {column: value, or a tuple of values}; None means missing.
        bbox
            (west, south, east, north) in the store's CRS; records whose bounds touch it.
        columns
            Just these, of the layer or of the bookkeeping (also created_at, updated_at). Otherwise all columns of the layer, then id, uid,
            row_version, info_class, owner_unit and batch_uid.
        order_by
            One or more columns, falling with a minus before the name; then, or without it, in the order of `id`.

        Returns
        -------
        GeoDataFrame in the store's CRS with None where there is no place; DataFrame for a layer without places or `geometry=False`.
        Times are datetime64[us] in the store's zone, dates datetime.date, json dict or list, text and codes str, booleans True and False
        (all these None when missing), numbers float64 (NaN), integers Int64 (NA).
        """
        return reading.read(self._file, layer_name, viewer, selection=selection, where=where, bbox=bbox, columns=columns, geometry=geometry,
                            limit=limit, order_by=order_by)

    def count(self, layer_name: str, viewer: Viewer, *, selection: Selection | None = None, where: Mapping[str, Any] | None = None) -> int:
        """How many records `read` would give."""
        return reading.count(self._file, layer_name, viewer, selection=selection, where=where)

    def one(self, layer_name: str, uid: str, viewer: Viewer) -> dict[str, Any] | None:
        """One record as plain values, its place as a shapely geometry; None when it is missing, withdrawn or not for this viewer."""
        return reading.one(self._file, layer_name, uid, viewer)

    def history(self, layer_name: str, uid: str, viewer: Viewer) -> pd.DataFrame:
        """All changes of one record, oldest first: at, actor, action, before, after (dictionaries of what changed), reason."""
        return change_log.history(self._file, layer_name, uid, viewer)

    # --- writing --------------------------------------------------------------------------------------------------------------

    def save(self, layer_name: str, values: Mapping[str, Any], viewer: Viewer, *, uid: str | None = None, row_version: int | None = None,
             reason: str | None = None) -> str:
        """Save one record and its line in the change log; gives its uid.

        Without `row_version` a new record is made (under `uid`, or a new one). With it the record `uid` is changed in the columns given;
        StaleError when it is no longer at that version. Saving what stands there already changes nothing. `values` may hold `geometry`
        (shapely, in the store's CRS), `info_class` and `owner_unit`.
        """
        return writing.save(self._file, layer_name, values, viewer, uid=uid, row_version=row_version, reason=reason)

    def withdraw(self, layer_name: str, uid: str, viewer: Viewer, *, row_version: int, reason: str | None = None) -> None:
        """Take a record out of everything shown. It stays in the file and in the log; nothing is ever deleted here."""
        writing.withdraw(self._file, layer_name, uid, viewer, row_version=row_version, reason=reason)

    def save_with_rows(self, layer_name: str, values: Mapping[str, Any], viewer: Viewer, *, rows_layer: str, rows: gpd.GeoDataFrame | pd.DataFrame,
                       uid: str | None = None, progress: Progress = silent) -> str:
        """Save a new record together with the rows that belong to it (a kept run and its cells): both or neither."""
        return bringing_in.save_with_rows(self._file, layer_name, values, viewer, rows_layer=rows_layer, rows=rows, uid=uid, progress=progress)

    def bring_in(self, layer_name: str, frame: gpd.GeoDataFrame | pd.DataFrame, viewer: Viewer, *, batch: Mapping[str, Any],
                 rejects: pd.DataFrame | None = None, progress: Progress = silent) -> UpsertResult:
        """Upsert many rows by the layer's key. All of them or none; readers never wait, writers only for the last short step.

        Parameters
        ----------
        frame
            Columns of the layer, a GeoDataFrame in the store's CRS when it has places; each key once. Columns left out are missing.
        batch
            What is known of the import: source_code, file_name, file_sha256 and, if wanted, uid, started_at, quality (dict), info_class
            and owner_unit of the rows.
        rejects
            row_number, column_name, value, reason_sv, reason_en, raw (dict): kept with the batch.
        progress
            Called until the lock is taken; may raise Cancelled, then nothing is stored.
        """
        return bringing_in.bring_in(self._file, layer_name, frame, viewer, batch=batch, rejects=rejects, progress=progress)

    def undo_batch(self, batch_uid: str, viewer: Viewer, *, reason: str | None = None) -> int:
        """Take a whole import back; gives the number of rows it concerned.

        Rows it added are withdrawn, rows it changed go back to what they were, each with its line in the change log. StoreError when one
        of them has been changed since, or the import is undone already.
        """
        return undoing.undo_batch(self._file, batch_uid, viewer, reason=reason)

    # --- jobs, backup, check --------------------------------------------------------------------------------------------------

    @property
    def jobs(self) -> Jobs:
        """The table of long work, in `<stem>.system.db` beside the store; made when it is first asked for."""
        with self._jobs_lock:
            if self._jobs is None:
                self._jobs = Jobs(keeping.system_path(self.path), self.zone)
            return self._jobs

    def backup(self, target: str | Path) -> Path:
        """A copy of the store (and of its jobs) as it is at this moment, while others go on working; looked through before it is named.

        Never copy the file itself: what is in its write-ahead log would be lost.
        """
        target = Path(target)
        with in_words():
            keeping.copy_whole(self.path, target)
            if keeping.system_path(self.path).exists():
                keeping.copy_whole(keeping.system_path(self.path), keeping.system_path(target))
        return target

    def check(self) -> list[tuple[str, Text]]:
        """What is wrong with the store, as (code, sentence); empty when all is well. Reads the whole file."""
        return keeping.check(self._file)

    # --- small facts ----------------------------------------------------------------------------------------------------------

    def info(self, key: str, default: Any = None) -> Any:
        """A small fact about the store, as `set_info` left it."""
        info = self._file.tables.store_info
        with self._file.read.begin() as connection:
            row = connection.execute(sa.select(info.c.value).where(info.c.key == key)).first()
        return default if row is None else row[0]

    def set_info(self, key: str, value: Any) -> None:
        """Note a small fact (anything JSON holds). What the store was made with cannot be changed."""
        if key in _FIXED:
            raise StoreError(Text(sv="{key} bestäms när lagret görs och kan inte ändras.",
                                  en="{key} is fixed when the store is made and cannot be changed.").format(key=key))
        info = self._file.tables.store_info
        with in_words(), self._file.write.begin() as connection:
            old = connection.execute(sa.select(info.c.value).where(info.c.key == key)).first()
            if old is not None and old[0] == value:
                return
            connection.execute(sa.delete(info).where(info.c.key == key))
            connection.execute(sa.insert(info).values(key=key, value=json_text(value)))
            change_log.append(connection, self._file.tables, [change_log.entry(change_log.STORE_INFO, key, "update", actor=change_log.SYSTEM)])


def restore(backup: str | Path, target: str | Path) -> Path:
    """Make the store `target` from a backup. An existing file is refused, and so is a backup that is damaged or no store."""
    backup, target = Path(backup), Path(target)
    if not backup.is_file():
        raise StoreError(Text(sv="Det finns ingen säkerhetskopia på {path}.", en="There is no backup at {path}.").format(path=backup))
    with in_words():
        _facts_of(backup)
        if keeping.system_path(target).exists():
            raise keeping.exists_already(keeping.system_path(target))
        keeping.copy_whole(backup, target)
        if keeping.system_path(backup).exists():
            keeping.copy_whole(keeping.system_path(backup), keeping.system_path(target))
    Store.open(target).close()
    return target


def _fill_new(path: Path, srs_id: int, facts: Mapping[str, Any]) -> None:
    read, write = make_engines(path)
    described = tables(srs_id)
    with write.begin() as connection:
        migrate.upgrade(connection, srs_id)
        geopackage.ensure_gpkg(connection, described, srs_id)
        connection.execute(sa.insert(described.store_info), [{"key": key, "value": json_text(value)} for key, value in facts.items()])
    read.dispose()
    write.dispose()


def _facts_of(path: Path) -> dict[str, Any]:
    """What the store was made with; StoreError for a file that is no store of ours."""
    connection = connect(path)  # a plain connection: a file that is not ours must not be turned into anything
    try:
        ours = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_info'").fetchone()
        facts = {} if ours is None else {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM store_info")}
    finally:
        connection.close()
    if not set(_FIXED) <= facts.keys():
        raise StoreError(Text(sv="{path} är inget lager som Geo Safety har gjort. Läs in filen i ett lager i stället.",
                              en="{path} is no store made by Geo Safety. Import the file into a store instead.").format(path=path))
    return facts


def _epsg(crs: str) -> int:
    known = require_metric(crs, Text(sv="Lagret", en="The store"))
    code = pyproj.CRS.from_user_input(known).to_epsg()
    if code is None:
        raise InputError(Text(sv="Lagrets koordinatsystem måste ha ett EPSG-nummer, till exempel EPSG:3006.",
                              en="The store's coordinate system must have an EPSG number, for example EPSG:3006."))
    return code


def _known_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(Text(sv="Tidszonen {zone} finns inte. Skriv den som Europe/Stockholm.",
                              en="There is no time zone {zone}. Write it like Europe/Stockholm.").format(zone=zone)) from None
