"""Names the contents of a SQLite file by the bytes of its pages."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

_BLOCK = 1 << 20
_HEADER_BYTES = 100
# Journal mode (18, 19), change counter (24-27), schema cookie (40-43, which the backup API sets anew) and the
# counter's echo with the library's version (92-99) change without any change of contents.
# https://www.sqlite.org/fileformat.html#the_database_header
_IGNORED = (slice(18, 20), slice(24, 28), slice(40, 44), slice(92, 100))


def fingerprint_of(file: BinaryIO) -> str:
    """SHA-256 in hex of the database in `file`, read from its start in blocks of a megabyte."""
    file.seek(0)
    header = bytearray(file.read(_HEADER_BYTES))
    for part in _IGNORED:
        header[part] = bytes(len(header[part]))
    digest = hashlib.sha256(header)
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
