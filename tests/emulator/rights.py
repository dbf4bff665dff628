"""What callers may do: a call that its caller's rights do not cover is refused before it takes effect, as IAM would.

Only actions are looked at. Resources and conditions are not: moto has no IAM that could be trusted with them.
"""

from __future__ import annotations

import html
import json
import threading

import rest_dialect
from aws import action_of, credential_scope
from loopback import Request, Response

# What DynamoDB asks IAM for where a transaction has one of these.
TRANSACTION_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


class Rights:
    """The IAM actions that access keys have; a key that was never named may do everything."""

    def __init__(self) -> None:
        """Restricts nobody."""
        self._granted: dict[str, set[str]] = {}
        self._used: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def grant(self, rights: dict[str, list[str]]) -> None:
        """Restricts each of these keys to its actions."""
        with self._lock:
            self._granted.update({key: set(actions) for key, actions in rights.items()})

    def used(self) -> dict[str, list[str]]:
        """The actions that each restricted key has called."""
        with self._lock:
            return {key: sorted(actions) for key, actions in self._used.items()}

    def refusal(self, request: Request) -> Response | None:
        """AWS's refusal, where the caller lacks a right that the call needs."""
        key, _, service = credential_scope(request)
        with self._lock:
            granted = self._granted.get(key)
            if granted is None:
                return None
            needed = needed_for(service, request)
            self._used.setdefault(key, set()).update(needed)
            missing = sorted(needed - granted)
        return denied(service, missing[0]) if missing else None

    def clear(self) -> None:
        """Restricts nobody any more."""
        with self._lock:
            self._granted.clear()
            self._used.clear()


def needed_for(service: str, request: Request) -> set[str]:
    """The IAM actions that a call asks for."""
    action = action_of(request)
    if service in rest_dialect.SERVICES:
        return {rest_dialect.iam_action(service, request.method, action)}
    if action != "TransactWriteItems":
        return {f"{service}:{action}"}
    parts = json.loads(request.body)["TransactItems"]
    return {f"{service}:{TRANSACTION_PARTS[kind]}" for part in parts for kind in part}


def denied(service: str, action: str) -> Response:
    """A refusal in the language of the service."""
    message = f"the caller is not authorized to perform: {action}"
    if service in ("dynamodb", "ssm", *rest_dialect.SERVICES):
        document = {"__type": "AccessDeniedException", "message": message}
        status = 403 if service in rest_dialect.SERVICES else 400
        return Response(status, [("Content-Type", "application/x-amz-json-1.0")], json.dumps(document).encode())
    code = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}.get(service, "AccessDenied")
    error = f"<Error><Code>{code}</Code><Message>{html.escape(message)}</Message></Error>"
    if service == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>none</RequestID></Response>"
    else:
        text = f"<ErrorResponse>{error}<RequestId>none</RequestId></ErrorResponse>"
    return Response(403, [("Content-Type", "text/xml")], text.encode())
