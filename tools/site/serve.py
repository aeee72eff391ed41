"""Serve the course to this room: `python3 serve.py`. It needs Python 3.8 or later, and nothing else.

It lies beside the site in the archive for a classroom, so it imports only what every Python has.
"""

from __future__ import annotations

import functools
import socket
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 8000


class Handler(SimpleHTTPRequestHandler):
    """Files with the types that browsers insist on: on Windows, other programs change what .js is."""

    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json",
        ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml", ".webp": "image/webp",
        ".woff2": "font/woff2", ".zip": "application/zip", ".whl": "application/zip",
    }  # fmt: skip

    def log_message(self, *_: object) -> None:
        """Say nothing of each file."""


def addresses(port: int) -> list[str]:
    """Where a browser finds the course: on this computer, and on another one in the room."""
    found = [f"http://localhost:{port}/"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the network card
            found.append(f"http://{probe.getsockname()[0]}:{port}/")
        except OSError:
            pass  # no network: only this computer
    return found


def serve(folder: Path, host: str = "", port: int = PORT) -> None:
    """Serve a folder until Ctrl + C. An empty host is every network of this computer."""
    with ThreadingHTTPServer((host, port), functools.partial(Handler, directory=str(folder))) as server:
        here, *others = addresses(port)
        print(f"On this computer: {here}")
        for address in others if not host else ():
            print(f"On others in the room: {address}   (this computer's firewall may ask, and must allow it)")
        print("Ctrl + C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    serve(Path(__file__).resolve().parent / "site")
