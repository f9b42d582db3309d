"""The embedded engine's process: serves until its standard input ends, so that it never outlives its parent,
however that one dies."""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from ministack.app import main as serve

    sys.argv = ["ministack"]
    serve()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
