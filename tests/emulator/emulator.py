"""An emulated AWS on loopback that writes CloudTrail: moto, corrected, with a recorder in front of it.

Prints one line of JSON when it is ready, `{"endpoint": "http://127.0.0.1:PORT"}`, and ends when its standard input
closes, so that it cannot outlive the test that started it. Any AWS client may use the endpoint; under `/_emulator/`
the same port answers the control API (see README.md beside this file).
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import json
import sys
import threading
import urllib.parse
from dataclasses import asdict, dataclass
from typing import Any, Callable

import recorder
import rest_dialect
from aws import ACCOUNT_ID, Aws, action_of, credential_scope, error_of
from gates import Gates
from loopback import Request, Response, Server
from rights import Rights

CONTROL_PREFIX = "/_emulator/"
# A caller that names no Region, as older SDKs did.
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class SeenCall:
    """One AWS API call that reached the emulator, as `GET /_emulator/calls` tells it."""

    sequence: int
    service: str
    action: str
    access_key: str
    status: int
    error_code: str | None
    connection: str


class Clients:
    """Real boto3 clients of this very endpoint, one for each way of calling, made when first wanted."""

    def __init__(self) -> None:
        """Makes none yet: boto3 takes a while to load."""
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, ...], Any] = {}

    def call(self, endpoint: str, wish: dict[str, Any]) -> dict[str, Any]:
        """Performs one wished call over HTTP, without retries, and tells its result or its error."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = self._client(endpoint, wish)
            result = getattr(client, wish["operation"])(**wish.get("parameters") or {})
        except ClientError as error:
            detail = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return {"error": {"code": detail.get("Code", ""), "message": detail.get("Message", ""), "status": status}}
        except (BotoCoreError, AttributeError, TypeError) as error:
            # Refused by boto3 itself: nothing was sent, so there is no status.
            return {"error": {"code": type(error).__name__, "message": str(error), "status": 0}}
        metadata = result.pop("ResponseMetadata", {})
        return {"result": result, "request_id": metadata.get("RequestId", "")}

    def _client(self, endpoint: str, wish: dict[str, Any]) -> Any:
        user_agent = wish.get("user_agent") or ""
        key = (wish["service"], wish.get("region") or DEFAULT_REGION, wish["access_key"], user_agent)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = new_client(endpoint, *key)
            return self._clients[key]


def new_client(endpoint: str, service: str, region: str, access_key: str, user_agent: str) -> Any:
    """A boto3 client without retries; a user agent, if given, replaces boto3's own as a whole."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    if user_agent:
        client.meta.events.register_last("before-send", user_agent_setter(user_agent))
    return client


def user_agent_setter(user_agent: str) -> Callable[..., None]:
    """A hook that replaces the User-Agent header, which the signature does not cover."""

    def set_header(request: Any, **_: Any) -> None:
        request.headers["User-Agent"] = user_agent

    return set_header


def plain(value: Any) -> str:
    """What boto3 returns and JSON has no word for: times as ISO strings, bytes as base64."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def json_response(status: int, value: Any) -> Response:
    """An answer of the control API."""
    return Response(status, [("Content-Type", "application/json")], json.dumps(value, default=plain).encode())


class Emulator:
    """What stands at the port: the emulated AWS with its recorder, and the control API."""

    def __init__(self) -> None:
        """Sets up an empty AWS."""
        self.endpoint = ""
        self._aws = Aws()
        self._clients = Clients()
        self._calls: list[SeenCall] = []
        self._events: list[dict[str, Any]] = []
        self._identities: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        # One EC2 call at a time: moto's EC2 model is not made for threads, and so the records stand in the order in
        # which their calls took effect. One DynamoDB call at a time: conditions and transactions hold only so. Calls of
        # other services may wait for something (SQS long polling).
        self._turns = {"ec2": threading.Lock(), "dynamodb": threading.Lock()}
        self._gates = Gates()
        self._rights = Rights()

    def answer(self, request: Request) -> Response:
        """Answers one request of either kind."""
        if request.path.startswith(CONTROL_PREFIX):
            return self._control(request)
        return self._aws_call(request)

    def _aws_call(self, request: Request) -> Response:
        access_key, _, service = credential_scope(request)
        gate = self._gates.met(access_key, action_of(request))
        if gate is not None and not gate.after and not gate.hold():
            return Response(503, [], b"")
        with self._turns.get(service, contextlib.nullcontext()):
            response = self._carry_out(request)
        if gate is not None and gate.after:
            gate.hold()
        return response

    def _carry_out(self, request: Request) -> Response:
        access_key, region, service = credential_scope(request)
        response = self._rights.refusal(request) or self._aws.answer(request)
        known = rest_dialect.found(service, request.method, request.path)
        call = recorder.ApiCall(
            service=service,
            action=action_of(request),
            region=region,
            access_key=access_key,
            user_agent=request.header("User-Agent"),
            body=request.body.decode("utf-8", "replace"),
            response=response.body.decode("utf-8", "replace"),
            error=error_of(response),
            status=response.status,
            path=request.path,
            in_path=known[1] if known else {},
        )
        self._note(call, request.peer)
        return response

    def _note(self, call: recorder.ApiCall, peer: str) -> None:
        code = call.error[0] if call.error else None
        with self._lock:
            record = recorder.record(call, self._identities.get(call.access_key), ACCOUNT_ID)
            number = len(self._calls) + 1
            seen = SeenCall(number, call.service, call.action, call.access_key, call.status, code, peer)
            self._calls.append(seen)
            if record is not None:
                self._events.append({"sequence": len(self._events) + 1, "record": record})

    def _control(self, request: Request) -> Response:
        name = request.path[len(CONTROL_PREFIX) :]
        routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "events"): self._list_events,
            ("GET", "calls"): self._list_calls,
            ("POST", "call"): lambda asked: self._clients.call(self.endpoint, json.loads(asked.body)),
            ("POST", "identities"): self._learn_identities,
            ("POST", "rights"): self._grant_rights,
            ("GET", "rights"): lambda _: {"used": self._rights.used()},
            ("POST", "gates"): lambda asked: {"gate": self._gates.add(json.loads(asked.body))},
            ("GET", "gates"): lambda asked: {"reached": self._gates.is_reached(number_of(asked, "gate"))},
            ("POST", "gates/decide"): self._decide_gate,
            ("POST", "reset"): self._reset,
        }
        route = routes.get((request.method, name))
        if route is None:
            return json_response(404, {"error": f"no `{request.method} {request.path}`; see tests/emulator/README.md"})
        try:
            return json_response(200, route(request))
        except (IndexError, KeyError, TypeError, ValueError) as error:
            return json_response(400, {"error": f"bad control request: {type(error).__name__}: {error}"})

    def _list_events(self, request: Request) -> Any:
        with self._lock:
            return {"events": self._events[after(request) :]}

    def _list_calls(self, request: Request) -> Any:
        with self._lock:
            return {"calls": [asdict(call) for call in self._calls[after(request) :]]}

    def _learn_identities(self, request: Request) -> Any:
        with self._lock:
            self._identities.update(json.loads(request.body))
        return {}

    def _grant_rights(self, request: Request) -> Any:
        self._rights.grant(json.loads(request.body))
        return {}

    def _decide_gate(self, request: Request) -> Any:
        wish = json.loads(request.body)
        self._gates.decide(wish["gate"], wish["lets_through"])
        return {}

    def _reset(self, _request: Request) -> Any:
        with self._turns["ec2"], self._turns["dynamodb"], self._lock:
            self._aws.reset()
            self._calls.clear()
            self._events.clear()
            self._identities.clear()
            self._rights.clear()
        return {}


def after(request: Request) -> int:
    """The `after` of a list request: 0, all of it, where it is not given."""
    return max(0, number_of(request, "after"))


def number_of(request: Request, name: str) -> int:
    """A number in the query string; 0 where it is not given."""
    return int(urllib.parse.parse_qs(request.query).get(name, ["0"])[0])


def serve(port: int) -> Server:
    """Starts an emulator on a thread of its own; port 0 takes a free one."""
    emulator = Emulator()
    server = Server(port, emulator.answer)
    emulator.endpoint = server.endpoint
    server.start()
    return server


def main() -> None:
    """Serves until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    server = serve(parser.parse_args().port)
    print(json.dumps({"endpoint": server.endpoint}), flush=True)
    try:
        while sys.stdin.buffer.read(4096):
            pass
    except KeyboardInterrupt:
        pass
    server.shutdown()


if __name__ == "__main__":
    main()
