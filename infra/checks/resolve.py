"""What CloudFormation would make of a template with given parameters: enough of it for the checks.

References to resources become names and ARNs in the form of their service, in an account and a Region of the
documentation.
"""

from __future__ import annotations

import re
from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-west-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "guardrail",
    "AWS::URLSuffix": "amazonaws.com",
}
# A resource's ARN after `arn:aws:`, with its logical id for {}.
ARNS = {
    "AWS::CloudWatch::Alarm": f"cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}",
    "AWS::DynamoDB::Table": f"dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::Events::Rule": f"events:{REGION}:{ACCOUNT}:rule/{{}}",
    "AWS::IAM::Role": f"iam::{ACCOUNT}:role/vpc-guardrail/{{}}",
    "AWS::KMS::Key": f"kms:{REGION}:{ACCOUNT}:key/11112222-3333-4444-5555-666677778888",
    "AWS::Lambda::Function": f"lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::Logs::LogGroup": f"logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::SNS::Topic": f"sns:{REGION}:{ACCOUNT}:{{}}",
    "AWS::SQS::Queue": f"sqs:{REGION}:{ACCOUNT}:{{}}",
}
NOTHING = object()


class Template:
    """A plain CloudFormation template with its parameters filled in."""

    def __init__(self, template: dict[str, Any], **parameters: str) -> None:
        """Takes the parameters' defaults where nothing else is given."""
        self._template = template
        defaults = {name: each.get("Default", f"a-{name}") for name, each in template["Parameters"].items()}
        unknown = set(parameters) - set(defaults)
        if unknown:
            raise ValueError(f"the template has no parameters {unknown}")
        self._values = {**PSEUDO, **defaults, **parameters}

    def resources(self, kind: str = "") -> dict[str, dict[str, Any]]:
        """The properties of the resources that there would be, of one type or all."""
        return {
            name: self.value(resource.get("Properties", {}))
            for name, resource in self._template["Resources"].items()
            if kind in ("", resource["Type"]) and self._holds({"Condition": resource.get("Condition")})
        }

    def value(self, node: Any) -> Any:
        """A part of the template with everything resolved."""
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        values = {key: self.value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not NOTHING}

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._reference(argument)
            case "Fn::GetAtt":
                return self._attribute(*(argument.split(".") if isinstance(argument, str) else argument))
            case "Fn::If":
                condition, then, otherwise = argument
                return self.value(then if self._holds({"Condition": condition}) else otherwise)
            case "Fn::Join":
                return argument[0].join(map(str, self.value(argument[1])))
            case "Fn::FindInMap":
                first, second, third = argument
                return self._template["Mappings"][first][second][third]
            case "Fn::Sub":
                return re.sub(r"\$\{([^!}][^}]*)\}", lambda match: self._named(match[1]), argument)
        raise ValueError(f"{name} is not known here: teach infra/checks/resolve.py")

    def _named(self, name: str) -> str:
        return str(self._attribute(*name.split(".")) if "." in name else self._reference(name))

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self._values:
            return self._values[name]
        resource = self._template["Resources"][name]
        if resource["Type"] in ("AWS::SNS::Topic", "AWS::SNS::Subscription"):
            return self._attribute(name, "Arn")
        if resource["Type"] == "AWS::SSM::Parameter":
            return self.value(resource["Properties"]["Name"])
        return name

    def _attribute(self, resource: str, attribute: str) -> str:
        if attribute == "Arn":
            return "arn:aws:" + ARNS[self._template["Resources"][resource]["Type"]].format(resource)
        return f"{resource}-{attribute}"

    def _holds(self, condition: dict[str, Any]) -> bool:
        [(name, argument)] = condition.items()
        match name:
            case "Condition":
                return argument is None or self._holds(self._template["Conditions"][argument])
            case "Fn::Not":
                return not self._holds(argument[0])
            case "Fn::Equals":
                one, other = self.value(argument)
                return bool(one == other)
        raise ValueError(f"{name} is not known here: teach infra/checks/resolve.py")
