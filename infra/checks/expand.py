"""Makes the plain CloudFormation template of the SAM template, for StackSets, which take no transform.

Two parameters come in: where the zips are, since only the SAM CLI uploads them by itself. Nothing is sent anywhere.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "infra" / "template.yaml"
EXPANDED = ROOT / "infra" / "generated" / "template.cloudformation.yaml"

HEADING = "# Made from infra/template.yaml by `make expand`: change that, not this file.\n"
# SAM looks for a Region and would write it into what it expands; this one must not be found in the result.
NO_REGION = "xx-nowhere-1"
# Where nothing publishes SAM's own figures, it says so; nobody wants them.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
CODE_PARAMETERS = {
    "CodeBucketPrefix": {
        "Type": "String",
        "AllowedPattern": "^[a-z0-9][a-z0-9-]+$",
        "Description": (
            "The zips are in the bucket of this name with a hyphen and the Region after it: my-code for "
            "my-code-eu-west-1. Lambda takes code from a bucket of its own Region only."
        ),
    },
    "CodePrefix": {
        "Type": "String",
        "AllowedPattern": "^([A-Za-z0-9._-]+/)*$",
        "Description": (
            "What stands before the zips' names in the bucket, such as vpc-guardrail/0.1.0/. Give every version its "
            "own: CloudFormation sees new code by its key alone."
        ),
    },
}


class ManagedPolicies:
    """AWS's managed policies, by which SAM would name some: this template uses none."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def expanded(sam: str) -> str:
    """The plain template of a SAM template."""
    os.environ["AWS_DEFAULT_REGION"] = NO_REGION
    template = yaml_parse(sam)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = in_bucket(resource["Properties"]["CodeUri"])
    template["Parameters"] = {**CODE_PARAMETERS, **template["Parameters"]}
    template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"].insert(
        0, {"Label": {"default": "Where the code is"}, "Parameters": list(CODE_PARAMETERS)}
    )
    plain = transform(template, {}, ManagedPolicies())
    for resource in plain["Resources"].values():
        mark_nothing(resource)
    text: str = HEADING + yaml.dump(plain, Dumper=Plain, sort_keys=False, width=120)
    if NO_REGION in text:
        raise ValueError("SAM wrote a Region into the expanded template: use it nowhere in a Serverless resource")
    return text


def in_bucket(zip_file: str) -> dict[str, Any]:
    """Where a zip is that stands at `../target/package/NAME-arm64.zip` here."""
    name = Path(zip_file).name.removesuffix("-arm64.zip")
    return {
        "Bucket": {"Fn::Sub": "${CodeBucketPrefix}-${AWS::Region}"},
        "Key": {"Fn::Sub": f"${{CodePrefix}}{name}-${{Architecture}}.zip"},
    }


def mark_nothing(resource: dict[str, Any]) -> None:
    """Takes away SAM's own tag, which would say that the SAM CLI made the function."""
    tags = resource["Properties"].get("Tags")
    if tags == [{"Key": "lambda:createdBy", "Value": "SAM"}]:
        del resource["Properties"]["Tags"]


class Plain(yaml.SafeDumper):
    """YAML without anchors, which not every reader of templates knows."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True
