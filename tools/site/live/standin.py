"""A stand-in for Python in the browser: a local server of a built site, whose pages' Python runs beside it.

    with serving(Path("_site")) as address: ...

Each page's worker has a process of its own, which ends when the page starts another: so an endless loop is stopped as
it is in the browser, by ending what runs it. For tests and for a look, on this machine only.
"""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parents[3]
MOST = 6  # processes at a time; the one that was longest unused ends
ELSEWHERE = ("torch", "torchvision", "IPython", "ipywidgets", "anywidget")  # a browser has none of these
TOLD = {"python": "standin", "megabytes": 0, "bytes": 1, "packages": []}


class Process:
    """One page's Python. Several questions may be under way at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tools.site.live.standin"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self.lock, self.last = threading.Lock(), 0
        self.waiting: dict[int, tuple[threading.Event, list[bytes]]] = {}
        self.thread = threading.Thread(target=self.hear, daemon=True)
        self.thread.start()

    def ask(self, question: bytes) -> bytes | None:
        """The answer; None if the process was ended meanwhile."""
        there, answer = threading.Event(), []  # type: ignore[var-annotated]
        with self.lock:
            self.last += 1
            self.waiting[self.last] = there, answer
            try:
                write(self.process.stdin, self.last, question)  # type: ignore[arg-type]
            except OSError:
                return None
        there.wait()
        return answer[0] if answer else None

    def hear(self) -> None:
        while (found := read(self.process.stdout)) is not None:  # type: ignore[arg-type]
            number, answer = found
            there, place = self.waiting.pop(number)
            place.append(answer)
            there.set()
        for there, _ in [*self.waiting.values()]:
            there.set()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.thread.join()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


class Pages:
    """The processes, by the name of a page's worker."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.lock = threading.Lock()

    def of(self, name: str) -> Process:
        with self.lock:
            found = self.processes.pop(name, None) or Process()
            self.processes[name] = found
            while len(self.processes) > MOST:
                self.processes.pop(next(iter(self.processes))).end()
            return found

    def end(self) -> None:
        for process in self.processes.values():
            process.end()


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, pages: Pages, **options: Any) -> None:
        self.pages = pages
        super().__init__(*args, **options)

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.pages.of(self.path.partition("=")[2]).ask(question)
        self.send_response(200 if answer is not None else 503)
        self.send_header("Content-Length", str(len(answer or b"")))
        self.end_headers()
        with suppress(ConnectionError):  # the page may be gone
            self.wfile.write(answer or b"")

    def do_GET(self) -> None:
        if not self.path.endswith("/live/runtime.json"):
            with suppress(ConnectionError):
                super().do_GET()
            return
        told = json.dumps(TOLD).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """The address of a server of this folder, with a stand-in for Python."""
    pages = Pages()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site), pages=pages)) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            pages.end()
            server.shutdown()


def write(stream: BinaryIO, number: int, content: bytes) -> None:
    stream.write(struct.pack(">II", number, len(content)) + content)
    stream.flush()


def read(stream: BinaryIO) -> tuple[int, bytes] | None:
    head = stream.read(8)
    if len(head) < 8:
        return None
    number, length = struct.unpack(">II", head)
    return number, stream.read(length)


async def answer_all() -> None:
    """In the process of a page: answer questions from standard input, several at a time."""
    sys.modules.update(dict.fromkeys(ELSEWHERE))  # type: ignore[arg-type]  # None: importing it fails
    from tools.site.live import glue

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    glue.begin()
    loop = asyncio.get_running_loop()

    async def answer(number: int, question: bytes) -> None:
        asked = json.loads(question)
        reply, drawn = "{}", b""
        if asked["command"] != "begin":
            reply, drawn = await glue.ask(asked["command"], json.dumps(asked["question"]))
        told = reply.encode()
        write(answers, number, struct.pack(">I", len(told)) + told + drawn)

    under_way = set()
    while (found := await loop.run_in_executor(None, read, questions)) is not None:
        task = loop.create_task(answer(*found))
        under_way.add(task)
        task.add_done_callback(under_way.discard)


if __name__ == "__main__":
    asyncio.run(answer_all())
