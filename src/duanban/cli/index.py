"""`duanban index`: copies of package indexes, which say what there is of a part on a target."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from duanban.check.suppress import today
from duanban.cli.options import text_or_json
from duanban.cli.progress import ProgressLine
from duanban.report.text import plural


@click.group(
    invoke_without_command=True, short_help="Keep copies of package indexes, for checks offline."
)
@click.pass_context
def index(ctx: click.Context) -> None:
    """Keep copies of package indexes, so that checks know what there is for a target, offline.

    Each copy has a date and a hash. Which indexes belong to a target stands in the target's file.

    \b
    Examples:
      duanban index add debian-sid
      duanban index list
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@index.command("add", short_help="Make a copy of an index.")
@click.argument("name")
@click.argument("given", nargs=-1, metavar="[FROM]...")
@click.option("--kind", default="", help="Of an index of your own: debian, rpm, alpine, pypi, ...")
@click.option("--mirror", help="Debian: address of the archive; default: the one apt has in use.")
@click.option("--keyring", help="Debian: file with the keys that sign the archive.")
@click.option("--index-url", help="PyPI: the index to ask; default: those of pip's configuration.")
def add(
    name: str,
    given: tuple[str, ...],
    kind: str,
    mirror: str | None,
    keyring: str | None,
    index_url: str | None,
) -> None:
    """Make a copy of an index through your own clients, or from FROM, in place of an earlier one.

    What FROM is depends on the index: for Debian `Packages` and `Sources` files (none: apt
    fetches them), for RPM and Alpine repositories (directories, files or addresses), for PyPI and
    npm the inputs whose parts are to be asked about, for Maven a local repository.

    \b
    Examples:
      duanban index add debian-sid
      duanban index add pypi ./forecast uv.lock
      duanban index add openeuler-24-03 /mnt/openEuler/OS/loongarch64
      duanban index add our-wheels ./forecast --kind pypi --index-url https://wheels.example/simple
    """
    from duanban.check.asked import components_of  # noqa: PLC0415 - only what a verb needs
    from duanban.indexes.interface import Request  # noqa: PLC0415
    from duanban.indexes.known import known_index  # noqa: PLC0415
    from duanban.indexes.make import add_index  # noqa: PLC0415
    from duanban.indexes.registry import KINDS  # noqa: PLC0415
    from duanban.indexes.store import Store  # noqa: PLC0415

    options = {"mirror": mirror, "keyring": keyring, "index_url": index_url}
    line = ProgressLine()
    try:
        request = Request(
            name=name,
            known=known_index(name, kind, tuple(KINDS)),
            given=given,
            components=components_of(name, kind, given, line),
            settings={key: value for key, value in options.items() if value},
        )
        copy = add_index(Store(), request, line)
    finally:
        line.clear()
    size = sum(one.size for one in copy.files)
    click.echo(
        f"{copy.name}: of {copy.dated}, {plural(len(copy.files), 'file')}, {size / 1e6:,.1f} MB"
    )


@index.command("update", short_help="Make copies anew.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def update(names: tuple[str, ...]) -> None:
    """Make copies anew from what they were made from; all of them if none is named.

    \b
    Examples:
      duanban index update
      duanban index update debian-sid
    """
    from duanban.check.asked import components_of  # noqa: PLC0415
    from duanban.indexes.make import update_index  # noqa: PLC0415
    from duanban.indexes.store import Store  # noqa: PLC0415

    store = Store()
    line = ProgressLine()
    if not names and not store.names():
        click.echo("nothing to update: there are no copies yet (duanban index add NAME)", err=True)
    for name in names or store.names():
        found = store.find(name)
        try:
            asked = components_of(name, found[0].kind, found[0].given, line) if found else ()
            copy = update_index(store, name, asked, line)
        finally:
            line.clear()
        click.echo(f"{copy.name}: of {copy.dated}")


@index.command("list", short_help="List the copies, and what can be added.")
@text_or_json
def list_(form: str = "text") -> None:
    """List the copies that are there with their age, then the indexes that can be added.

    \b
    Example:
      duanban index list
    """
    from duanban.indexes.known import known_indexes  # noqa: PLC0415
    from duanban.indexes.store import Store  # noqa: PLC0415

    store = Store()
    copies = [found[0] for name in store.names() if (found := store.find(name))]
    if form == "json":
        rows = [{**asdict(one), "sha256": one.sha256} for one in copies]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for copy in copies:
        age = (today() - date.fromisoformat(copy.dated)).days
        size = sum(one.size for one in copy.files) / 1e6
        click.echo(f"{copy.name:<18} {copy.dated}  {_days(age):<14} {size:>8,.1f} MB  {copy.title}")
    there = {copy.name for copy in copies}
    others = [one for one in known_indexes().values() if one.name not in there]
    if others:
        click.echo("Not here yet (duanban index add NAME):")
    for known in others:
        click.echo(f"{known.name:<18} {known.title}{': ' + known.how if known.how else ''}")


@index.command("show", short_help="Show a copy, or what it says of parts.")
@click.argument("name")
@click.argument("parts", nargs=-1, metavar="[PURL]...")
@click.option("-t", "--target", "target_id", help="Ask for this target.")
def show(name: str, parts: tuple[str, ...], target_id: str | None) -> None:
    """Show what a copy is, or what it says of parts (package URLs) on a target.

    \b
    Examples:
      duanban index show debian-sid
      duanban index show debian-sid pkg:deb/debian/rspamd -t debian-sid-loong64
    """
    from duanban.indexes.library import Library  # noqa: PLC0415
    from duanban.indexes.store import Store  # noqa: PLC0415
    from duanban.indexes.wanted import wanted_of  # noqa: PLC0415
    from duanban.model import Component, ComponentState  # noqa: PLC0415
    from duanban.targets.loader import load_target  # noqa: PLC0415

    store = Store()
    opened = Library(store, (name,)).named(name)
    if not parts:
        described = {**asdict(opened.copy), "sha256": opened.copy.sha256}
        click.echo(json.dumps(described, indent=1, ensure_ascii=False))
        return
    if target_id is None:
        raise click.UsageError("name the target with -t")
    target = load_target(target_id)
    for part in parts:
        wanted = wanted_of(Component(part, ComponentState.DECLARED))
        offers = opened.index.offers(wanted, target) if wanted else ()
        described = {"part": part, "offers": [asdict(offer) for offer in offers]}
        click.echo(json.dumps(described, indent=1, ensure_ascii=False))


@index.command("export", short_help="Write what a copy says of some inputs, to carry away.")
@click.argument("name")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.argument("locators", nargs=-1, required=True, metavar="LOCATOR...")
@click.option("-t", "--target", "target_ids", multiple=True, metavar="ID", help="Repeat for more.")
def export(
    name: str, directory: Path, locators: tuple[str, ...], target_ids: tuple[str, ...]
) -> None:
    """Write what a copy says of the parts of inputs into DIRECTORY, as a small copy of its own.

    For a place without a network, or to keep with a project: `duanban check --index DIRECTORY`.

    \b
    Example:
      duanban index export debian-sid carried/debian-sid ./server
    """
    from duanban.check.asked import parts_of  # noqa: PLC0415
    from duanban.cli.check import DEFAULT_TARGETS  # noqa: PLC0415
    from duanban.indexes.excerpt import make_excerpt  # noqa: PLC0415
    from duanban.indexes.store import Store  # noqa: PLC0415
    from duanban.targets.loader import load_target  # noqa: PLC0415

    targets = [load_target(one) for one in target_ids or DEFAULT_TARGETS]
    line = ProgressLine()
    try:
        copy = make_excerpt(Store(), name, parts_of(locators, line), targets, directory)
    finally:
        line.clear()
    size = sum(one.size for one in copy.files)
    click.echo(f"{copy.name}: of {copy.dated}, {size / 1e3:,.0f} kB in {directory}")


@index.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove(names: tuple[str, ...]) -> None:
    """Delete copies.

    \b
    Example:
      duanban index remove debian-sid
    """
    from duanban.indexes.store import Store  # noqa: PLC0415

    store = Store()
    for name in names:
        store.remove(name)


def _days(age: int) -> str:
    return "today" if age <= 0 else "1 day old" if age == 1 else f"{age} days old"
