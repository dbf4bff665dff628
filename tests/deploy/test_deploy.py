"""The stack, deployed by the SAM CLI from the packaged zip, used, changed and deleted, on an AWS of this machine.

What is not AWS here: IAM is not enforced, alarms are there and never rung, and nothing is eventually consistent.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import unittest
from pathlib import Path
from typing import Any

from stand import ACCOUNT, REGION, ROOT, Stand, until

ARCHITECTURE = {"aarch64": "arm64", "x86_64": "x86_64"}[platform.machine()]
# Where the zips are, and the template for them.
PACKAGES = ROOT / os.environ.get("GUARDRAIL_PACKAGES", "target/package")
TEMPLATE = PACKAGES / f"template-{ARCHITECTURE}.yaml"
STACK = "guardrail"
# Every rule reverts as far as the stack lets it; there is no endpoint in this network.
POLICY = """
version: 1
scope:
  private_vpcs:
    - tags: { connectivity: private }
allowed_destinations: [10.0.0.0/8]
mode: revert
rules:
  open-egress: { require_private_path: false }
"""
WORLD = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class Deployed(unittest.TestCase):
    """One stack, from its first deployment to its end."""

    def setUp(self) -> None:
        """An empty AWS with a policy file and a bucket for the code."""
        folder = tempfile.TemporaryDirectory(prefix="vpc-guardrail-deploy-")
        self.addCleanup(folder.cleanup)
        self.stand = Stand(Path(folder.name))
        self.addCleanup(self.stand.stop)
        self.stand.aws("s3").create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.stand.aws("ssm").put_parameter(Name="/guardrail/policy", Value=POLICY, Type="String")

    def test_from_the_first_deployment_to_the_end(self) -> None:
        """Deploy, revert, tell only, stop by the switch, delete."""
        before = self.what_there_is()
        self.deploy("revert")
        self.subscribe()
        group = self.new_group()
        self.assertIn("change-network", self.rights())

        self.open(group)
        notice = self.notice_about(group)
        self.assertEqual(notice["mode"], "revert")
        self.assertEqual(self.egress(group), ["10.0.0.0/8"])
        self.assertEqual(self.stages(), ["told"])

        # What a tool does waits in the other queue.
        self.open(self.new_group(), user_agent="APN/1.0 HashiCorp/1.0 Terraform/1.9.0")
        self.assertEqual(self.waiting("delayed"), 1)
        self.assertEqual(self.waiting("immediate"), 0)

        # Below revert there is no right to change anything, and the next event is told only.
        self.deploy("notify")
        self.assertNotIn("change-network", self.rights())
        told_only = self.new_group()
        self.open(told_only)
        self.assertEqual(self.notice_about(told_only)["mode"], "notify")
        self.assertEqual(self.egress(told_only), ["0.0.0.0/0"])

        # What an operator has put into the kill switch outlives updates of the stack, and holds.
        switch = self.outputs()["KillSwitchName"]
        self.stand.aws("ssm").put_parameter(Name=switch, Value="notify", Type="String", Overwrite=True)
        self.deploy("revert")
        self.assertEqual(self.stand.aws("ssm").get_parameter(Name=switch)["Parameter"]["Value"], "notify")
        stopped = self.new_group()
        self.open(stopped)
        self.assertEqual(self.notice_about(stopped)["mode"], "notify")
        self.assertEqual(self.egress(stopped), ["0.0.0.0/0"])

        self.assertEqual(self.dead_letters(), 0)
        logs = {name for key, name in self.outputs().items() if key.endswith("LogGroup")}
        kept = {("table", self.outputs()["LedgerTable"]), *(("log group", name) for name in logs)}
        inbox = {("queue", "inbox")}
        self.stand.sam("delete", "--stack-name", STACK, "--region", REGION, "--no-prompts")
        self.assertEqual(self.what_there_is() - before, kept | inbox)

    # ---- the stack ----

    def deploy(self, mode: str) -> None:
        """As `make deploy` does, without the questions."""
        self.stand.sam(
            *("deploy", "--template-file", str(TEMPLATE), "--stack-name", STACK, "--s3-bucket", "code"),
            *("--capabilities", "CAPABILITY_NAMED_IAM", "--no-confirm-changeset", "--no-progressbar"),
            *("--parameter-overrides", f"Mode={mode}", "PolicyParameter=/guardrail/policy"),
        )

    def outputs(self) -> dict[str, str]:
        """What the stack tells of itself."""
        [stack] = self.stand.aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def rights(self) -> list[str]:
        """The policies of the function's role."""
        name = f"{STACK}-security-groups-{REGION}"
        policies: list[str] = self.stand.aws("iam").list_role_policies(RoleName=name)["PolicyNames"]
        return policies

    def stages(self) -> list[str]:
        """How far the ledger's entries have come."""
        items = self.stand.aws("dynamodb").scan(TableName=self.outputs()["LedgerTable"], ConsistentRead=True)["Items"]
        return [each["stage"]["S"] for each in items if "stage" in each]

    def waiting(self, queue: str) -> int:
        """How many messages a queue of the function holds back or offers."""
        sqs = self.stand.aws("sqs")
        url = sqs.get_queue_url(QueueName=f"{STACK}-security-groups-{queue}")["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def dead_letters(self) -> int:
        """How many events were given up."""
        return self.waiting("dead-letters")

    # ---- the network ----

    def new_group(self) -> str:
        """A security group of a private VPC that lets nothing out."""
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "connectivity", "Value": "private"}]}]
        vpc = self.stand.call("create_vpc", CidrBlock="10.1.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        group = self.stand.call("create_security_group", GroupName="app", Description="app", VpcId=vpc)["GroupId"]
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.stand.call("revoke_security_group_egress", GroupId=group, IpPermissions=[everything])
        return str(group)

    def open(self, group: str, user_agent: str = "aws-cli/2.31.0") -> None:
        """Somebody opens a group to the world, and CloudTrail tells of it."""
        self.stand.call("authorize_security_group_egress", user_agent, GroupId=group, IpPermissions=[WORLD])
        self.stand.deliver_last_call()

    def egress(self, group: str) -> list[str]:
        """Where a group lets out to."""
        filters = [{"Name": "group-id", "Values": [group]}]
        rules = self.stand.call("describe_security_group_rules", Filters=filters)["SecurityGroupRules"]
        return [rule["CidrIpv4"] for rule in rules if rule["IsEgress"]]

    # ---- who is told ----

    def subscribe(self) -> None:
        """The security team's queue."""
        self.inbox = self.stand.aws("sqs").create_queue(QueueName="inbox")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox"
        self.stand.aws("sns").subscribe(TopicArn=self.outputs()["NoticesTopic"], Protocol="sqs", Endpoint=arn)

    def notice_about(self, group: str) -> dict[str, Any]:
        """The next notice that the security team gets."""
        sqs = self.stand.aws("sqs")

        def look() -> Any:
            return sqs.receive_message(QueueUrl=self.inbox, WaitTimeSeconds=1).get("Messages")

        try:
            [message] = until(f"a notice about {group}", look)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.stand.log()[-4000:]}") from error
        sqs.delete_message(QueueUrl=self.inbox, ReceiptHandle=message["ReceiptHandle"])
        notice: dict[str, Any] = json.loads(json.loads(message["Body"])["Message"])
        self.assertEqual([each["resource"]["id"] for each in notice["findings"]], [group])
        return notice

    # ---- what there is ----

    def what_there_is(self) -> set[tuple[str, str]]:
        """Everything of the kinds that the stack makes."""
        aws = self.stand.aws
        keys = [each["KeyId"] for each in aws("kms").list_keys()["Keys"]]
        alive = [key for key in keys if aws("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"]
        alarms = aws("cloudwatch").describe_alarms()["MetricAlarms"]
        mappings = aws("lambda").list_event_source_mappings()["EventSourceMappings"]
        listed = {
            "alarm": [each["AlarmName"] for each in alarms],
            "dashboard": [each["DashboardName"] for each in aws("cloudwatch").list_dashboards()["DashboardEntries"]],
            "event source mapping": [each["UUID"] for each in mappings if each["State"] != "Deleting"],
            "function": [each["FunctionName"] for each in aws("lambda").list_functions()["Functions"]],
            "key": alive,
            "log group": [each["logGroupName"] for each in aws("logs").describe_log_groups()["logGroups"]],
            "parameter": [each["Name"] for each in aws("ssm").describe_parameters()["Parameters"]],
            "queue": [each.rsplit("/", 1)[-1] for each in aws("sqs").list_queues().get("QueueUrls", [])],
            "role": [each["RoleName"] for each in aws("iam").list_roles()["Roles"]],
            "rule": [each["Name"] for each in aws("events").list_rules()["Rules"]],
            "stack": [
                each["StackName"]
                for each in aws("cloudformation").list_stacks()["StackSummaries"]
                if each["StackStatus"] != "DELETE_COMPLETE"
            ],
            "subscription": [each["SubscriptionArn"] for each in aws("sns").list_subscriptions()["Subscriptions"]],
            "table": aws("dynamodb").list_tables()["TableNames"],
            "topic": [each["TopicArn"] for each in aws("sns").list_topics()["Topics"]],
        }
        return {(kind, name) for kind, names in listed.items() for name in names}


if __name__ == "__main__":
    unittest.main()
