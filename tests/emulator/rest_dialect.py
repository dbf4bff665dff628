"""API Gateway and AppSync, whose calls are a method and a path: which call that is, and how CloudTrail tells of it.

API Gateway's older API (REST APIs) puts the body into a wrapper named after the call, beside the path's parameters and
`"template": false`, and its answers have links to what can be called next. The newer one (HTTP and WebSocket APIs) and
AppSync write bodies as they are.
"""

from __future__ import annotations

import functools
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from recorder import ApiCall

# The services by the names that sign their calls; API Gateway has one name for two APIs.
SERVICES = frozenset({"apigateway", "appsync"})


def model_of(service: str, path: str) -> str:
    """The API model of a call."""
    return "apigatewayv2" if service == "apigateway" and path.startswith("/v2/") else service


@functools.cache
def operations(model: str) -> list[tuple[str, re.Pattern[str], OperationModel]]:
    """Each operation of a model with its method and the form of its path, the longest path first."""
    found = []
    service = get_service_model(model)
    for name in service.operation_names:
        operation = service.operation_model(name)
        uri = operation.http["requestUri"].split("?")[0]
        form = re.sub(r"\\\{(\w+)\\?\+?\\\}", r"(?P<\1>[^/]+)", re.escape(uri))
        found.append((operation.http["method"], re.compile(form), operation))
    return sorted(found, key=lambda one: -len(one[1].pattern))


def found(service: str, method: str, path: str) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation that a method and a path name, and the parameters in the path."""
    if service not in SERVICES:
        return None
    for wanted, form, operation in operations(model_of(service, path)):
        match = form.fullmatch(path) if wanted == method else None
        if match:
            return operation, match.groupdict()
    return None


def iam_action(service: str, method: str, name: str) -> str:
    """What IAM calls it: API Gateway's actions are methods."""
    return f"apigateway:{method}" if service == "apigateway" else f"{service}:{name}"


def camel(name: str) -> str:
    """`restApiId` for `restapi_id` and for `RestApiId`."""
    if "_" not in name:
        return name[:1].lower() + name[1:]
    first, *rest = name.replace("restapi", "rest_api").split("_")
    return first + "".join(word.capitalize() for word in rest)


class RestDialect:
    """The dialect of one of these services."""

    def __init__(self, service: str) -> None:
        """The dialect of a service by its short name."""
        self.EVENT_SOURCE = f"{service}.amazonaws.com"
        self._service = service

    def is_change(self, action: str) -> bool:
        """Their reads are named after what they do."""
        return not action.startswith(("Get", "List", "Test", "Export"))

    def error_code(self, code: str, status: int) -> str:
        """As they say it."""
        return code

    def request_parameters(self, call: ApiCall) -> Any:
        """What the caller sent, with what stands in the path."""
        in_path = {camel(name): value for name, value in call.in_path.items()}
        body = json.loads(call.body) if call.body else {}
        if model_of(self._service, call.path) != "apigateway":
            return {**in_path, **body}
        wrapper = {f"{camel(call.action)}Input": body} if body else {}
        return {**in_path, **wrapper, "template": False}

    def response_elements(self, call: ApiCall) -> Any:
        """What the answer says, with a link or two where there are dozens."""
        elements = json.loads(call.response) if call.response else None
        if model_of(self._service, call.path) == "apigateway" and elements and "id" in elements:
            link = {"restApiId": elements["id"], "template": False}
            elements.update({"self": link, "restapiUpdate": link})
        return elements

    def request_id(self, response: str) -> str:
        """It is not in the body."""
        return str(uuid.uuid4())
