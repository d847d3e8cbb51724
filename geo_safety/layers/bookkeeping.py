"""What the service notes about its own work: sources, imports, kept runs."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer
from ..text import Text

SOURCES = Layer(
    "sources", Text(sv="Källor", en="Sources"), key=("code",), label="title",
    columns=(
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("title", Text(sv="Namn", en="Name"), "text", required=True),
        Column("kind", Text(sv="Slag", en="Kind"), "text", required=True, help=Text(sv="Vilken läsare som används.", en="Which reader is used.")),
        Column("coverage", Text(sv="Täckning", en="Coverage"), "code", required=True, codes=(
            Code("register", Text(sv="register", en="register")), Code("effort", Text(sv="där någon tittat", en="where somebody looked")))),
        Column("licence", Text(sv="Licens", en="Licence"), "text"),
        Column("attribution", Text(sv="Källhänvisning", en="Attribution"), "text"),
    ))

IMPORT_BATCHES = Layer(
    "import_batches", Text(sv="Inläsningar", en="Imports"), key=("uid",), time="started_at", label="file_name",
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True),
        Column("layer", Text(sv="Lager", en="Layer"), "text", required=True),
        Column("file_name", Text(sv="Fil", en="File"), "text", required=True),
        Column("file_sha256", Text(sv="Filens kontrollsumma", en="File checksum"), "text", required=True, shown=False),
        Column("started_at", Text(sv="Inläst", en="Imported"), "time", required=True),
        Column("finished_at", Text(sv="Klar", en="Finished"), "time", shown=False),
        Column("status", Text(sv="Läge", en="Status"), "code", required=True, codes=(
            Code("done", Text(sv="klar", en="done")), Code("undone", Text(sv="ångrad", en="undone")))),
        Column("read", Text(sv="Lästa rader", en="Rows read"), "integer"),
        Column("inserted", Text(sv="Nya", en="New"), "integer"),
        Column("updated", Text(sv="Ändrade", en="Changed"), "integer"),
        Column("unchanged", Text(sv="Oförändrade", en="Unchanged"), "integer"),
        Column("rejected", Text(sv="Avvisade", en="Rejected"), "integer"),
        Column("without_place", Text(sv="Utan plats", en="Without place"), "integer"),
        Column("quality", Text(sv="Kvalitet", en="Quality"), "json", shown=False),
        Column("lock_seconds", Text(sv="Skrivlås", en="Write lock"), "number", unit=Text(sv="s", en="s"), shown=False),
    ))

IMPORT_REJECTS = Layer(
    "import_rejects", Text(sv="Avvisade rader", en="Rejected rows"), key=("batch_uid", "row_number", "column_name"),
    columns=(
        Column("batch_uid", Text(sv="Inläsning", en="Import"), "text", required=True, shown=False),
        Column("row_number", Text(sv="Rad", en="Row"), "integer", required=True),
        Column("column_name", Text(sv="Kolumn", en="Column"), "text", required=True),
        Column("value", Text(sv="Värde", en="Value"), "text", personal=True),
        Column("reason_sv", Text(sv="Skäl", en="Reason (Swedish)"), "text"),
        Column("reason_en", Text(sv="Skäl (engelska)", en="Reason"), "text"),
        Column("raw", Text(sv="Raden", en="The row"), "json", shown=False, personal=True),
    ))

IMPORT_PROFILES = Layer(
    "import_profiles", Text(sv="Inläsningsprofiler", en="Import profiles"), key=("name",), label="name",
    columns=(
        Column("name", Text(sv="Namn", en="Name"), "text", required=True),
        Column("source_kind", Text(sv="Källa", en="Source"), "text", required=True),
        Column("options", Text(sv="Val", en="Options"), "json", required=True),
    ))

HOTSPOT_RUNS = Layer(
    "hotspot_runs", Text(sv="Sparade hotspotkörningar", en="Kept hotspot runs"), key=("uid",), time="made_at", label="title",
    columns=(
        Column("title", Text(sv="Namn", en="Name"), "text", required=True),
        Column("method", Text(sv="Metod", en="Method"), "text", required=True),
        Column("made_at", Text(sv="Gjord", en="Made"), "time", required=True),
        Column("incidents", Text(sv="Händelser", en="Incidents"), "integer"),
        Column("cells", Text(sv="Rutor", en="Cells"), "integer"),
        Column("facts", Text(sv="Uppgifter", en="Facts"), "json", required=True, shown=False),
        Column("warnings", Text(sv="Varningar", en="Warnings"), "json", required=True, shown=False),
        Column("provenance", Text(sv="Ursprung", en="Provenance"), "json", required=True, shown=False),
    ))

HOTSPOT_CELLS = Layer(
    "hotspot_cells", Text(sv="Rutor i sparade körningar", en="Cells of kept runs"), geometry="Geometry", key=("run_uid", "cell"),
    columns=(
        Column("run_uid", Text(sv="Körning", en="Run"), "text", required=True),
        Column("cell", Text(sv="Ruta", en="Cell"), "integer", required=True),
        Column("values", Text(sv="Värden", en="Values"), "json", required=True),
    ))
