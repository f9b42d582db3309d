"""Where the templates are, and how they are read: the only module that knows the template language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from migrator.model.counted import plural
from migrator.model.errors import MigrateError
from migrator.render import figures, markdown
from migrator.render.pythonic import quoted


def templates_folder() -> Path:
    """The folder of templates: inside the package when it is installed from a wheel, else beside the package
    (an editable install). MigrateError when it is in neither place."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "design.md.j2").is_file():
            return folder
    raise MigrateError(
        "The templates of the documents are not installed.",
        "Install the package again: `pip install --force-reinstall migrate-to-dynamodb`.",
    )


@cache
def environment() -> Environment:
    """Reads templates strictly: an unknown name is an error; HTML escapes what Markdown's filters do not."""
    found = Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html", "html.j2"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "md": markdown.prose,
        "code": markdown.code,
        "codes": markdown.codes,
        "fence": markdown.fence,
        "usd": figures.usd,
        "count": figures.count,
        "plural": plural,
        "size": figures.size,
        "rate": figures.rate,
        "share": figures.share,
        "hcl": hcl,
        "quoted": quoted,
    }
    return found


def hcl(text: str) -> str:
    """A string literal of Terraform's language, in which `${` and `%{` begin something else.

    >>> print(hcl('a "b" ${c}'))
    "a \\"b\\" $${c}"
    """
    return quoted(text).replace("${", "$${").replace("%{", "%%{")
