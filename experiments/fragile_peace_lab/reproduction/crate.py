"""results/ro-crate-metadata.json: the published results described as an RO-Crate 1.1, for archives and for checking.

It lists every file that git keeps with its size and sha256, and says which system and libraries the results were made
on. `fragile-peace crate` writes it; `fragile-peace reproduce` reads from it what "as published" means. It is the same
bytes for the same files on the same platform: its dates and names come from CITATION.cff.
"""

import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from fragile_peace.declared import yamltext
from fragile_peace_lab import durable
from fragile_peace_lab.reproduction.certificate import NAME as CERTIFICATE
from fragile_peace_lab.reproduction.certificate import here
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.side_tables import SIDE_TABLES

NAME = "ro-crate-metadata.json"
STALE = "STALE.md"
"""A note on results that are old; it is no result, and a release has none."""
CITATION = "CITATION.cff"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]
"""RO-Crate's terms, and the one beside them that is used here."""
PROFILE = "https://w3id.org/ro/crate/1.1"
LICENCES = "https://spdx.org/licenses/"
FORMATS = {".parquet": "application/vnd.apache.parquet", ".md": "text/markdown", ".csv": "text/csv"}
UNKEPT = (".pdf",)
"""Kinds of files that git ignores in results/; with parts/, side tables, provenance.json and the certificate."""


def published(results: Path) -> list[Path]:
    """Return the folders of results that are published: those that the crate lists, all where there is none."""
    listed = read_crate(results)
    found = sorted(path for path in results.glob("*") if path.is_dir())
    return [folder for folder in found if listed is None or f"{folder.name}/" in listed]


def kept_files(results: Path, folders: Sequence[Path]) -> list[Path]:
    """Return the files of results/ and of some folders in it that are published, in order of name.

    Parts, side tables, provenance, PDFs and hidden files are not.
    """
    found = []
    for path in sorted(results.rglob("*")):
        steps = path.relative_to(results).parts
        if len(steps) > 1 and results / steps[0] not in folders:
            continue
        hidden = any(step.startswith(".") for step in steps)
        machine = store.PARTS in steps[:-1] or path.name in (*SIDE_TABLES, store.PROVENANCE, CERTIFICATE, NAME, STALE)
        if path.is_file() and not hidden and not machine and path.suffix not in UNKEPT:
            found.append(path)
    return found


def write_crate(results: Path, folders: Sequence[Path] | None = None) -> Path:
    """Describe folders of results as they are now, those that are published already if none is given; returns the file.

    Raises InputError : a folder is not one of results, or there is no CITATION.cff beside results/
    """
    citation = yamltext.read(results.resolve().parent / CITATION)
    path = results / NAME
    durable.write_json(path, described(results, published(results) if folders is None else folders, citation))
    return path


def described(results: Path, folders: Sequence[Path], citation: dict[str, Any]) -> dict[str, Any]:
    """Return the crate as plain data: JSON-LD, flattened."""
    files = [_file(results, path) for path in kept_files(results, folders)]
    sweeps = [_dataset(folder, results) for folder in folders]
    authors = [_author(author) for author in citation["authors"]]
    by = [{"@id": author["@id"]} for author in authors]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Published results of {citation['title']}",
        "description": "Runs, estimates, figures and reports of an exploratory model; not a forecast.",
        "datePublished": str(citation["date-released"]),
        "license": {"@id": f"{LICENCES}{citation['license']}"},
        "author": by[0] if len(by) == 1 else by,
        "publisher": by[0],
        "version": str(citation["version"]),
        "hasPart": [{"@id": item["@id"]} for item in [*sweeps, *files]],
        "mentions": {"@id": "#made"},
    }
    licence = {
        "@id": f"{LICENCES}{citation['license']}",
        "@type": "CreativeWork",
        "name": f"{citation['license']} licence",
    }
    head = {
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }
    graph = [head, root, *sweeps, *files, licence, *authors, *_making(citation, sweeps)]
    return {"@context": CONTEXT, "@graph": graph}


def _file(results: Path, path: Path) -> dict[str, Any]:
    kind = FORMATS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {
        "@id": path.relative_to(results).as_posix(),
        "@type": "File",
        "name": path.name,
        "encodingFormat": kind,
        "contentSize": str(path.stat().st_size),
        "sha256": durable.sha256(path),
    }


def _dataset(folder: Path, results: Path) -> dict[str, Any]:
    inside = [
        {"@id": path.relative_to(results).as_posix()}
        for path in kept_files(results, [folder])
        if folder in path.parents
    ]
    about = {"name": folder.name}
    if (folder / store.MANIFEST).exists():
        manifest = store.read_manifest(folder)
        about = {
            "name": manifest["sweep"]["title"] or folder.name,
            "description": f"{manifest['rows']} runs at {manifest['points']} points, seed {manifest['seed']}",
            "identifier": f"behaviour {manifest['behaviour_digest']}",
        }
    return {
        "@id": f"{folder.name}/",
        "@type": "Dataset",
        **about,
        "hasPart": inside,
    }


def _author(author: dict[str, Any]) -> dict[str, Any]:
    name = author.get("name") or f"{author.get('given-names', '')} {author.get('family-names', '')}".strip()
    kind = "Organization" if "name" in author else "Person"
    return {"@id": f"#{name.replace(' ', '-').lower()}", "@type": kind, "name": name}


def _making(citation: dict[str, Any], sweeps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """How the results were made: an action, whose instruments are the system and the libraries."""
    named = here()
    yield {
        "@id": "#made",
        "@type": "CreateAction",
        "name": "make risk-curves",
        "instrument": [{"@id": "#fragile-peace"}, *({"@id": f"#{name}"} for name in named)],
        "result": [{"@id": sweep["@id"]} for sweep in sweeps],
    }
    yield {
        "@id": "#fragile-peace",
        "@type": "SoftwareApplication",
        "name": "fragile-peace",
        "softwareVersion": str(citation["version"]),
    }
    for name, value in named.items():
        yield {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": value}


# -- reading it back --


class Entity(BaseModel):
    """What of an entity is read here."""

    model_config = ConfigDict(strict=True)

    id_: Annotated[str, Field(alias="@id")]
    type_: Annotated[str | list[str], Field(alias="@type")]
    sha256: str = ""
    softwareVersion: str = ""


class Crate(BaseModel):
    """The form of a crate."""

    graph: Annotated[list[Entity], Field(alias="@graph")]


def read_crate(results: Path) -> dict[str, dict[str, Any]] | None:
    """Return the entities of the crate by id; None where there is no crate. Raises InputError where it is damaged."""
    path = results / NAME
    if not path.exists():
        return None
    return {entity["@id"]: entity for entity in durable.read_json(path, Crate)["@graph"]}


def published_on(results: Path) -> dict[str, str] | None:
    """Return the platform that the crate was written on, as `certificate.here` names it; None where unrecorded."""
    entities = read_crate(results) or {}
    versions = {name: entities.get(f"#{name}", {}).get("softwareVersion", "") for name in here()}
    return versions if any(versions.values()) else None


def changed_files(results: Path, name: str = "") -> list[str] | None:
    """Return the published files, of one folder if named, that are not as the crate says; None if it lists none."""
    entities = read_crate(results)
    start = f"{name}/" if name else ""
    if entities is None or (name and start not in entities):
        return None
    listed = {key: entity.get("sha256") for key, entity in entities.items() if entity["@type"] == "File"}
    there = {path.relative_to(results).as_posix(): path for path in kept_files(results, published(results))}
    concerned = sorted(key for key in {**listed, **there} if key.startswith(start))
    return [key for key in concerned if key not in there or listed.get(key) != durable.sha256(there[key])]


def digests(paths: Sequence[Path]) -> dict[str, str]:
    """Return the sha256 of every published file of some folders of results, and of notebooks, by its path."""
    files = [path for path in paths if path.is_file()]
    for folder in paths:
        if folder.is_dir():
            files += [path for path in kept_files(folder.parent, [folder]) if folder in path.parents]
    return {path.as_posix(): durable.sha256(path) for path in files}
