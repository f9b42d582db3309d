"""What migrate.toml may say, and every way in which it may be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from migrator.cli.settings import read_config
from migrator.cli.sources import find_source
from migrator.model.errors import UsageError
from migrator.model.settings import ChosenNames, IndexNames, PinnedView, TableOverride

from tests.cli.conftest import Command

WHOLE = """
[migrate]
source = "data/app.db"
queries = "sql/queries.sql"
table_name = "shop"
region = "eu-central-1"
endpoint_url = "http://127.0.0.1:8000"
profile = "team"

[prices]
region = "eu-central-1"
write_million = 1

[limits]
max_indexes = 3

[table]
deletion_protection = false
stream_view_type = "NEW_IMAGE"
max_on_demand = 1000
tags = { team = "shop", stage = "test" }

[names]
partition_key = "pk"
type = "kind"

[names.indexes.GSI1]
name = "by-day"
sort_key = "day"

[tables.log]
exclude = true

[tables."order line"]
key = ["order_id", "number"]
ttl = "none"
tag = "LINE"
attributes = { number = "no" }
views = [{ partition = ["day"], sort = ["number"] }, { sort = ["day"] }]

[accept]
"orphans:ORDER" = "they are old"
"""


def written(folder: Path, text: str, name: str = "migrate.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key_is_read(folder: Path) -> None:
    config = read_config(written(folder, WHOLE), {})
    settings, cli = config.settings, config.cli
    assert settings.table_name == "shop"
    assert (settings.prices.region, settings.prices.write_million) == ("eu-central-1", 1.0)
    assert settings.prices.read_million == 0.125
    assert settings.limits.max_indexes == 3
    assert (settings.deletion_protection, settings.point_in_time_recovery) == (False, True)
    assert (settings.stream_view_type, settings.max_on_demand) == ("NEW_IMAGE", 1000)
    assert settings.tags == (("team", "shop"), ("stage", "test"))
    assert settings.override("log") == TableOverride("log", exclude=True)
    views = (PinnedView(("day",), ("number",)), PinnedView((), ("day",)))
    assert settings.override("order line") == TableOverride(
        "order line", False, ("order_id", "number"), "none", "LINE", attributes=(("number", "no"),), views=views
    )
    assert settings.names == ChosenNames("pk", type="kind", indexes=(IndexNames("GSI1", "by-day", None, "day"),))
    assert settings.accepted("orphans:ORDER") == "they are old"
    assert (cli.region, cli.endpoint_url, cli.profile) == ("eu-central-1", "http://127.0.0.1:8000", "team")


def test_paths_in_the_file_start_from_its_folder(folder: Path) -> None:
    (folder / "conf").mkdir()
    config = read_config(written(folder / "conf", WHOLE), {})
    assert config.cli.queries == folder / "conf" / "sql" / "queries.sql"
    assert find_source(None, config.cli, None).path == folder / "conf" / "data" / "app.db"


def test_nothing_said_gives_the_defaults(folder: Path) -> None:
    config = read_config(None, {}, folder)
    assert config.settings.table_name == "app"
    assert (config.cli.source, config.cli.file) == (None, None)


def test_a_pyproject_may_hold_it(folder: Path) -> None:
    written(folder, '[tool.migrate.migrate]\ntable_name = "from-project"\n', "pyproject.toml")
    assert read_config(None, {}, folder).settings.table_name == "from-project"


def test_migrate_toml_wins_over_pyproject(folder: Path) -> None:
    written(folder, '[tool.migrate.migrate]\ntable_name = "from-project"\n', "pyproject.toml")
    written(folder, '[migrate]\ntable_name = "from-file"\n')
    assert read_config(None, {}, folder).settings.table_name == "from-file"


def test_a_pyproject_without_a_section_is_left_alone(folder: Path) -> None:
    written(folder, "[tool.other]\nmigrate = 1\n", "pyproject.toml")
    assert read_config(None, {}, folder).cli.file is None


def test_variables_win_over_the_file(folder: Path) -> None:
    environment = {
        "MIGRATE_SOURCE": "other.db",
        "MIGRATE_QUERIES": "other.sql",
        "MIGRATE_TABLE_NAME": "other",
        "MIGRATE_REGION": "us-west-2",
        "MIGRATE_PROFILE": "",
    }
    config = read_config(written(folder, WHOLE), environment)
    assert config.settings.table_name == "other"
    assert config.cli.queries == Path("other.sql")
    assert find_source(None, config.cli, None).path == Path("other.db")
    assert (config.cli.region, config.cli.profile) == ("us-west-2", "team")


@pytest.mark.parametrize(
    ("text", "what", "then"),
    [
        ("[migrat]\n", "unknown section [migrat]", "did you mean migrate?"),
        ("[migrate]\nsurce = 'x'\n", "[migrate] has an unknown key surce", "did you mean source?"),
        ("[table]\nzzz = 1\n", "[table] has an unknown key zzz", "there are: deletion_protection"),
        ("[migrate]\nsource = 3\n", "[migrate] source = 3 is not a text", "correct it"),
        ("[migrate]\ntable_name = 'a b'\n", "'a b' is not a table name", "3 to 255"),
        ("[prices]\nread_million = -1\n", "[prices] read_million = -1 is not a number", "correct it"),
        ("[prices]\nread_million = true\n", "[prices] read_million = true is not a number", "correct it"),
        ("[limits]\nmax_indexes = 21\n", "is not a whole number, 0 or more, at most 20", "correct it"),
        ("[limits]\nlisted_rows = 0.5\n", "is not a whole number, 1 or more", "correct it"),
        ("[table]\ndeletion_protection = 'no'\n", 'deletion_protection = "no" is not true or false', "correct it"),
        ("[table]\nstream_view_type = 'ALL'\n", "is not one of KEYS_ONLY", "correct it"),
        ("[table]\ntags = { a = 1 }\n", "[table.tags] a = 1 is not a text", "correct it"),
        ("[tables]\nlog = true\n", "tables.log is not a section", "write it as [tables.log]"),
        ("[tables.log]\nkey = []\n", "[tables.log] key = [] is not a list of names", "correct it"),
        ("[tables.log]\nkey = ['a', 'a']\n", "each name stands once", "correct it"),
        ("[names]\nGSI1 = 'x'\n", "[names] has an unknown key GSI1", "there are: partition_key, sort_key"),
        ("[names.indexes.GSI1]\nname = 1\n", "[names.indexes.GSI1] name = 1 is not a text", "correct it"),
        ("[tables.log.attributes]\na = ''\n", '[tables.log.attributes] a = "" is not a text', "correct it"),
        ("[tables.log]\nviews = {}\n", "tables.log.views is not a list of sections", "[[tables.log.views]]"),
        ("[[tables.log.views]]\ncolumn = 'a'\n", "[tables.log.views] has an unknown key column", "partition, sort"),
        ("[tables.log]\nskip = true\n", "[tables.log] has an unknown key skip", "there are: copies, embed, exclude"),
        ("[accept]\nquery = ''\n", "[accept] query gives no reason", "say why it is acceptable"),
        ("[accept]\nquery = 3\n", "[accept] query = 3 is not a text", "correct it"),
        ("accept = 3\n", "accept is not a section", "[accept]"),
        ("[migrate\n", "is not valid TOML", "correct it"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(folder: Path, text: str, what: str, then: str) -> None:
    file = written(folder, text)
    with pytest.raises(UsageError) as error:
        read_config(file, {})
    assert str(file) in error.value.what
    assert what in error.value.what
    assert then in error.value.next_step


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.toml cannot be read"):
        read_config(folder / "no.toml", {})


def test_excluded_columns_are_named_and_nothing_asks_for_all_of_them(
    migrate: Command, library: Path, folder: Path
) -> None:
    (folder / "migrate.toml").write_text('[tables.book]\nexclude = ["cover"]\n')
    assert migrate("plan", library).code == 0
    body = json.loads((folder / "plan" / "plan.json").read_text())
    assert body["source"]["excluded"] == [{"name": "book.cover", "reason": "excluded in migrate.toml"}]
    assert "cover" not in (folder / "plan" / "queries.sql").read_text()
    (folder / "all.sql").write_text("-- name: all_of_it\nSELECT * FROM book WHERE id = :id;\n")
    asked = migrate("plan", library, "--queries", "all.sql")
    assert asked.code == 3
    assert "cover is left out in migrate.toml, and the source would give it" in asked.out


def test_excluding_is_all_or_nothing_or_names(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "migrate.toml").write_text("[tables.book]\nexclude = 7\n")
    assert "true, false or a list of names" in migrate("plan", library).err


def test_a_region_that_aws_cannot_have_is_refused_unless_an_endpoint_is_named(
    migrate: Command, library: Path, folder: Path
) -> None:
    toml = folder / "migrate.toml"
    toml.write_text('[migrate]\nregion = "mars"\n')
    refused = migrate("plan", library)
    assert (refused.code, "[migrate] region: 'mars' is no AWS region" in refused.err) == (2, True), refused
    for said in ('region = "us-gov-west-1"', 'region = "mars"\nendpoint_url = "http://127.0.0.1:1"'):
        toml.write_text(f"[migrate]\n{said}\n")
        assert migrate("plan", library).code == 0
    toml.unlink()
    stray = migrate("apply", "plan", "--region", "mars")
    assert (stray.code, "--region: 'mars' is no AWS region" in stray.err) == (2, True), stray
