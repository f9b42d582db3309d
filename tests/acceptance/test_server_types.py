"""Every type of docs/types.md on its own server, value by value: planned, loaded into the embedded engine, verified,
and looked at there. What cannot be stored is in the reject file by its column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from migrator.cli import main
from migrator.plan.values import canonical
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine

from tests.servers import own_database

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Case:
    """A column's type, and what becomes of literals: the wire form, or REJECTED with a part of the reason."""

    declared: str
    values: tuple[tuple[str, Any], ...]


def s(text: str) -> dict[str, Any]:
    return {"S": text}


def n(text: str) -> dict[str, Any]:
    return {"N": text}


CALENDAR = (REJECTED, "no date or time of the years 1 to 9999")
POSTGRESQL = (
    Case("smallint", (("-32768", n("-32768")),)),
    Case("integer", (("2147483647", n("2147483647")),)),
    Case("bigint", (("-9223372036854775808", n("-9223372036854775808")),)),
    Case("numeric", (("12.50", n("12.5")), ("1e38", n("1" + "0" * 38)), ("'NaN'", (REJECTED, "NaN is not a number")))),
    Case(
        "numeric(40, 2)",
        (("9" * 38, n("9" * 38)), ("9" * 37 + ".25", (REJECTED, "more than 38")), ("0", n("0")), ("-0.10", n("-0.1"))),
    ),
    Case("real", (("0.1", n("0.1")), ("1e38", n("1" + "0" * 38)))),
    Case(
        "double precision",
        (
            ("0.1", n("0.1")),
            ("-0.0", n("0")),
            ("'Infinity'", (REJECTED, "not a number")),
            ("1e200", (REJECTED, "outside")),
            ("1.7976931348623157e100", n("1.7976931348623157E+100")),
        ),
    ),
    Case("money", (("'12.34'", s("$12.34")),)),
    Case("text", (("''", s("")), ("'ü🦊%'", s("ü🦊%")))),
    Case("varchar(5)", (("'a#b'", s("a#b")),)),
    Case("char(4)", (("'ab'", s("ab  ")),)),
    Case('"char"', (("'x'", s("x")),)),
    Case("name", (("'pg'", s("pg")),)),
    Case("boolean", (("true", {"BOOL": True}), ("false", {"BOOL": False}))),
    Case("bytea", ((r"'\x00ff'", {"B": b"\x00\xff"}), ("''", {"B": b""}))),
    Case("bit(3)", (("B'101'", s("101")),)),
    Case("bit varying(5)", (("B'01'", s("01")),)),
    Case("date", (("'2024-02-29'", s("2024-02-29")), ("'infinity'", CALENDAR), ("'0044-03-15 BC'", CALENDAR))),
    Case("time", (("'09:30'", s("09:30:00")), ("'24:00'", CALENDAR))),
    Case("time with time zone", (("'09:30+02'", s("09:30:00+02:00")),)),
    Case("timestamp", (("'2024-02-29 09:30'", s("2024-02-29T09:30:00.000000")), ("'10000-01-01'", CALENDAR))),
    Case(
        "timestamp with time zone",
        (("'2024-02-29 09:30:00.5+02'", s("2024-02-29T07:30:00.500000Z")), ("'-infinity'", CALENDAR)),
    ),
    Case(
        "interval",
        (
            ("'1 day 1 second'", s("PT86401.000000S")),
            ("'-1 hour'", s("-PT3600.000000S")),
            ("'1 mon 2 days'", s("1 mon 2 days")),
        ),
    ),
    Case(
        "uuid",
        (("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", s("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),),
    ),
    Case("inet", (("'10.0.0.1/8'", s("10.0.0.1/8")), ("'::1'", s("::1")))),
    Case("cidr", (("'10.0.0.0/8'", s("10.0.0.0/8")),)),
    Case("macaddr", (("'08002b:010203'", s("08:00:2b:01:02:03")),)),
    Case("int4range", (("'[1,5]'", s("[1,6)")), ("'empty'", s("empty")))),
    Case("numrange", (("'(1.5,)'", s("(1.5,)")),)),
    Case("daterange", (("'[2024-01-01,2024-02-01)'", s("[2024-01-01,2024-02-01)")),)),
    Case("int4multirange", (("'{[1,3),[5,7)}'", s("{[1,3),[5,7)}")),)),
    Case(
        "json",
        (
            ("""'{"a": 1, "b": [true, null]}'""", {"M": {"a": n("1"), "b": {"L": [{"BOOL": True}, {"NULL": True}]}}}),
            ("""'{"a": 1, "a": 2}'""", s('{"a": 1, "a": 2}')),
            ("'7'", s("7")),
        ),
    ),
    Case("jsonb", (("'[0.12345678901234567890123]'", {"L": [n("0.12345678901234567890123")]}),)),
    Case("integer[]", (("'{1,NULL,3}'", {"L": [n("1"), {"NULL": True}, n("3")]}), ("'{}'", {"L": []}))),
    Case("text[]", (("'{{a,b},{c,\"d,e\"}}'", {"L": [{"L": [s("a"), s("b")]}, {"L": [s("c"), s("d,e")]}]}),)),
    Case("uuid[]", (("'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", {"L": [s("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]}),)),
    Case("date[]", (("'{2024-02-29}'", {"L": [s("2024-02-29")]}), ("'{infinity}'", CALENDAR))),
    Case("mood", (("'sad'", s("sad")),)),
    Case("mood[]", (("'{ok,sad}'", {"L": [s("ok"), s("sad")]}),)),
    Case("quantity", (("7", n("7")),)),
    Case("pair", (("ROW(1, 'x')", s("(1,x)")),)),
    Case("xml", (("'<a/>'", s("<a/>")),)),
    Case("point", (("'(1,2)'", s("(1,2)")),)),
    Case("tsvector", (("'fat cat'", s("'cat' 'fat'")),)),
    Case("oid", (("42", n("42")),)),
)
MYSQL = (
    Case("tinyint(1)", (("1", n("1")), ("-128", n("-128")))),
    Case("smallint", (("-32768", n("-32768")),)),
    Case("mediumint unsigned", (("16777215", n("16777215")),)),
    Case("int(6) unsigned zerofill", (("42", n("42")),)),
    Case("bigint unsigned", (("18446744073709551615", n("18446744073709551615")),)),
    Case("decimal(10, 4)", (("12.5000", n("12.5")), ("-0.1", n("-0.1")))),
    Case("decimal(65, 2)", (("9" * 39, (REJECTED, "more than 38")),)),
    Case("float", (("0.1", n("0.1")),)),
    Case("double", (("0.1", n("0.1")), ("1e200", (REJECTED, "outside")))),
    Case("bit(9)", (("b'100000001'", {"B": b"\x01\x01"}),)),
    Case("year", (("2024", n("2024")),)),
    Case("char(4)", (("'ab  '", s("ab")),)),
    Case("varchar(10) character set latin1", (("'né'", s("né")),)),
    Case("varchar(10) collate utf8mb4_bin", (("'🦊'", s("🦊")), ("''", s("")))),
    Case("longtext", (("'a\\\\b%'", s("a\\b%")),)),
    Case("binary(3)", (("'a'", {"B": b"a\x00\x00"}),)),
    Case("varbinary(4)", (("x'00ff'", {"B": b"\x00\xff"}),)),
    Case("longblob", (("x'ff'", {"B": b"\xff"}),)),
    Case("enum('a','b')", (("'b'", s("b")),)),
    Case("set('x','y')", (("'x,y'", s("x,y")), ("''", s("")))),
    Case("json", (("""'{"a": [1, 2.50]}'""", {"M": {"a": {"L": [n("1"), n("2.5")]}}}), ("'7'", s("7")))),
    Case("date", (("'2024-02-29'", s("2024-02-29")), ("'0000-00-00'", CALENDAR), ("'2024-02-00'", CALENDAR))),
    Case(
        "datetime(6)",
        (("'2024-02-29 09:30:00.25'", s("2024-02-29T09:30:00.250000")), ("'0000-00-00 00:00:00'", CALENDAR)),
    ),
    Case("timestamp null", (("'2024-02-29 09:30:00'", s("2024-02-29T09:30:00.000000Z")), ("0", CALENDAR))),
    Case("time(3)", (("'-838:59:59'", s("-PT3020399.000000S")), ("'00:00:01.5'", s("PT1.500000S")))),
)
BEFORE = {
    "POSTGRESQL": (
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN quantity AS integer CHECK (value > 0)",
        "CREATE TYPE pair AS (a integer, b text)",
    ),
    "MYSQL": ("SET sql_mode = ''", "SET time_zone = '+00:00'"),
}
CASES = {"POSTGRESQL": POSTGRESQL, "MYSQL": MYSQL}


def _statements(kind: str, cases: Sequence[Case]) -> list[str]:
    columns = ", ".join(f"c{at} {case.declared}" for at, case in enumerate(cases))
    rows = [
        f"INSERT INTO odd (id, c{at}) VALUES ({number}, {literal})"
        for number, (at, literal, _) in enumerate(_values(cases))
    ]
    return [*BEFORE[kind], f"CREATE TABLE odd (id integer PRIMARY KEY, {columns})", *rows]


def _values(cases: Sequence[Case]) -> list[tuple[int, str, Any]]:
    return [(at, literal, wanted) for at, case in enumerate(cases) for literal, wanted in case.values]


@pytest.mark.parametrize("kind", CASES)
def test_every_value_becomes_what_the_page_says(
    kind: str, tmp_path: Path, engine: LocalEngine, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = CASES[kind]
    plan, table = str(tmp_path / "plan"), f"types-{kind.lower()}"
    with own_database(kind, _statements(kind, cases)) as url:
        (tmp_path / "migrate.toml").write_text(f'[accept]\nrejects = "odd values"\n[migrate]\ntable_name = "{table}"\n')
        config = ("--config", str(tmp_path / "migrate.toml"))
        assert main(["plan", url, "--out", plan, *config, "--queries", _queries(tmp_path)]) == 0, capsys.readouterr()
        code = main(["apply", plan, "--endpoint-url", engine.endpoint, *config, "--allow-rejects"])
        assert code == 0, "".join(capsys.readouterr())
        assert main(["verify", plan, "--endpoint-url", engine.endpoint, *config]) == 0, capsys.readouterr()
    items = {int(item["id"]["N"]): item for item in _scan(connection, table) if "id" in item}
    rejects = {int(line["row"]["id"]): line["reason"] for line in _lines(tmp_path / "plan" / "rejects.ndjson")}
    for number, (at, literal, wanted) in enumerate(_values(cases)):
        where = f"{cases[at].declared} {literal}"
        if isinstance(wanted, tuple):
            assert wanted[1] in rejects.pop(number), where
        else:
            assert canonical(items[number][f"c{at}"]) == canonical(wanted), where
    assert rejects == {}


def _queries(folder: Path) -> str:
    (folder / "queries.sql").write_text("-- name: one\nSELECT * FROM odd WHERE id = :id;\n")
    return str(folder / "queries.sql")


def _scan(connection: Connection, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.client.scan(TableName=table)["Items"]
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
