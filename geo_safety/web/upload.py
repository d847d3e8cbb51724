"""Files on their way in: they wait in a private folder beside the store, under names of our own, until they are read or a day old.

Nothing here looks into a file. What its owner calls it is a text to show, never part of a path.
"""
from __future__ import annotations

import json
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask import Flask, Response, abort, jsonify, request, send_file
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from ..errors import GeoSafetyError, InputError
from ..model.describe import Source
from ..services import importing
from ..settings import Settings
from ..sources import SOURCES
from ..store import Store
from ..text import Text
from . import identity

A_DAY_S = 24 * 3600
LONGEST_NAME = 120
FORM_BYTES = 2 * 1024 * 1024  # of the request held in memory at once; the parser counts pieces of the file too
ROOT = Path(__file__).resolve().parents[2]
_ID = re.compile(r"[0-9a-f]{32}")

TOO_LARGE = Text(sv="Filen är större än {most} MB, som är gränsen här. Dela den i mindre delar, eller packa den som zip.",
                 en="The file is larger than {most} MB, which is the limit here. Split it into smaller parts, or pack it as a zip.")
NO_FILE = Text(sv="Ingen fil följde med. Välj en fil och försök igen.", en="No file came along. Choose a file and try again.")
ONE_FILE = Text(sv="Skicka en fil i taget. Hör flera filer ihop (som i en Shapefile) packas de som zip.",
                en="Send one file at a time. Files that belong together (as in a shapefile) are packed as a zip.")
EMPTY = Text(sv="Filen {name} är tom.", en="The file {name} is empty.")
NO_ROOM = Text(sv="Servern har inte plats för filen. Säg till den som sköter tjänsten.",
               en="The server has no room for the file. Tell whoever runs the service.")
NAMELESS = Text(sv="fil", en="file")


@dataclass(frozen=True)
class Upload:
    """A file that has come. `name` is what its owner calls it: for showing only."""

    id: str
    name: str
    size: int
    path: Path


class Uploads:
    """The waiting room beside a store. Each file has a note (`.json`) with its name and how far its import has come."""

    def __init__(self, store: Store):
        self.folder = store.path.with_name(f".{store.path.stem}-uploads")

    def begin(self) -> tuple[str, IO[bytes]]:
        """A new id and the open file for it, which only the owner of the process can read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_hex(16)
        handle = os.open(self._file(key), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        return key, os.fdopen(handle, "w+b")

    def finish(self, key: str, name: str) -> Upload:
        self.note(key, {"name": shown_name(name)})
        found = self.find(key)
        assert found is not None
        return found

    def find(self, key: str | None) -> Upload | None:
        """The upload with this id; None when there is none (any more), or what was given is no id of ours."""
        noted = self.noted(key)
        if noted is None or key is None:
            return None
        path = self._file(key)
        return Upload(key, noted["name"], path.stat().st_size if path.exists() else 0, path)

    def noted(self, key: str | None) -> dict[str, Any] | None:
        """What has been noted about an upload."""
        if not key or not _ID.fullmatch(key):
            return None
        try:
            return json.loads(self._note(key).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def note(self, key: str, about: dict[str, Any]) -> None:
        """Writes the note whole or not at all: the page and a job may look at the same time."""
        unfinished = self._note(key).with_suffix(f".{secrets.token_hex(4)}")
        unfinished.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(self._note(key))

    def beside(self, key: str, what: str) -> Path:
        """A further file that belongs to an upload and goes with it."""
        if not _ID.fullmatch(key):
            raise ValueError(key)
        return self.folder / f"{key}.{what}"

    def drop(self, key: str, *, note: bool = True) -> None:
        """Takes the file away, and with `note` all that is known of it."""
        for path in self.folder.glob(f"{key}.*") if note else (self._file(key),):
            path.unlink(missing_ok=True)

    def clear(self, *, older_than_s: float = A_DAY_S) -> None:
        """Takes away all that has waited longer than a day."""
        if not self.folder.is_dir():
            return
        limit = time.time() - older_than_s
        for path in self.folder.iterdir():
            try:
                if path.stat().st_mtime < limit:
                    path.unlink()
            except FileNotFoundError:
                continue  # somebody else was first

    def _file(self, key: str) -> Path:
        return self.beside(key, "upload")

    def _note(self, key: str) -> Path:
        return self.beside(key, "json")


def shown_name(name: str) -> str:
    """The last part of a file name, without signs that cannot be seen or that turn the text around."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C").strip()
    if len(plain) > LONGEST_NAME:
        plain = plain[:LONGEST_NAME - 12] + "…" + plain[-11:]
    return plain


def register(server: Flask, store: Store, settings: Settings) -> None:
    uploads = Uploads(store)
    uploads.clear()

    def say(text: Text) -> str:
        return text[identity.language(settings.language)]

    def refused(text: Text, status: int) -> tuple[Response, int]:
        return jsonify(error=say(text)), status

    @server.post("/upload")
    def upload() -> Response | tuple[Response, int]:
        uploads.clear()
        try:
            came = receive(uploads, settings.upload_limit_mb)
        except RequestEntityTooLarge:
            return refused(TOO_LARGE.format(most=settings.upload_limit_mb), 413)
        except InputError as problem:
            return refused(problem.text, 400)
        except BadRequest:
            return refused(NO_FILE, 400)
        except OSError:
            server.logger.exception("an upload could not be written")
            return refused(NO_ROOM, 507)
        return jsonify(id=came.id, name=came.name or say(NAMELESS), size=came.size)

    @server.get("/data/example/<source>")
    def example(source: str) -> Response:
        path = example_of(SOURCES[source]) if source in SOURCES else None
        if path is None:
            abort(404)
        return send_file(path, as_attachment=True, download_name=path.name)

    @server.get("/data/rejects/<batch>.csv")
    def rejects(batch: str) -> Response:
        viewer = identity.viewer(settings.language)
        try:
            content = importing.rejects_csv(store, batch, viewer)
        except GeoSafetyError:
            abort(404)
        return Response(content, mimetype="text/csv", headers={
            "Content-Disposition": f'attachment; filename="{_rejects_name(batch, viewer.language)}"', "Cache-Control": "private, no-store"})


def example_of(source: Source) -> Path | None:
    """The example file of a source, where the project's `data` folder is at hand."""
    path = ROOT / source.sample if source.sample else None
    return path if path is not None and path.is_file() else None


def _rejects_name(batch: str, language: str) -> str:
    return f"{'avvisade' if language == 'sv' else 'rejected'}-{re.sub(r'[^0-9A-Za-z]', '', batch)[:8]}.csv"


def receive(uploads: Uploads, limit_mb: int) -> Upload:
    """Streams the one file of a multipart request to its place. What fails on the way leaves nothing behind."""
    begun: list[str] = []

    def place(**about: Any) -> IO[bytes]:
        if begun:
            raise InputError(ONE_FILE)
        key, stream = uploads.begin()
        begun.append(key)
        return stream

    try:
        name = _parsed(place, limit_mb)
        came = uploads.finish(begun[0], name)
        if not came.size:
            raise InputError(EMPTY.format(name=came.name or NAMELESS))
    except BaseException:
        for key in begun:
            uploads.drop(key)
        raise
    return came


def _parsed(place: Callable[..., IO[bytes]], limit_mb: int) -> str:
    """Reads the request with `place` as the maker of files; gives the file's own name."""
    most = limit_mb * 1024 * 1024
    parser = FormDataParser(stream_factory=place, max_content_length=most, max_form_memory_size=FORM_BYTES, max_form_parts=10, silent=False)
    try:
        _, _, files = parser.parse_from_environ(request.environ)
    except (ValueError, ClientDisconnected) as broken:
        raise InputError(NO_FILE) from broken
    came = next(iter(files.values()), None)
    if came is None:
        raise InputError(NO_FILE)
    came.stream.close()
    return came.filename or ""
