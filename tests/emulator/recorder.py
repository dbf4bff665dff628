"""Turns an API call that reached the emulator into the CloudTrail record that AWS would write of it.

What a record says of request and response differs between services, so each has a dialect of its own in `DIALECTS`;
the rest of the record is common. A service without a dialect is not recorded. Only calls that change something are.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import ec2_dialect
import rest_dialect

# The version that AWS writes now; a caller's address from the range for documentation, as loopback never stands here.
EVENT_VERSION = "1.11"
SOURCE_ADDRESS = "203.0.113.7"
# Identities that AWS records without an access key.
KEYLESS_IDENTITIES = frozenset({"AWSService", "AWSAccount"})


@dataclass(frozen=True)
class ApiCall:
    """One signed call and its answer, bodies as text, error as (code, message)."""

    service: str
    action: str
    region: str
    access_key: str
    user_agent: str
    body: str
    response: str
    error: tuple[str, str] | None
    status: int
    path: str = ""
    in_path: dict[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """How CloudTrail tells of one service's calls."""

    EVENT_SOURCE: str

    def is_change(self, action: str) -> bool:
        """Whether the call changes anything; reads leave no record here."""

    def error_code(self, code: str, status: int) -> str:
        """The `errorCode` of a failed call."""

    def request_parameters(self, call: ApiCall) -> Any:
        """The `requestParameters`, as the caller sent them."""

    def response_elements(self, call: ApiCall) -> Any:
        """The `responseElements` of a call that succeeded."""

    def request_id(self, response: str) -> str:
        """The id that the answer carries."""


DIALECTS: dict[str, Dialect] = {
    "ec2": ec2_dialect.Ec2Dialect(),
    **{service: rest_dialect.RestDialect(service) for service in rest_dialect.SERVICES},
}


def user_identity(access_key: str, known: dict[str, Any] | None, account_id: str) -> dict[str, Any]:
    """Who called: the identity registered for the access key, else an IAM user called `someone`.

    An identity that itself says `accessKeyId` keeps it, `null` meaning that the record has none; to any other the key
    of the call is added, unless AWS records none for its type.
    """
    identity = dict(known) if known is not None else {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE0SOMEONE00",
        "arn": f"arn:aws:iam::{account_id}:user/someone",
        "accountId": account_id,
        "userName": "someone",
    }
    if "accessKeyId" not in identity and identity.get("type") not in KEYLESS_IDENTITIES:
        identity["accessKeyId"] = access_key
    if identity.get("accessKeyId", "") is None:
        del identity["accessKeyId"]
    return identity


def record(call: ApiCall, known_identity: dict[str, Any] | None, account_id: str) -> dict[str, Any] | None:
    """The record of a call, or nothing for a read or a service without a dialect."""
    dialect = DIALECTS.get(call.service)
    if dialect is None or not dialect.is_change(call.action):
        return None
    identity = user_identity(call.access_key, known_identity, account_id)
    # A call that a service makes for somebody shows that service in place of address and agent.
    invoked_by = identity.get("invokedBy")
    entry: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": identity,
        "eventTime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": dialect.EVENT_SOURCE,
        "eventName": call.action,
        "awsRegion": call.region,
        "sourceIPAddress": invoked_by or SOURCE_ADDRESS,
        "userAgent": invoked_by or call.user_agent,
    }
    if call.error is not None:
        code, message = call.error
        entry.update(errorCode=dialect.error_code(code, call.status), errorMessage=message)
    entry.update(
        requestParameters=dialect.request_parameters(call),
        responseElements=None if call.error is not None else dialect.response_elements(call),
        requestID=dialect.request_id(call.response),
        eventID=str(uuid.uuid4()),
        readOnly=False,
        eventType="AwsApiCall",
        managementEvent=True,
        recipientAccountId=account_id,
        eventCategory="Management",
        tlsDetails={
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{call.service}.{call.region}.amazonaws.com",
        },
    )
    return entry
