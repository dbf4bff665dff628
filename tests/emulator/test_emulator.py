"""The emulator as a process, as a server, and through its control API."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import pathlib
import subprocess
import sys
import threading
import unittest
import urllib.error
import urllib.request
import uuid
from typing import Any

from emulated import SOMEONE, REGION, EmulatedAws, Refused, every_protocol, tcp

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.70.0"
ROLE = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE0ROLE00000:deployer",
    "arn": "arn:aws:sts::111122223333:assumed-role/pipeline/deployer",
    "accountId": "111122223333",
    "sessionContext": {"attributes": {"mfaAuthenticated": "false"}},
}


class Process(unittest.TestCase):
    """The script that a harness starts."""

    def test_says_where_it_is_and_ends_when_its_input_closes(self) -> None:
        script = pathlib.Path(__file__).with_name("emulator.py")
        with subprocess.Popen(
            [sys.executable, str(script), "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            ready = json.loads(process.stdout.readline())
            self.assertRegex(ready["endpoint"], r"^http://127\.0\.0\.1:\d+$")
            with urllib.request.urlopen(f"{ready['endpoint']}/_emulator/calls?after=0") as answer:
                self.assertEqual(json.load(answer), {"calls": []})
            process.stdin.close()
            self.assertEqual(process.wait(timeout=30), 0)
            self.assertEqual(process.stdout.read(), b"", "nothing but the one line may go to standard output")


class Rights(EmulatedAws):
    """What a caller may do."""

    def test_a_call_without_the_right_is_refused_as_aws_does_and_changes_nothing(self) -> None:
        group = self.group(self.vpc())
        self.control("rights", {SOMEONE: ["ec2:DescribeSecurityGroupRules"]})
        before = self.rules(group)
        refused = {
            ("ec2", "revoke_security_group_egress"): "UnauthorizedOperation",
            ("sns", "list_topics"): "AuthorizationError",
            ("ssm", "get_parameters"): "AccessDeniedException",
            ("dynamodb", "list_tables"): "AccessDeniedException",
        }
        parameters = {
            "revoke_security_group_egress": {"GroupId": group, "IpPermissions": [every_protocol("0.0.0.0/0")]},
            "get_parameters": {"Names": ["/guardrail"]},
        }
        for (service, operation), code in refused.items():
            self.assert_refused(code, operation, parameters.get(operation, {}), service)
        self.assertEqual(self.rules(group), before)
        self.call("describe_vpcs", access_key="AKIAIOSFODNN7SOMEONE")
        used = ["dynamodb:ListTables", "ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupEgress"]
        self.assertEqual(self.control("rights")["used"], {SOMEONE: [*used, "sns:ListTopics", "ssm:GetParameters"]})

    def test_a_transaction_asks_for_the_rights_of_its_parts(self) -> None:
        schema = {
            "TableName": "ledger",
            "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        self.call("create_table", schema, "dynamodb")
        parts = {"TransactItems": [{"Put": {"TableName": "ledger", "Item": {"key": {"S": "a"}}}}]}
        self.control("rights", {SOMEONE: ["dynamodb:UpdateItem"]})
        self.assert_refused("AccessDeniedException", "transact_write_items", parts, "dynamodb")
        self.control("rights", {SOMEONE: ["dynamodb:PutItem"]})
        self.call("transact_write_items", parts, "dynamodb")


class Calls(EmulatedAws):
    """What the emulator remembers of calls."""

    def test_each_aws_call_is_listed_and_no_control_call(self) -> None:
        self.call("describe_vpcs")
        with self.assertRaises(Refused):
            self.call("describe_vpcs", {"VpcIds": ["vpc-0123456789abcdef0"]})
        members = ("sequence", "service", "action", "status", "error_code")
        seen = [tuple(one[member] for member in members) for one in self.calls()]
        first, second = (1, "ec2", "DescribeVpcs", 200, None), (2, "ec2", "DescribeVpcs", 400, "InvalidVpcID.NotFound")
        self.assertEqual(seen, [first, second])
        self.assertEqual({one["access_key"] for one in self.calls()}, {SOMEONE})
        self.assertEqual([one["sequence"] for one in self.control("calls?after=1")["calls"]], [2])

    def test_calls_over_one_connection_name_the_same_peer(self) -> None:
        peers = []
        for connection in (self.connection(), self.connection()):
            for _ in range(2):
                self.describe_over(connection)
                peers.append(self.calls()[-1]["connection"])
        self.assertEqual(peers[0], peers[1])
        self.assertEqual(peers[2], peers[3])
        self.assertNotEqual(peers[0], peers[2])

    def test_a_chunked_request_is_read_and_the_connection_stays_usable(self) -> None:
        connection = self.connection()
        for _ in range(2):
            answer = self.describe_over(connection, chunked=True)
            self.assertIn(b"<DescribeVpcsResponse", answer)

    def test_a_call_that_the_emulator_cannot_carry_out_answers_500(self) -> None:
        connection = self.connection()
        with contextlib.redirect_stderr(io.StringIO()) as told:
            answer = self.describe_over(connection, action="DescribeLagoons")
        self.assertIn(b"<Code>InternalError</Code>", answer)
        self.assertIn("OperationNotFoundError: DescribeLagoons", told.getvalue())
        self.assertEqual((self.calls()[-1]["status"], self.calls()[-1]["error_code"]), (500, "InternalError"))

    def test_other_services_are_served_and_not_recorded(self) -> None:
        topic = self.call("create_topic", {"Name": "security"}, "sns")["TopicArn"]
        queue = self.call("create_queue", {"QueueName": "inbox"}, "sqs")["QueueUrl"]
        asked = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
        arn = self.call("get_queue_attributes", asked, "sqs")["Attributes"]["QueueArn"]
        self.call("subscribe", {"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn}, "sns")
        message = json.dumps({"default": "for machines", "sqs": "for the queue"})
        sent = {"TopicArn": topic, "Subject": "egress opened", "Message": message, "MessageStructure": "json"}
        self.call("publish", sent, "sns")
        (received,) = self.call("receive_message", {"QueueUrl": queue}, "sqs")["Messages"]
        envelope = json.loads(received["Body"])
        self.assertEqual((envelope["Subject"], envelope["Message"]), ("egress opened", "for the queue"))
        self.assertEqual(self.records(), [])
        self.assert_refused("ParameterNotFound", "get_parameter", {"Name": "/guardrail/policy"}, "ssm")
        self.assertEqual(self.calls()[-1]["error_code"], "ParameterNotFound")
        self.assertEqual(self.calls()[-1]["action"], "GetParameter")
        self.assertEqual(self.call("get_caller_identity", service="sts")["Account"], "111122223333")

    def connection(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"))
        self.addCleanup(connection.close)
        return connection

    @staticmethod
    def describe_over(
        connection: http.client.HTTPConnection, chunked: bool = False, action: str = "DescribeVpcs"
    ) -> bytes:
        """A signed-looking call without an SDK."""
        scope = f"AWS4-HMAC-SHA256 Credential={SOMEONE}/20260102/{REGION}/ec2/aws4_request, Signature=0"
        headers = {"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        body = f"Action={action}&Version=2016-11-15".encode()
        content: Any = iter([body[:10], body[10:]]) if chunked else body
        connection.request("POST", "/", content, headers, encode_chunked=chunked)
        return connection.getresponse().read()


class Records(EmulatedAws):
    """Who did what, in CloudTrail's words; the dialects have tests of their own in test_records.py."""

    def setUp(self) -> None:
        """A group to act on; what made it is of no interest."""
        super().setUp()
        self.group_id = self.group(self.vpc())
        self.before = len(self.records())

    def open_egress(self, **how: Any) -> dict[str, Any]:
        """Opens egress to the world on 443 and gives the record of it."""
        asked = {"GroupId": self.group_id, "IpPermissions": [tcp(443, "0.0.0.0/0")]}
        self.call("authorize_security_group_egress", asked, **how)
        return self.last_record()

    def test_a_change_leaves_one_record_and_a_read_none(self) -> None:
        record = self.open_egress()
        self.call("describe_security_groups")
        self.assertEqual(len(self.records()), self.before + 1)
        expected = {
            "eventSource": "ec2.amazonaws.com",
            "eventName": "AuthorizeSecurityGroupEgress",
            "awsRegion": REGION,
            "eventType": "AwsApiCall",
            "readOnly": False,
            "managementEvent": True,
            "recipientAccountId": "111122223333",
        }
        self.assertEqual({key: record[key] for key in expected}, expected)
        self.assertNotIn("errorCode", record)
        self.assertRegex(record["eventTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        uuid.UUID(record["eventID"])

    def test_the_request_id_is_the_one_of_the_answer(self) -> None:
        wish = {"service": "ec2", "operation": "create_vpc", "access_key": SOMEONE, "region": REGION}
        answer = self.control("call", {**wish, "parameters": {"CidrBlock": "10.9.0.0/16"}})
        record = self.last_record()
        uuid.UUID(answer["request_id"])
        self.assertEqual(record["requestID"], answer["request_id"])
        self.assertEqual(record["responseElements"]["requestId"], answer["request_id"])

    def test_events_after_a_sequence_number_are_only_the_later_ones(self) -> None:
        self.open_egress()
        (event,) = self.control(f"events?after={self.before}")["events"]
        self.assertEqual(event["sequence"], self.before + 1)
        self.assertEqual(self.control(f"events?after={self.before + 1}"), {"events": []})

    def test_an_unknown_key_is_an_iam_user_called_someone(self) -> None:
        identity = self.open_egress()["userIdentity"]
        known = {member: identity[member] for member in ("type", "userName", "accessKeyId")}
        self.assertEqual(known, {"type": "IAMUser", "userName": "someone", "accessKeyId": SOMEONE})

    def test_a_registered_identity_stands_in_the_record_with_its_key(self) -> None:
        self.control("identities", {"ASIAIOSFODNN7EXAMPLE": ROLE})
        record = self.open_egress(access_key="ASIAIOSFODNN7EXAMPLE")
        self.assertEqual(record["userIdentity"], {**ROLE, "accessKeyId": "ASIAIOSFODNN7EXAMPLE"})

    def test_a_service_identity_has_no_key_and_stands_for_address_and_agent(self) -> None:
        service = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
        for_alice = {**ROLE, "invokedBy": "cloudformation.amazonaws.com", "accessKeyId": None}
        self.control("identities", {"ASIASERVICE000000000": service, "ASIACLOUDFORMATION00": for_alice})
        record = self.open_egress(access_key="ASIASERVICE000000000")
        self.assertEqual(record["userIdentity"], service)
        self.assertEqual(record["sourceIPAddress"], "autoscaling.amazonaws.com")
        self.assertEqual(record["userAgent"], "autoscaling.amazonaws.com")
        self.call("create_tags", {"Resources": [self.group_id], "Tags": []}, access_key="ASIACLOUDFORMATION00")
        self.assertNotIn("accessKeyId", self.last_record()["userIdentity"])

    def test_a_given_user_agent_replaces_the_whole_header(self) -> None:
        self.assertEqual(self.open_egress(user_agent=TERRAFORM)["userAgent"], TERRAFORM)
        self.call("create_vpc", {"CidrBlock": "10.8.0.0/16"})
        self.assertTrue(self.last_record()["userAgent"].startswith("Boto3/"))

    def test_a_failed_call_says_so_and_has_no_response(self) -> None:
        self.open_egress()
        with self.assertRaises(Refused) as caught:
            self.open_egress()
        self.assertEqual((caught.exception.code, caught.exception.status), ("InvalidPermission.Duplicate", 400))
        record = self.last_record()
        self.assertEqual(record["errorCode"], "Client.InvalidPermission.Duplicate")
        self.assertEqual(record["errorMessage"], caught.exception.message)
        self.assertIsNone(record["responseElements"])
        self.assertEqual(record["requestParameters"]["groupId"], self.group_id)

    def test_a_dry_run_changes_nothing_and_its_record_does_not_show_the_flag(self) -> None:
        before = self.cidrs(self.group_id)
        permission = every_protocol("2001:db8::/32")
        asked = {"GroupId": self.group_id, "IpPermissions": [permission], "DryRun": True}
        self.assert_refused("DryRunOperation", "authorize_security_group_egress", asked)
        self.assertEqual(self.cidrs(self.group_id), before)
        record = self.last_record()
        self.assertEqual(record["errorCode"], "Client.DryRunOperation")
        self.assertIsNone(record["responseElements"])
        self.assertNotIn("dryRun", record["requestParameters"])

    def test_records_of_calls_made_at_once_follow_one_another(self) -> None:
        def allow(number: int) -> None:
            permission = tcp(443, f"198.51.100.{number}/32")
            self.call("authorize_security_group_egress", {"GroupId": self.group_id, "IpPermissions": [permission]})

        threads = [threading.Thread(target=allow, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        events = self.control(f"events?after={self.before}")["events"]
        self.assertEqual([event["sequence"] for event in events], list(range(self.before + 1, self.before + 9)))
        self.assertEqual(len(self.rules(self.group_id)), 9, "the eight and the group's first")


class Control(EmulatedAws):
    """The control API itself."""

    def test_reset_forgets_state_records_calls_and_identities(self) -> None:
        self.control("identities", {SOMEONE: ROLE})
        vpc_id = self.vpc()
        self.control("reset", {})
        self.assertEqual((self.records(), self.calls()), ([], []))
        self.assert_refused("InvalidVpcID.NotFound", "describe_vpcs", {"VpcIds": [vpc_id]})
        self.vpc()
        self.assertEqual(self.last_record()["userIdentity"]["userName"], "someone")

    def test_times_in_results_are_iso_strings(self) -> None:
        vpc_id = self.vpc()
        made = {"VpcId": vpc_id, "ServiceName": f"com.amazonaws.{REGION}.s3"}
        created = self.call("create_vpc_endpoint", made)["VpcEndpoint"]["CreationTimestamp"]
        self.assertRegex(created, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

    def test_a_call_that_boto3_refuses_is_an_error_without_status(self) -> None:
        for operation, parameters in (("describe_lagoons", {}), ("describe_vpcs", {"Depth": 3})):
            with self.subTest(operation=operation), self.assertRaises(Refused) as caught:
                self.call(operation, parameters)
            self.assertEqual(caught.exception.status, 0)
        self.assertEqual(self.calls(), [])

    def test_a_bad_control_request_is_told_what_is_wrong(self) -> None:
        bad = (("nothing", None, 404), ("calls?after=x", None, 400), ("call", {"service": "ec2"}, 400))
        for path, body, status in bad:
            with self.subTest(path=path), self.assertRaises(urllib.error.HTTPError) as caught:
                self.control(path, body)
            self.assertEqual(caught.exception.code, status)
            self.assertIn("error", json.load(caught.exception))
            caught.exception.close()


if __name__ == "__main__":
    unittest.main()
