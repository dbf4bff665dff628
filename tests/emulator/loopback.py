"""HTTP/1.1 on loopback with connections kept open, which the server that comes with moto's stack cannot do."""

from __future__ import annotations

import sys
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, List, Tuple

Headers = List[Tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One HTTP request as it came in, its body read; `peer` is the address of the connection's other end."""

    method: str
    target: str
    headers: Headers
    body: bytes
    peer: str

    @property
    def path(self) -> str:
        """The path without the query string."""
        return urllib.parse.urlsplit(self.target).path

    @property
    def query(self) -> str:
        """The raw query string, without the question mark."""
        return urllib.parse.urlsplit(self.target).query

    def header(self, name: str) -> str:
        """The value of a header, empty when it is absent."""
        return header(self.headers, name)


@dataclass(frozen=True)
class Response:
    """What goes back: status, headers, the complete body."""

    status: int
    headers: Headers
    body: bytes


def header(headers: Headers, name: str) -> str:
    """The first value of a header, whatever its case; empty when it is absent."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")


class Server(ThreadingHTTPServer):
    """A thread for each connection; none of them keeps the process alive."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Response]) -> None:
        """Binds 127.0.0.1; port 0 takes a free one."""
        self.answer = answer
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def endpoint(self) -> str:
        """Where it listens, as a URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Serves on a thread of its own."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, as killed functions and injected faults do, is no news."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, whatever their method."""

    protocol_version = "HTTP/1.1"
    # Without these two each answer waits some 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_POST(self) -> None:  # noqa: N802  (named by http.server)
        """Reads one request and writes its answer."""
        host, port = self.client_address[:2]
        request = Request(self.command, self.path, list(self.headers.items()), self._body(), f"{host}:{port}")
        response = self.server.answer(request)
        self.send_response(response.status)
        for name, value in response.headers:
            if name.lower() not in ("content-length", "connection", "server", "date", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_POST

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def log_message(self, *_: Any) -> None:
        """Says nothing: `GET /_emulator/calls` tells what came in."""
