"""`fragile-peace reproduce`, `notebooks` and `crate`: what is published, made again, compared, described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fragile_peace_lab.browser import PAGE
from fragile_peace_lab.cli.options import JsonOption, columns, show_lines

ResultsOption = Annotated[Path, typer.Option("--results", metavar="DIR", help="The folder of published results.")]
NotebooksFolder = Annotated[Path, typer.Option("--notebooks-dir", metavar="DIR", help="The folder of notebooks.")]


def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Results or notebooks; all published ones if none is given."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Run a seeded 1 % again, and no notebook.")] = False,
    notebooks: Annotated[bool, typer.Option("--notebooks", help="Only the notebooks, all of them.")] = False,
    results: ResultsOption = Path("results"),
    notebooks_dir: NotebooksFolder = Path("notebooks"),
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Where it goes; certificate.json in results.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make published results again elsewhere, compare everything with what is published, and say PASS or FAIL.

    Exit code 0 if everything passed, 1 if anything failed, 3 if nothing failed in a sample (--quick). Nothing published
    is touched; the certificate says what was compared, how, on which platform, and the sha256 of every file of it.

    \b
    Example:
      fragile-peace reproduce
      fragile-peace reproduce legitimate_targets --quick
      fragile-peace reproduce 02_the_game
    """
    from fragile_peace.errors import InputError
    from fragile_peace_lab.reproduction import certificate as record
    from fragile_peace_lab.reproduction.crate import digests, published_on

    page = results / PAGE
    asked = [name for name in names or () if name != page.stem or not page.exists()]
    whole = page.exists() and not notebooks and (not names or page.stem in names)
    sweeps, books = ([], []) if names and not asked else _chosen(asked, results, notebooks_dir, quick, notebooks)
    if not sweeps and not books and not whole:
        raise InputError(
            f"reproduce: nothing is published in {results} or {notebooks_dir}; run it in the project's folder"
        )
    found = record.Certificate(
        quick, published_on(results), files=digests([*sweeps, *([page] if whole else []), *books])
    )
    for folder in sweeps:
        from fragile_peace_lab.reproduction.reproduce import check_results

        found.items += check_results(folder, found.exact, quick, say=_say)
    if whole:
        from fragile_peace_lab.browser.check import check_page

        found.items += check_page(page, found.exact, quick, _say)
    for path in books:
        from fragile_peace_lab.reproduction.notebook_runs import check_notebook

        _say(f"notebook {path.stem}")
        found.items.append(check_notebook(path, found.exact))
    path = certificate or results / record.NAME
    found.write(path)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
    else:
        show_lines(columns(("verdict", "where", "what", "compared, or what differs"), found.rows()))
        typer.echo(f"\n{found.summary()}\ncertificate: {path}")
    if found.verdict != record.PASS:
        raise typer.Exit(1 if found.verdict == record.FAIL else 3)


def crate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="The published folders; those that are already if not given."),
    ] = None,
    results: ResultsOption = Path("results"),
) -> None:
    """Describe the published results as an RO-Crate: every file with its sha256, and what they were made on.

    Run it after publishing results; `reproduce` compares with what it says, and the folders that it lists are those
    that `reproduce` makes again.

    \b
    Example:
      fragile-peace crate
      fragile-peace crate legitimate_targets sensitivity
    """
    from fragile_peace.errors import InputError
    from fragile_peace_lab.reproduction.crate import published, write_crate

    if not results.is_dir():
        raise InputError(f"{results}: is not a folder of results")
    folders = [results / name for name in sorted(names)] if names else published(results)
    missing = next((folder for folder in folders if not folder.is_dir()), None)
    if missing is not None:
        raise InputError(f"{missing}: is not a folder of results")
    path = write_crate(results, folders)
    typer.echo(f"{path}: {', '.join(folder.name for folder in folders) or 'no folders'}")


def notebooks(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Notebooks; all if none is given.")] = None,
    notebooks_dir: NotebooksFolder = Path("notebooks"),
) -> None:
    """Execute notebooks from their text (NAME.py) in a fresh kernel and keep the outputs (NAME.ipynb).

    \b
    Example:
      fragile-peace notebooks
      fragile-peace notebooks 02_the_game
    """
    from fragile_peace.errors import InputError, nearest
    from fragile_peace_lab.reproduction.notebook_runs import write_notebook

    texts = {path.stem: path for path in sorted(notebooks_dir.glob("[0-9]*.py"))}
    for name in names or texts:
        if name not in texts:
            raise InputError(f"notebooks: {name!r} is not in {notebooks_dir}{nearest(name, texts)}")
        changed = write_notebook(texts[name].with_suffix(".ipynb"))
        typer.echo(f"{name}: {'changed' if changed else 'the same'}")


def _chosen(names: list[str], results: Path, books: Path, quick: bool, only: bool) -> tuple[list[Path], list[Path]]:
    """Return the folders of results and the notebooks that are asked for. Raises InputError."""
    from fragile_peace.errors import InputError, nearest
    from fragile_peace_lab.reproduction.crate import published

    sweeps = {path.name: path for path in sorted(results.glob("*")) if path.is_dir()}
    pages = {path.stem: path for path in sorted(books.glob("*.ipynb"))}
    for name in names:
        if name not in sweeps and name not in pages:
            known = [*sweeps, *pages]
            raise InputError(
                f"reproduce: {name!r} is neither a folder of {results} nor a notebook of {books}{nearest(name, known)}"
            )
    if only and names:
        raise InputError("--notebooks: means all notebooks; leave it out to name some")
    if names:
        return [sweeps[n] for n in names if n in sweeps], [pages[n] for n in names if n in pages]
    return [] if only else published(results), [] if quick else list(pages.values())


def _say(words: str) -> None:
    """Tell on stderr which step is under way."""
    typer.echo(f"  {words}", err=True)
