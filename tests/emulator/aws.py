"""Moto behind one function, and what the bytes of an AWS API call say: whose it is, which, and how it ended."""

from __future__ import annotations

import functools
import html
import json
import os
import re
import sys
import traceback
import urllib.parse
from io import BytesIO
from typing import Any, Callable

from botocore.loaders import JSONFileLoader

import unvalidated  # noqa: F401  (takes the place of what moto would import)
from loopback import Headers, Request, Response, header

ACCOUNT_ID = "111122223333"

# Read by moto when it is imported: whose account it is, and whether to load 1,300 machine images (0.3 s a Region)
# that no network test looks at.
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT_ID
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

# Imported only now, for what they read of the above.
import corrections  # noqa: E402
import rest_dialect  # noqa: E402
from moto.core.base_backend import BackendDict  # noqa: E402
from moto.core.model_instances import reset_model_data  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402


@functools.cache
def read_data_files_once() -> None:
    """Lets botocore parse each of its data files once: moto makes sessions by the dozen, each reading them anew.

    It makes the first answer come in half the time.
    """
    read: dict[str, Any] = {}
    load_file = JSONFileLoader.load_file

    def load_once(loader: JSONFileLoader, file_path: str) -> Any:
        if file_path not in read:
            read[file_path] = load_file(loader, file_path)
        return read[file_path]

    JSONFileLoader.load_file = load_once


class Aws:
    """The emulated AWS: a request in, a response out."""

    def __init__(self) -> None:
        """Corrects moto and sets it up, empty."""
        read_data_files_once()
        corrections.apply()
        self._application = DomainDispatcherApplication(create_backend_app)

    def answer(self, request: Request) -> Response:
        """Carries the request out; where moto crashes, the 500 that AWS would send, and the traceback on stderr."""
        try:
            return self._run(request)
        except Exception as error:  # noqa: BLE001  (whatever moto raises must not cut the connection)
            traceback.print_exc()
            return internal_error(request, error)

    def reset(self) -> None:
        """Empties every service."""
        BackendDict.reset()
        reset_model_data()

    def _run(self, request: Request) -> Response:
        status, headers = "500 nothing was started", []

        def start_response(given: str, given_headers: Headers, _exc_info: Any = None) -> Callable[[bytes], None]:
            nonlocal status, headers
            status, headers = given, given_headers
            return lambda _chunk: None

        chunks = self._application(environ_of(request), start_response)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        return Response(int(status.split(" ", 1)[0]), list(headers), body)


def environ_of(request: Request) -> dict[str, Any]:
    """The WSGI environment of a request."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI wants the decoded path as text whose characters are its bytes.
        "PATH_INFO": urllib.parse.unquote_to_bytes(request.path).decode("latin-1"),
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[f"HTTP_{key}"] = value
    return environ


def internal_error(request: Request, error: Exception) -> Response:
    """An internal error as AWS sends it in the protocol of the request, naming what broke in the emulator."""
    message = f"the emulator failed: {type(error).__name__}: {error}"
    if "json" in request.header("Content-Type"):
        document = json.dumps({"__type": "InternalFailure", "message": message})
        return Response(500, [("Content-Type", "application/x-amz-json-1.0")], document.encode())
    document = (
        "<?xml version='1.0'?><Response><Errors><Error><Code>InternalError</Code>"
        f"<Message>{html.escape(message)}</Message></Error></Errors><RequestID>none</RequestID></Response>"
    )
    return Response(500, [("Content-Type", "text/xml")], document.encode())


def credential_scope(request: Request) -> tuple[str, str, str]:
    """Access key, Region and service of a signed request; empty where it is not signed."""
    match = re.search(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request", request.header("Authorization"))
    return (match[1], match[2], match[3]) if match else ("", "", "")


def action_of(request: Request) -> str:
    """The API action: of the query protocol, of a JSON protocol, of a REST one that is known, or else method and path."""
    target = request.header("X-Amz-Target")
    if target:
        return target.rsplit(".", 1)[-1]
    if request.header("Content-Type").startswith("application/x-www-form-urlencoded"):
        action = urllib.parse.parse_qs(request.body.decode("utf-8", "replace")).get("Action")
        if action:
            return action[0]
    known = rest_dialect.found(credential_scope(request)[2], request.method, request.path)
    return known[0].name if known else f"{request.method} {request.path}"


def error_of(response: Response) -> tuple[str, str] | None:
    """Code and message of a failed call, from XML, JSON or the header; nothing for a success."""
    if response.status < 400:
        return None
    text = response.body.decode("utf-8", "replace")
    code = re.search(r"<Code>(.*?)</Code>", text, re.S)
    if code:
        message = re.search(r"<Message>(.*?)</Message>", text, re.S)
        return code[1], html.unescape(message[1]) if message else ""
    try:
        document = json.loads(text)
    except ValueError:
        document = {}
    kind = str(document.get("__type") or header(response.headers, "x-amzn-errortype") or response.status)
    message = document.get("message") or document.get("Message") or ""
    return kind.rsplit("#", 1)[-1].split(":")[0], str(message)
