"""The checks can fail: each is shown something that is wrong."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

import run
import yaml
from expand import EXPANDED, SOURCE, expanded
from findings import Accepted, Finding, judged
from policies import Policy, parliament_says
from resolve import Template


def statement(**parts: Any) -> Policy:
    """A policy with one statement."""
    return Policy("Role.run", "Policies", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **parts}]})


class Checks(unittest.TestCase):
    """Each check, on what it must refuse."""

    def test_parliament_knows_actions_and_their_resources(self) -> None:
        """A misspelt action, and an action on a resource that it is never about."""
        misspelt = statement(Action="sqs:RecieveMessage", Resource="arn:aws:sqs:eu-west-1:111122223333:a")
        self.assertEqual([each.check for each in parliament_says(misspelt)], ["UNKNOWN_ACTION"])
        elsewhere = statement(Action="sqs:ReceiveMessage", Resource="arn:aws:sns:eu-west-1:111122223333:a")
        self.assertEqual([each.check for each in parliament_says(elsewhere)], ["RESOURCE_MISMATCH"])

    def test_what_nobody_accepted_is_wrong_and_what_nothing_needs_too(self) -> None:
        """An exception is about a check, a place and a text."""
        finding = Finding("STAR", "Role.run", "uses *")
        self.assertEqual(judged([finding], [Accepted("STAR", "Role.*", "meant")]), [])
        for other in (
            Accepted("STAR", "Key.*", "meant"),
            Accepted("OTHER", "*", "meant"),
            Accepted("STAR", "*", "meant", "no"),
        ):
            self.assertEqual(len(judged([finding], [other])), 2)
        self.assertEqual(len(judged([], [Accepted("STAR", "*", "meant")])), 1)

    def test_an_expanded_template_that_is_not_fresh_is_found(self) -> None:
        """A changed source changes it."""
        source = SOURCE.read_text()
        self.assertEqual(expanded(source), EXPANDED.read_text())
        self.assertNotEqual(expanded(source.replace("Default: notify", "Default: observe")), EXPANDED.read_text())

    def test_a_region_in_the_expanded_template_is_refused(self) -> None:
        """SAM writes the Region of this machine where it resolves one."""
        source = SOURCE.read_text().replace("Handler: bootstrap", "Handler: xx-nowhere-1")
        with self.assertRaisesRegex(ValueError, "SAM wrote a Region"):
            expanded(source)

    def test_a_tool_that_refuses_or_is_missing_is_no_success(self) -> None:
        """Missing ends everything."""
        self.assertEqual(run.says("false"), ["status 1"])
        with self.assertRaises(FileNotFoundError):
            run.says("no-such-tool")
        self.assertTrue(run.checkov(None))

    def test_checkov_that_read_nothing_is_no_success(self) -> None:
        """Without a report, and with an empty one."""
        for report in (
            "",
            '{"passed": 0}',
            '{"results": {"failed_checks": []}, "summary": {"passed": 0, "parsing_errors": 1}}',
        ):
            done = mock.Mock(stdout=report, stderr="")
            with mock.patch.object(run, "run", return_value=done):
                self.assertTrue(run.checkov(EXPANDED))

    def test_a_template_is_resolved_as_its_parameters_have_it(self) -> None:
        """Conditions, references and lists."""
        template = Template(yaml.safe_load(EXAMPLE), Mode="revert")
        self.assertEqual(
            template.resources(), {"A": {"Name": "guardrail-revert", "Only": [1, 2]}, "B": {"Arn": "A-Other"}}
        )
        self.assertEqual(
            Template(yaml.safe_load(EXAMPLE)).resources(), {"A": {"Name": "guardrail-notify", "Only": [2]}}
        )


EXAMPLE = """
Parameters: { Mode: { Type: String, Default: notify } }
Conditions: { IsRevert: { "Fn::Equals": [{ Ref: Mode }, revert] } }
Resources:
  A:
    Type: X
    Properties:
      Name: { "Fn::Sub": "${AWS::StackName}-${Mode}" }
      Only: [{ "Fn::If": [IsRevert, 1, { Ref: "AWS::NoValue" }] }, 2]
  B:
    Type: Y
    Condition: IsRevert
    Properties: { Arn: { "Fn::GetAtt": [A, Other] } }
"""

if __name__ == "__main__":
    unittest.main()
