"""What infra/README.md says, held against what there is."""

from __future__ import annotations

import json
import sys
import unittest

from expand import EXPANDED, ROOT
from policies import Policy, parliament_says

sys.path.insert(0, str(ROOT / "infra"))

import cost  # noqa: E402
import yaml  # noqa: E402

PAGE = cost.PAGE.read_text()
TEMPLATE = yaml.safe_load(EXPANDED.read_text())


class Page(unittest.TestCase):
    """The page for those who run it."""

    def test_the_cost_sheet_is_what_the_script_computes(self) -> None:
        """`make cost` writes it."""
        self.assertEqual(PAGE, cost.page_with_sheet(PAGE))
        self.assertIn("| polling of the queues |", PAGE)

    def test_every_parameter_is_explained(self) -> None:
        """Those of the SAM template, and where StackSets find the code."""
        self.assertEqual([name for name in TEMPLATE["Parameters"] if f"`{name}`" not in PAGE], [])

    def test_every_alarm_sends_people_to_a_section_that_is_there(self) -> None:
        """By the heading that its description names."""
        alarms = [each for each in TEMPLATE["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
        headings = [each["Properties"]["AlarmDescription"].split('See "')[1].split('"')[0] for each in alarms]
        self.assertEqual([heading for heading in headings if f"\n### {heading}\n" not in PAGE], [])
        self.assertEqual(len(set(headings)), len(alarms))

    def test_the_policies_for_organizations_name_actions_that_there_are(self) -> None:
        """And fit: a service control policy takes 5,120 characters."""
        for file in sorted((ROOT / "infra" / "prevention").glob("scp-*.json")):
            document = json.loads(file.read_text())
            found = [each for each in parliament_says(Policy(file.name, "PolicyDocument", document))]
            self.assertEqual([str(each) for each in found if each.check not in MEANT], [])
            self.assertLess(len(json.dumps(document, separators=(",", ":"))), 5_120)
            self.assertIn(f"`prevention/{file.name}`", PAGE)


# A denial for everything is what such a policy is for, and one list of actions stands for several services' resources.
MEANT = ("RESOURCE_STAR",)

if __name__ == "__main__":
    unittest.main()
