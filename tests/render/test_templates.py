"""The templates are found, strict, and safe for HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from migrator.model.errors import MigrateError
from migrator.render import templates


def _layout(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir(parents=True)
    (folder / "design.md.j2").write_text("x")
    monkeypatch.setattr(templates, "__file__", str(root / "migrator" / "render" / "templates.py"))
    return folder


@pytest.mark.parametrize("inside", ["migrator/templates", "templates"])
def test_the_folder_is_found_installed_and_editable(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _layout(tmp_path, tmp_path / inside, monkeypatch)

    assert templates.templates_folder() == folder


def test_missing_templates_are_a_named_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "__file__", str(tmp_path / "migrator" / "render" / "templates.py"))

    with pytest.raises(MigrateError, match="not installed"):
        templates.templates_folder()


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates.environment().from_string("{{ nothing }}").render()


def test_every_template_compiles() -> None:
    environment = templates.environment()
    names = environment.list_templates()

    assert "design.md.j2" in names
    for name in names:
        environment.get_template(name)


def test_only_html_is_escaped_by_itself() -> None:
    autoescape = templates.environment().autoescape

    assert callable(autoescape)
    assert autoescape("design.html.j2")
    assert not autoescape("design.md.j2")
