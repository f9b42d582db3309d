"""A wire to a database server that can be cut and mended: TCP bytes pass through as they are."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

from sqlalchemy.engine import make_url


class Wire:
    """Listens in the place of the server of a SQLAlchemy URL. `url` leads through it. `cut` ends every connection
    and takes no new one until `mend`."""

    def __init__(self, url: str, cut_after: int | None = None) -> None:
        server = make_url(url)
        self._upstream = (server.host or "127.0.0.1", server.port or (5432 if "postgresql" in url else 3306))
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self.passed = 0
        self._cut_after = cut_after
        self._whole = threading.Event()
        self._whole.set()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        self._whole.clear()
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._open.clear()

    def cut_after(self, passed: int) -> None:
        """Cuts when so many bytes more have come from the server."""
        self._cut_after = self.passed + passed

    def mend(self) -> None:
        self._cut_after = None
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(self._upstream)
                with self._lock:
                    self._open += [near, far]
                for source, sink, counted in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass, args=(source, sink, counted), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if counted:
                    self.passed += len(data)
                    if self._cut_after is not None and self.passed >= self._cut_after:
                        self.cut()
                        return
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
