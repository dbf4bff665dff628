"""Every policy document of the template, read by parliament."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterator

from findings import Finding
from parliament import analyze_policy_string, enhance_finding
from resolve import Template

# Where each kind of resource keeps its documents.
DOCUMENTS = {
    "AWS::IAM::Role": ("AssumeRolePolicyDocument", "Policies"),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
}
# Parliament reads policies of identities, which name a resource. These documents belong to one, and name none, or `*`.
OF_ITSELF = {
    "AssumeRolePolicyDocument": "arn:aws:iam::111122223333:role/vpc-guardrail/a-role",
    "KeyPolicy": "arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888",
}


@dataclass(frozen=True)
class Policy:
    """One document."""

    place: str
    key: str
    document: dict[str, Any]

    def statements(self) -> list[dict[str, Any]]:
        """Its statements."""
        return list(self.document["Statement"])


def policies(template: Template) -> Iterator[Policy]:
    """All documents of the resources that there would be."""
    for kind, keys in DOCUMENTS.items():
        for name, properties in template.resources(kind).items():
            for key in keys:
                if key == "Policies":
                    for each in properties.get(key, []):
                        yield Policy(f"{name}.{each['PolicyName']}", key, each["PolicyDocument"])
                else:
                    yield Policy(f"{name}.{key}", key, properties[key])


def parliament_says(policy: Policy) -> list[Finding]:
    """What parliament finds wrong with a document."""
    document = policy.document
    if policy.key in OF_ITSELF:
        statements = [{**each, "Resource": OF_ITSELF[policy.key]} for each in policy.statements()]
        document = {**document, "Statement": statements}
    findings = [enhance_finding(each) for each in analyze_policy_string(json.dumps(document)).findings]
    return [Finding(each.issue, policy.place, f"{each.title} {each.detail}") for each in findings]


def actions(policy: Policy) -> set[str]:
    """What a document allows."""
    allowed: set[str] = set()
    for each in policy.statements():
        if each["Effect"] == "Allow":
            allowed.update([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    return allowed
