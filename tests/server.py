"""A small web server on the loopback address that can break in the ways real ones do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer


@contextmanager
def answering(answer: bytes, times: int = 1) -> Iterator[str]:
    """The address of a server that answers everything with these bytes, `times` times over, be they HTTP or not."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                self.request.recv(1 << 16)
                for _ in range(times):
                    self.request.sendall(answer)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


class Server:
    """Serve `files` (name -> bytes) and note every request as (name, first byte asked for).

    `cut[name] = k` closes the connection after k bytes, once; `ranges = False` ignores the Range header; `slow = s`
    sends 1,000 bytes every s seconds.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.cut, self.ranges, self.slow = files, {}, True, 0.0
        self.requests: list[tuple[str, int]] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.http.server_port}/"

    def __enter__(self) -> Server:
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self, self.path.lstrip("/"))

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _answer(self, request: BaseHTTPRequestHandler, name: str) -> None:
        asked = request.headers.get("Range") if self.ranges else None
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.requests.append((name, start))
        content = self.files.get(name)
        if content is None or start >= len(content):
            request.send_error(404 if content is None else 416)
            return
        request.send_response(206 if asked else 200)
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        content = content[start : self.cut.pop(name, None)]
        with suppress(ConnectionError):  # whoever asked may be gone
            for first in range(0, len(content), 1000) if self.slow else ():
                request.wfile.write(content[first : first + 1000])
                time.sleep(self.slow)
            request.wfile.write(b"" if self.slow else content)
        request.close_connection = True
