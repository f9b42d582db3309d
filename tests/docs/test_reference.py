"""docs/cli.md says what the program says."""

from __future__ import annotations

import re

from tests.docs.reference import PAGE, command_names, reference


def test_the_reference_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run `make docs`"


def test_every_command_has_a_section_of_its_own() -> None:
    sections = re.findall(r"^## migrate (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(sections) == command_names()
    assert len(sections) >= 8
