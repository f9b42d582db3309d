"""What a verification keeps so that it can go on, and when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.unit import Chunk
from migrator.verify.ledger import ChunkRows
from migrator.verify.report import RowDifference, TableRows
from migrator.verify.resume import ResumeFile

CHUNK = Chunk("orders", 0, None, (7, "x"))
CLEAN = ChunkRows(TableRows("orders", 10, 12, rejected=1), (), (TableRows("lines", 30),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".migrate" / "run.compared"


def test_what_was_noted_is_known_the_next_time(file: Path) -> None:
    ResumeFile(file, "now").note(CHUNK, CLEAN)
    later = ResumeFile(file, "now")
    assert (later.known(CHUNK), later.rows) == (CLEAN, 10)
    assert later.known(Chunk("orders", 1, (7, "x"), None)) is None
    assert later.known(Chunk("orders", 0, None, (7, "y"))) is None


def test_another_moment_begins_anew(file: Path) -> None:
    ResumeFile(file, "now").note(CHUNK, CLEAN)
    other = ResumeFile(file, "later")
    assert other.known(CHUNK) is None
    other.note(CHUNK, CLEAN)
    assert ResumeFile(file, "now").known(CHUNK) is None


def test_a_chunk_with_a_difference_is_compared_again(file: Path) -> None:
    found = ChunkRows(TableRows("orders", 10, 12, 1), (RowDifference("missing", "orders", "id=1", "ORDERS"),))
    ResumeFile(file, "now").note(CHUNK, found)
    assert ResumeFile(file, "now").known(CHUNK) is None


def test_a_line_that_was_cut_off_counts_for_nothing(file: Path) -> None:
    ledger = ResumeFile(file, "now")
    ledger.note(CHUNK, CLEAN)
    ledger.note(Chunk("orders", 1, (7, "x"), None), CLEAN)
    file.write_text(file.read_text()[:-3])
    assert ResumeFile(file, "now").rows == 10


def test_a_file_of_other_contents_is_begun_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\xff\x00 not ours")
    ledger = ResumeFile(file, "now")
    ledger.note(CHUNK, CLEAN)
    assert ResumeFile(file, "now").known(CHUNK) == CLEAN


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    ledger = ResumeFile(tmp_path / "in the way" / "run.compared", "now")
    ledger.note(CHUNK, CLEAN)
    assert ledger.known(CHUNK) is None


def test_nothing_is_left_behind_when_it_is_done(file: Path) -> None:
    ledger = ResumeFile(file, "now")
    ledger.note(CHUNK, CLEAN)
    ledger.close()
    assert not file.parent.exists()
