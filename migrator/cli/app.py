"""The commands: each parses, calls, prints and gives an exit code. Their rooms are imported when they run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.arguments import (
    AllowRejects,
    BriefLock,
    ConfigFile,
    EndpointUrl,
    Json,
    ModeOption,
    NoCopy,
    OnlyRejects,
    PlanPath,
    Profile,
    Quiet,
    Reconcile,
    Region,
    Restart,
    SchemaOption,
    SourceArgument,
    SourceOption,
    Verbose,
    ViaImport,
    WriteMode,
)
from migrator.cli.console import Console
from migrator.cli.faults import DONE, LOOK, USAGE, report
from migrator.cli.interrupts import terminable

app = typer.Typer(
    name="migrate",
    help="Design, load and verify a single DynamoDB table from a relational database and its queries.",
    epilog="Exit codes: 0 done; 1 error; 2 usage; 3 done, with something to look at; 4 blocked; 130 interrupted.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (default: the process's own) and gives its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    with terminable(last=arguments is None):
        try:
            code = command.main(given or ["--help"], prog_name="migrate", standalone_mode=False)
            return int(code or DONE) if given else USAGE
        except (Exception, KeyboardInterrupt) as error:
            return report(error, any(word in ("-v", "--verbose") for word in given))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"migrate {version('migrate-to-dynamodb')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Takes what stands before the command's name."""


@app.command()
def init(
    source: SourceArgument = None,
    directory: Annotated[Path, typer.Option(help="Where the files are written.")] = Path(),
    schema: SchemaOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files that are there.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write a commented migrate.toml and a first queries.sql for a source."""
    from migrator.cli.starting import InitOptions, start

    console = Console(quiet=quiet, verbose=verbose)
    settings, queries = start(InitOptions(source, directory, force, schema), console)
    console.show(f"wrote {settings} and {queries}")
    console.show(f"next: edit {queries}, then `migrate plan`" + ("" if directory == Path() else f" in {directory}"))
    return DONE


@app.command()
def workload(
    source: SourceArgument = None,
    log: Annotated[
        list[Path] | None,
        typer.Option("--log", metavar="FILE", help="A log or trace to read, in place of the server's own counters."),
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option(
            "--format", help="sqlalchemy, postgresql, mysql-general, mysql-slow or json, when it is not recognised."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The queries file to write.")] = Path("queries.sql"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
    watch: Annotated[
        float | None,
        typer.Option("--watch", min=1, metavar="SECONDS", help="Count what the server's counters gain in that time."),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="How long was measured, when logs do not tell: 90s, 15min, 2h, 7d.")
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write queries.sql from what the database was really asked: its counters, its logs, or a trace."""
    from migrator.cli.capturing import CaptureOptions, capture_workload, captured_json, captured_text

    console = Console(as_json, quiet, verbose)
    options = CaptureOptions(source, tuple(log or ()), log_format, out, force, watch, period, config)
    written = capture_workload(options, console)
    console.show(captured_text(written))
    console.document(captured_json(written))
    return written.exit_code


@app.command()
def plan(
    source: SourceArgument = None,
    queries: Annotated[Path | None, typer.Option(help="The application's SQL, with rates.")] = None,
    out: Annotated[Path, typer.Option(help="The folder that the plan is written to.")] = Path("plan"),
    config: ConfigFile = None,
    table_name: Annotated[str | None, typer.Option(help="The DynamoDB table's name.")] = None,
    schema: SchemaOption = None,
    show_samples: Annotated[
        bool, typer.Option("--show-samples", help="Do not mask sample values that look personal or secret.")
    ] = False,
    no_samples: Annotated[
        bool, typer.Option("--no-samples", help="Show no value of any row in the documents.")
    ] = False,
    count_rows: Annotated[
        bool, typer.Option("--count-rows", help="Count a server's large tables, which it estimates otherwise.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Design the table: writes plan.json and the documents to review. Touches neither AWS nor the source."""
    from migrator.cli.planning import PlanOptions, make_plan
    from migrator.cli.summary import exit_code, next_step, summary, summary_json

    console = Console(as_json, quiet, verbose)
    options = PlanOptions(source, queries, out, config, table_name, show_samples, schema, no_samples, count_rows)
    planned = make_plan(options, console)
    console.show(f"{summary(planned)}\n\n{next_step(planned)}")
    console.document(summary_json(planned))
    return exit_code(planned)


@app.command()
def apply(
    plan: PlanPath,
    source: SourceOption = None,
    config: ConfigFile = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    profile: Profile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needs --max-cost on AWS.")] = False,
    max_cost: Annotated[float | None, typer.Option(min=0, help="Stop if the load would cost more dollars.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write.")] = False,
    allow_rejects: AllowRejects = False,
    max_rejects: Annotated[int | None, typer.Option(min=0, help="Stop beyond so many rejected rows.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that write.", show_default="by cores and rows")
    ] = None,
    max_write_units: Annotated[float | None, typer.Option(min=1, help="Write units a second, at most.")] = None,
    mode: ModeOption = WriteMode.TRANSACT,
    restart: Restart = False,
    reconcile: Reconcile = False,
    only_rejects: OnlyRejects = None,
    via_import: ViaImport = None,
    no_copy: NoCopy = False,
    allow_brief_lock: BriefLock = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Load only; a later apply verifies.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Create the table, load every row exactly once, and verify rows and queries. Run again to resume."""
    from migrator.cli.applying import ApplyOptions, apply_plan
    from migrator.cli.consent import Consent
    from migrator.cli.report import apply_exit_code, apply_text
    from migrator.cli.report_json import apply_json
    from migrator.cli.said import LoadingOptions, TargetOptions
    from migrator.load.run_record import Mode

    console = Console(as_json, quiet, verbose)
    applied = apply_plan(
        ApplyOptions(
            plan,
            source,
            config,
            TargetOptions(endpoint_url, region, profile),
            Consent(yes, max_cost),
            LoadingOptions(workers, allow_rejects, max_rejects, max_write_units, Mode(mode.value), reconcile),
            dry_run,
            copy=not no_copy,
            verify=not no_verify,
            restart=restart,
            only_rejects=only_rejects,
            via_import=via_import,
            brief_lock=allow_brief_lock,
        ),
        console,
    )
    console.show(apply_text(applied))
    console.document(apply_json(applied))
    return apply_exit_code(applied)


@app.command()
def verify(
    plan: PlanPath,
    source: SourceOption = None,
    config: ConfigFile = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    profile: Profile = None,
    samples: Annotated[int, typer.Option(min=1, help="Sets of parameters that each query is tried with.")] = 25,
    seed: Annotated[int, typer.Option(help="Draws other parameters.")] = 0,
    allow_scan: Annotated[
        bool, typer.Option("--allow-scan", help="Read the whole table for items that no row makes; shows its price.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a Scan; needs --max-cost.")] = False,
    max_cost: Annotated[float | None, typer.Option(min=0, help="Dollars that the Scan may cost.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Compare everything, also what a verification that was cut off has.")
    ] = False,
    allow_brief_lock: BriefLock = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the report as a page of Markdown.")
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show values that look secret or personal in the report.")
    ] = False,
    read_objects: Annotated[
        bool, typer.Option("--read-objects", help="Fetch every object in S3, in place of asking S3 for its SHA-256.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Compare every row and every declared query of a loaded table with the source. Writes nothing."""
    from migrator.cli.checking import CheckOptions
    from migrator.cli.consent import Consent
    from migrator.cli.said import TargetOptions
    from migrator.cli.verifying import VerifyOptions, verified_json, verified_text, verify_table

    console = Console(as_json, quiet, verbose)
    target = TargetOptions(endpoint_url, region, profile)
    checks = CheckOptions(samples, seed, allow_scan, restart, show_values, read_objects)
    options = VerifyOptions(plan, source, config, target, checks, Consent(yes, max_cost), report, allow_brief_lock)
    verified = verify_table(options, console)
    console.show(verified_text(verified))
    console.document(verified_json(verified))
    return verified.exit_code


@app.command()
def query(
    plan: PlanPath,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A declared query.")],
    param: Annotated[list[str] | None, typer.Option("--param", "-p", help="name=value; once for each.")] = None,
    config: ConfigFile = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    profile: Profile = None,
    verbose: Verbose = False,
) -> int:
    """Run one declared query against the table and print its rows as JSON."""
    from migrator.cli.asking import QueryOptions, run_query
    from migrator.cli.said import TargetOptions

    target = TargetOptions(endpoint_url, region, profile)
    Console(verbose=verbose).show(run_query(QueryOptions(plan, name, tuple(param or ()), config, target)))
    return DONE


@app.command()
def drop(
    plan: PlanPath,
    config: ConfigFile = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    profile: Profile = None,
    yes_drop: Annotated[
        str | None, typer.Option(metavar="NAME", help="The table's name, instead of typing it when asked.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Delete the table that a run created, and what the run keeps beside the plan."""
    from migrator.cli.dropping import DropOptions
    from migrator.cli.dropping import drop as drop_run
    from migrator.cli.said import TargetOptions

    console = Console(quiet=quiet, verbose=verbose)
    target = TargetOptions(endpoint_url, region, profile)
    console.show(drop_run(DropOptions(plan, yes_drop, config, target), console))
    return DONE


@app.command()
def export(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="cdk, cli, cloudformation, dynamodb-json, iam, mcp, terraform or workbench.",
            show_default=False,
        ),
    ],
    plan: PlanPath,
    out: Annotated[
        Path | None, typer.Option(help="The folder that is written to. Default: `export` beside the plan.")
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print a format's only file instead of writing it.")] = False,
    source: SourceOption = None,
    config: ConfigFile = None,
    allow_rejects: AllowRejects = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write the plan, or with dynamodb-json every item, in the form that another tool takes. Never touches AWS."""
    from migrator.cli.exporting import ExportOptions, export_plan
    from migrator.cli.exporting_items import ItemOptions

    console = Console(quiet=quiet, verbose=verbose)
    options = ExportOptions(form, plan, out, stdout, ItemOptions(source, config, allow_rejects))
    exported = export_plan(options, console)
    console.show(exported.text)
    return LOOK if exported.rejected else DONE


@app.command()
def demo(
    directory: Annotated[Path, typer.Option(help="Where the sample and its plan are put.")] = Path("demo"),
    scale: Annotated[float, typer.Option(help="The sample's size: 1 is about 50,000 rows.")] = 1.0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the engine running until Ctrl-C, to try things.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Plan, load and verify a sample shop in an embedded engine, without an AWS account."""
    from migrator.cli.demo import DemoOptions, demonstrated
    from migrator.cli.report import apply_exit_code, apply_text
    from migrator.cli.serving import wait_for_interrupt
    from migrator.cli.summary import summary

    console = Console(quiet=quiet, verbose=verbose)
    with demonstrated(DemoOptions(directory, scale), console) as shown:
        console.show(summary(shown.planned) + "\n")
        console.show(apply_text(shown.applied))
        console.show(f"\nthe design: {shown.planned.folder / 'design.html'}")
        if keep:
            console.say(f"the engine stays at {shown.engine.endpoint} until Ctrl-C, for example for:")
            console.say(f"  migrate verify {shown.planned.file} --endpoint-url {shown.engine.endpoint}")
            with suppress(KeyboardInterrupt):
                wait_for_interrupt()
        return apply_exit_code(shown.applied)


@app.command()
def local(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: a free one.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Run the embedded engine until Ctrl-C."""
    from migrator.cli.serving import serve

    serve(port, Console(quiet=quiet, verbose=verbose))
    return DONE
