"""What the template promises, held against what it would make of the stack."""

from __future__ import annotations

import fnmatch
import json
import re
import unittest
from typing import Any

import yaml
from expand import EXPANDED, ROOT
from policies import Policy, actions, policies
from resolve import Template

PLAIN: dict[str, Any] = yaml.safe_load(EXPANDED.read_text())
METRICS = (ROOT / "shared" / "lambda" / "src" / "metrics.rs").read_text()
MODES = ("observe", "notify", "revert")


def stack(**parameters: str) -> Template:
    """The stack with these parameters."""
    return Template(PLAIN, **parameters)


def generated() -> dict[str, dict[str, Any]]:
    """What follows from the rules, by function."""
    files = sorted((ROOT / "infra" / "generated").glob("*.json"))
    described = [json.loads(file.read_text()) for file in files if file.name != "policy.schema.json"]
    return {each["function"]: each for each in described}


def source_queues(template: Template) -> dict[str, dict[str, Any]]:
    """The queues that a function reads."""
    return {name: queue for name, queue in template.resources("AWS::SQS::Queue").items() if "RedrivePolicy" in queue}


class Functions(unittest.TestCase):
    """Each function, and how its events come."""

    def setUp(self) -> None:
        """The stack as it is by default."""
        self.stack = stack()
        self.functions = self.stack.resources("AWS::Lambda::Function")
        # The one that a schedule wakes; all others are woken by calls.
        self.sweep = self.functions.pop("SweepFunction")

    def test_every_function_that_is_built_is_in_it_and_no_other(self) -> None:
        """The workspace's folder, the rules and the template agree."""
        built = {each.parent.name for each in (ROOT / "functions").glob("*/Cargo.toml")}
        keys = {each["Code"]["S3Key"].rsplit("/", 1)[-1] for each in [*self.functions.values(), self.sweep]}
        self.assertEqual({key.removeprefix("a-CodePrefix").removesuffix("-arm64.zip") for key in keys}, built)
        self.assertEqual(set(generated()) | {"sweep"}, built)

    def test_a_message_is_hidden_for_six_times_as_long_as_a_function_may_take(self) -> None:
        """AWS asks for it."""
        [timeout] = {each["Timeout"] for each in self.functions.values()}
        self.assertEqual({each["VisibilityTimeout"] for each in source_queues(self.stack).values()}, {6 * timeout})

    def test_a_function_knows_at_which_receive_its_queue_gives_up(self) -> None:
        """Otherwise it would tell of failures too early, or never."""
        known = {int(each["Environment"]["Variables"]["GUARDRAIL_MAX_RECEIVES"]) for each in self.functions.values()}
        queues = source_queues(self.stack).values()
        self.assertEqual({each["RedrivePolicy"]["maxReceiveCount"] for each in queues}, known)

    def test_each_function_reads_an_immediate_and_a_delayed_queue_in_parts_two_at_a_time(self) -> None:
        """And no mapping is without partial failures, or unbounded."""
        mappings = self.stack.resources("AWS::Lambda::EventSourceMapping").values()
        read = sorted(each["EventSourceArn"].rsplit(":", 1)[-1] for each in mappings)
        self.assertEqual(read, sorted(source_queues(self.stack)))
        self.assertEqual(len(read), 2 * len(self.functions))
        for each in mappings:
            self.assertEqual(each["FunctionResponseTypes"], ["ReportBatchItemFailures"])
            self.assertEqual(each["ScalingConfig"], {"MaximumConcurrency": 2})
        delays = sorted(each.get("DelaySeconds", 0) for each in source_queues(self.stack).values())
        self.assertEqual(delays, [0] * len(self.functions) + [45] * len(self.functions))

    def test_every_rule_has_one_target_which_it_may_send_to_and_a_dead_letter_queue_likewise(self) -> None:
        """What a rule cannot deliver is never lost for want of a right."""
        may_send = {
            (source, statement["Resource"])
            for policy in policies(self.stack)
            for statement in policy.statements()
            if statement["Effect"] == "Allow" and statement["Action"] == "sqs:SendMessage"
            for source in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
        }
        rules = self.stack.resources("AWS::Events::Rule")
        rules = {name: rule for name, rule in rules.items() if "EventPattern" in rule}
        self.assertEqual(len(rules), 2 * len(self.functions))
        for name, rule in rules.items():
            [target] = rule["Targets"]
            arn = f"arn:aws:events:eu-west-1:111122223333:rule/{name}"
            self.assertIn((arn, target["Arn"]), may_send)
            self.assertIn((arn, target["DeadLetterConfig"]["Arn"]), may_send)

    def test_every_queue_is_encrypted_and_refuses_plain_text(self) -> None:
        """Dead letters too."""
        queues = self.stack.resources("AWS::SQS::Queue")
        self.assertTrue(all(each["SqsManagedSseEnabled"] is True for each in queues.values()))
        refusing = {
            statement["Resource"].rsplit(":", 1)[-1]
            for policy in policies(self.stack)
            for statement in policy.statements()
            if statement["Effect"] == "Deny" and statement["Action"] == "sqs:*"
        }
        self.assertEqual(refusing, set(queues))

    def test_nobody_but_the_queues_may_invoke_a_function_and_nobody_but_its_schedule_the_sweep(self) -> None:
        """No other function has a policy, and none an address of its own."""
        self.assertEqual(self.stack.resources("AWS::Lambda::Url"), {})
        [schedule] = [name for name, rule in self.stack.resources("AWS::Events::Rule").items() if "EventPattern" not in rule]
        [permission] = self.stack.resources("AWS::Lambda::Permission").values()
        self.assertEqual((permission["FunctionName"], permission["Principal"]), ("SweepFunction", "events.amazonaws.com"))
        self.assertEqual(permission["SourceArn"], f"arn:aws:events:eu-west-1:111122223333:rule/{schedule}")

    def test_the_sweep_is_woken_once_an_hour_and_has_all_the_time_there_is(self) -> None:
        """What it cannot finish it goes on with in the next hour, so that no run need be tried again."""
        [schedule] = [rule for rule in self.stack.resources("AWS::Events::Rule").values() if "EventPattern" not in rule]
        self.assertEqual((schedule["ScheduleExpression"], self.sweep["Timeout"]), ("rate(1 hour)", 900))
        [invocations] = self.stack.resources("AWS::Lambda::EventInvokeConfig").values()
        self.assertEqual(invocations["MaximumRetryAttempts"], 0)

    def test_the_marker_group_is_there_where_a_vpc_is_given_and_leads_nowhere(self) -> None:
        """And the sweep knows it, and may edit nothing else."""
        self.assertEqual(self.stack.resources("AWS::EC2::SecurityGroup"), {})
        self.assertEqual(self.sweep["Environment"]["Variables"]["GUARDRAIL_MARKER_GROUP"], "")
        marked = stack(MarkerVpcId="vpc-0a1b2c3d4e5f67890")
        [group] = marked.resources("AWS::EC2::SecurityGroup").values()
        [rule] = group["SecurityGroupEgress"]
        self.assertEqual((rule["IpProtocol"], rule["CidrIp"]), ("-1", "127.0.0.1/32"))
        self.assertNotIn("SecurityGroupIngress", group)
        sweep = marked.resources("AWS::Lambda::Function")["SweepFunction"]
        self.assertEqual(sweep["Environment"]["Variables"]["GUARDRAIL_MARKER_GROUP"], "MarkerGroup-GroupId")
        edits = [
            statement["Resource"]
            for policy in policies(marked)
            for statement in policy.statements()
            if "ec2:UpdateSecurityGroupRuleDescriptionsEgress" in listed(statement["Action"])
        ]
        self.assertEqual(edits, ["arn:aws:ec2:eu-west-1:111122223333:security-group/MarkerGroup-GroupId"])


class Rights(unittest.TestCase):
    """What the functions may do."""

    def roles(self, mode: str) -> list[Policy]:
        """The roles' policies in a mode, outside a VPC."""
        return [each for each in policies(stack(Mode=mode)) if each.key == "Policies"]

    def test_below_revert_nothing_can_be_changed(self) -> None:
        """The rights that the rules' changes need are there in mode revert only."""
        changes = {
            action
            for each in generated().values()
            for statement in each["statements"]["write"]
            for action in statement["Action"]
        }
        self.assertTrue(changes)
        for mode in MODES:
            allowed = {action for policy in self.roles(mode) for action in actions(policy)}
            self.assertEqual(changes & allowed, changes if mode == "revert" else set(), mode)

    def test_below_revert_a_role_only_reads_the_network(self) -> None:
        """And has no other right than to take, keep, tell and log."""
        own = ("dynamodb", "kms", "logs", "sns", "sqs", "ssm")
        for policy in self.roles("notify"):
            for action in actions(policy):
                service, name = action.split(":")
                self.assertTrue(service in own or re.match("(Describe|Get|GET|List)", name), action)
                self.assertNotIn("*", action)

    def test_no_statement_of_a_role_names_everything_but_for_reads_of_the_network(self) -> None:
        """A right is about the stack's own parts."""
        for policy in self.roles("revert"):
            for statement in policy.statements():
                if policy.place.endswith(".read-network"):
                    continue
                self.assertNotIn("*", listed(statement["Resource"]), policy.place)

    def test_the_guardrail_knows_its_own_roles(self) -> None:
        """By the names that the roles really have."""
        roles = stack().resources("AWS::IAM::Role").values()
        arns = {f"arn:aws:iam::111122223333:role{each['Path']}{each['RoleName']}" for each in roles}
        for function in stack().resources("AWS::Lambda::Function").values():
            self.assertEqual(set(function["Environment"]["Variables"]["GUARDRAIL_ROLE_ARNS"].split(",")), arns)

    def test_the_guardrail_knows_its_own_parts(self) -> None:
        """Every function, queue, event rule and key, whole or by the beginning of its ARN."""
        template = stack()
        here = "eu-west-1:111122223333"
        named = {
            "AWS::Lambda::Function": ("FunctionName", f"lambda:{here}:function:"),
            "AWS::SQS::Queue": ("QueueName", f"sqs:{here}:"),
            "AWS::Events::Rule": ("Name", f"events:{here}:rule/"),
        }
        owned = [template.value({"Fn::GetAtt": ["NoticesKey", "Arn"]})]
        for kind, (name, arn) in named.items():
            owned += [f"arn:aws:{arn}{each[name]}" for each in template.resources(kind).values()]
        for function in template.resources("AWS::Lambda::Function").values():
            known = function["Environment"]["Variables"]["GUARDRAIL_PARTS"].split(",")
            for arn in owned:
                self.assertTrue(any(fnmatch.fnmatchcase(arn, part) for part in known), arn)

    def test_the_names_of_event_rules_and_the_variables_of_a_function_have_room(self) -> None:
        """AWS takes 64 characters for a rule's name, and 4 KB for all variables, also under the longest name of a stack."""
        template = stack()
        longest = 64 - max(len(each["RoleName"]) for each in template.resources("AWS::IAM::Role").values())
        for rule in template.resources("AWS::Events::Rule").values():
            self.assertLessEqual(len(rule["Name"]) + longest, 64)
        for function in template.resources("AWS::Lambda::Function").values():
            variables = function["Environment"]["Variables"]
            names = sum(value.count("guardrail-") for value in variables.values())
            length = sum(len(name) + len(value) for name, value in variables.items())
            self.assertLessEqual(length + names * longest, 4096)

    def test_a_boundary_bounds_every_role(self) -> None:
        """Where one is asked for, and only there."""
        boundary = "arn:aws:iam::111122223333:policy/boundary"
        for role in stack(PermissionsBoundary=boundary).resources("AWS::IAM::Role").values():
            self.assertEqual(role["PermissionsBoundary"], boundary)
        for role in stack().resources("AWS::IAM::Role").values():
            self.assertNotIn("PermissionsBoundary", role)


class Stack(unittest.TestCase):
    """The common parts."""

    def test_it_is_safe_by_default(self) -> None:
        """Nobody who takes the defaults has anything changed."""
        self.assertEqual(PLAIN["Parameters"]["Mode"]["Default"], "notify")
        for function in stack().resources("AWS::Lambda::Function").values():
            variables = function["Environment"]["Variables"]
            self.assertEqual(
                (variables["GUARDRAIL_MAX_MODE"], variables["GUARDRAIL_POLICY"]), ("notify", "file:policy.yaml")
            )

    def test_the_ledger_and_the_logs_outlive_it_and_nothing_else_does(self) -> None:
        """And neither has a name that would be in a new stack's way."""
        kept = {name for name, each in PLAIN["Resources"].items() if each.get("DeletionPolicy", "Delete") != "Delete"}
        meant = {"Ledger"} | {
            name for name, each in PLAIN["Resources"].items() if each["Type"] == "AWS::Logs::LogGroup"
        }
        self.assertEqual(kept, meant)
        for name in kept:
            resource = PLAIN["Resources"][name]
            self.assertEqual(
                (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("RetainExceptOnCreate", "Retain")
            )
            self.assertFalse({"TableName", "LogGroupName"} & set(resource["Properties"]))

    def test_the_ledger_has_the_form_that_the_functions_expect(self) -> None:
        """README.md, "The function"."""
        ledger = stack().resources("AWS::DynamoDB::Table")["Ledger"]
        self.assertEqual(ledger["KeySchema"], [{"AttributeName": "key", "KeyType": "HASH"}])
        self.assertEqual(ledger["TimeToLiveSpecification"], {"AttributeName": "expires", "Enabled": True})

    def test_the_kill_switch_is_never_written_again(self) -> None:
        """Nothing of it follows a parameter that an update could change."""
        [switch] = [each for each in PLAIN["Resources"].values() if each["Type"] == "AWS::SSM::Parameter"]
        name = {"Fn::Sub": "/guardrail/${AWS::StackName}/max-mode"}
        self.assertEqual((switch["Properties"]["Name"], switch["Properties"]["Value"]), (name, "revert"))
        others = {key: value for key, value in switch["Properties"].items() if key != "Name"}
        self.assertTrue(all(isinstance(value, str) for value in others.values()))

    def test_alarms_are_few_tell_people_and_but_for_one_do_not_mind_silence(self) -> None:
        """And none has more figures than an alarm may have."""
        alarms = stack(MarkerVpcId="vpc-0a1b2c3d4e5f67890").resources("AWS::CloudWatch::Alarm")
        self.assertLessEqual(len(alarms), 5)
        for name, alarm in alarms.items():
            self.assertEqual(alarm["TreatMissingData"], "breaching" if name == "SilenceAlarm" else "notBreaching")
            self.assertEqual(alarm["AlarmActions"], ["arn:aws:sns:eu-west-1:111122223333:Notices"])
            self.assertLessEqual(len([each for each in alarm["Metrics"] if "MetricStat" in each]), 10)
            self.assertEqual(len([each for each in alarm["Metrics"] if each["ReturnData"]]), 1)

    def test_alarms_and_dashboard_know_the_figures_that_the_functions_write(self) -> None:
        """A misspelt one would be silent for ever."""
        alarms = stack(MarkerVpcId="vpc-0a1b2c3d4e5f67890").resources("AWS::CloudWatch::Alarm")
        metrics = [each for alarm in alarms.values() for each in alarm["Metrics"]]
        ours = [each["MetricStat"]["Metric"] for each in metrics if "MetricStat" in each]
        ours = [each for each in ours if not each["Namespace"].startswith("AWS/")]
        self.assertIn(f'NAMESPACE: &str = "{ours[0]["Namespace"]}"', METRICS)
        [board] = stack().resources("AWS::CloudWatch::Dashboard").values()
        body = json.dumps(json.loads(board["DashboardBody"]))
        named = {each["MetricName"] for each in ours} | set(re.findall(r'MetricName=\\"(\w+)\\"', body))
        self.assertGreater(len(named), 8)
        self.assertEqual({name for name in named if f'"{name}"' not in METRICS}, set())
        functions = {each["Dimensions"][0]["Value"] for each in ours}
        self.assertEqual(functions, set(generated()) | {"sweep"})

    def test_descriptions_fit(self) -> None:
        """Lambda takes 256 characters."""
        for function in stack().resources("AWS::Lambda::Function").values():
            self.assertLessEqual(len(function["Description"]), 256)


def listed(value: Any) -> list[Any]:
    """One or many, as many."""
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    unittest.main()
