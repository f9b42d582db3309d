from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.model.errors import UsageError
from migrator.source.location import Location, from_toml, parse_location

SERVER = "postgresql://ann:s3cret@db.example:5432/shop?sslmode=require&password=s3cret2"


def test_a_path_is_a_sqlite_file() -> None:
    assert parse_location("data/shop.db") == Location(path=Path("data/shop.db"))
    assert parse_location("data/shop.db").dialect == "sqlite"


def test_a_sqlite_url_is_a_path() -> None:
    assert parse_location("sqlite:///data/shop.db").path == Path("data/shop.db")
    assert parse_location("sqlite:////data/shop.db").path == Path("/data/shop.db")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [(SERVER, "postgresql"), ("mysql+pymysql://h/d", "mysql"), ("mariadb+pymysql://h/d", "mysql")],
)
def test_a_server_is_known_by_its_dialect(text: str, dialect: str) -> None:
    assert parse_location(text).dialect == dialect


def test_no_password_is_ever_shown() -> None:
    location = parse_location(SERVER)
    shown = (location.display, repr(location), str(location), location.to_toml(Path()), f"{location}")
    assert not any("s3cret" in text for text in shown)
    assert location.display == "postgresql://ann@db.example:5432/shop?sslmode=require"


@pytest.mark.parametrize("text", ["", "  ", "sqlite://", "sqlite:///:memory:", "postgresql://u:s3cret@h:port/d"])
def test_what_is_no_source_is_a_usage_error_without_a_password(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_location(text)
    assert "s3cret" not in caught.value.what + caught.value.next_step


def test_a_path_is_written_relative_to_the_plan(tmp_path: Path) -> None:
    location = Location(path=tmp_path / "data" / "shop.db")
    text = location.to_toml(tmp_path / "plan")
    assert text == 'path = "../data/shop.db"\n'
    assert from_toml(text, tmp_path / "plan") == location


def test_a_url_is_read_back_without_its_password() -> None:
    back = from_toml(parse_location(SERVER).to_toml(Path()), Path())
    assert back.display == parse_location(SERVER).display
    assert back.url is not None
    assert back.url.password is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\x00"), min_size=1))
def test_any_file_name_survives_the_file(name: str) -> None:
    if name in (".", ".."):
        return
    location = Location(path=Path("/base") / name)
    assert from_toml(location.to_toml(Path("/base/plan")), Path("/base/plan")) == location


@pytest.mark.parametrize("text", ["", "path = 1", "path = [", 'path = "a"\nurl = "b://c"'])
def test_a_broken_file_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        from_toml(text, Path("plan"))


def test_an_at_sign_in_a_password_is_an_error_that_does_not_repeat_it() -> None:
    with pytest.raises(UsageError) as caught:
        parse_location("mysql+pymysql://me:p@ss@w@127.0.0.1:1/x")
    assert "ss@w" not in f"{caught.value.what} {caught.value.next_step}"
