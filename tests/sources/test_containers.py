"""Packed files are opened within bounds."""
from __future__ import annotations

import gzip
import stat
import zipfile
import zlib

import pytest

from geo_safety.errors import InputError
from geo_safety.sources import containers
from geo_safety.sources.limits import Limits

LIMITS = Limits()
SMALL = Limits(unpacked_mb=2)


def bomb(megabytes: int) -> bytes:
    """A zip that holds that many megabytes of nought: one packed megabyte, said again and again (the checksum is not made)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = megabyte * megabytes + packer.flush()
    size = (megabytes * 1024 * 1024).to_bytes(4, "little")
    about = b"\x14\0\0\0\x08\0\0\0\0\0" + bytes(4) + len(data).to_bytes(4, "little") + size + b"\x08\0\0\0"
    local = b"PK\x03\x04" + about + b"data.csv"
    listed = b"PK\x01\x02\x14\0" + about + bytes(10) + bytes(4) + b"data.csv"
    return (local + data + listed + b"PK\x05\x06" + bytes(4) + b"\x01\0\x01\0" + len(listed).to_bytes(4, "little")
            + (len(local) + len(data)).to_bytes(4, "little") + bytes(2))


def test_two_gigabytes_of_nought_are_refused_before_they_are_unpacked(written, tmp_path):
    path = written("bomb.zip", bomb(2048))
    assert zipfile.ZipFile(path).getinfo("data.csv").file_size == 2 * 1024**3
    assert path.stat().st_size < 3_000_000
    with pytest.raises(InputError, match="too large when unpacked"):
        containers.unzip(path, tmp_path, LIMITS)
    assert not (tmp_path / "data.csv").exists()


def test_a_zip_that_lies_about_its_size_does_not_get_past_the_count(written, tmp_path):
    lying = bytearray(bomb(8))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # the sizes in the directory and before the file itself
        at = lying.find(signature)
        lying[at + offset:at + offset + 4] = (1000).to_bytes(4, "little")
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(InputError):
        containers.unzip(written("lying.zip", bytes(lying)), folder, SMALL)
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 2_500_000


def test_a_gzip_is_counted_while_it_grows(written, tmp_path):
    path = written("zeros.csv.gz", gzip.compress(bytes(30 * 1024 * 1024)))
    with pytest.raises(InputError, match="too large when unpacked"):
        containers.gunzip(path, tmp_path, LIMITS)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/passwd", "a/../../b.csv", "..\\b.csv", "C:/b.csv"])
def test_a_name_that_leads_out_of_the_folder_is_refused(zipped, tmp_path, name):
    with pytest.raises(InputError, match="outside its own folder"):
        containers.unzip(zipped("escape.zip", {name: "a;b\n1;2\n"}), tmp_path, LIMITS)


def test_a_link_in_an_archive_is_refused(tmp_path):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("data.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="link"):
        containers.unzip(path, tmp_path, LIMITS)


def test_too_many_files_are_refused(zipped, tmp_path):
    with pytest.raises(InputError, match="300 files"):
        containers.unzip(zipped("many.zip", {f"{n}.csv": "" for n in range(300)}), tmp_path, LIMITS)


def test_an_honest_archive_is_unpacked(zipped, tmp_path):
    files = containers.unzip(zipped("good.zip", {"folder/a.csv": "a;b\n1;2\n", "__MACOSX/._a.csv": "x"}), tmp_path / "out", LIMITS)
    assert [file.read_text() for file in files] == ["a;b\n1;2\n"]


@pytest.mark.parametrize(("name", "content", "kind"), [
    ("a.csv", b"a;b\n1;2\n", "text"), ("a.geojson", b'\xef\xbb\xbf{"type": "FeatureCollection"}', "json"), ("a.gz", gzip.compress(b"x", mtime=0), "gzip"),
    ("a.dat", b"SQLite format 3\x00" + bytes(84), "geopackage"), ("a.shp", b"\x00\x00\x27\x0a" + bytes(96), "shapefile"),
    ("a.tab", b"!table\n!version 300\n", "mapinfo"), ("a.kml", b'<?xml version="1.0"?><kml xmlns="x">', "kml"),
    ("a.txt", "a\tb\n".encode("utf-16"), "text")], ids=["csv", "geojson", "gz", "geopackage", "shp", "tab", "kml", "utf-16"])
def test_a_file_is_what_its_content_says_whatever_it_is_called(written, name, content, kind):
    assert containers.kind_of(written(name, content)) == kind


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "XML"), ("a.geojson", b"a;b\n", "something else"),
    ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(100), r"\.xls"), ("a.csv", b"   \n\n", "empty"), ("a.csv", bytes(2000), "empty"),
    ("a.csv", b"\x7fELF\x02\x01\x01\x00" + bytes(50), "neither text"), ("a.kml", b'<!DOCTYPE x [<!ENTITY a "b">]><kml/>', "XML"),
    ("a.zip", b"PK\x03\x04" + bytes(60), "damaged")], ids=["vrt", "csv", "xls", "blanks", "zeros", "program", "definitions", "zip"])
def test_what_is_never_a_table_is_refused_in_words(written, name, content, said):
    with pytest.raises(InputError, match=said):
        containers.kind_of(written(name, content))
