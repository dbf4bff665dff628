"""The first deployment as the page infra/README.md has it: `make deploy`, which asks what it must know."""

from __future__ import annotations

import tempfile
import tomllib
import unittest
from pathlib import Path

from stand import REGION, Stand
from test_deploy import ARCHITECTURE, PACKAGES

STACK = "guided"
ANSWERS = {"NotifyEmail": "security@example.com", "Deploy this changeset": "y"}


class Guided(unittest.TestCase):
    """A person at a terminal."""

    def test_a_newcomer_is_asked_and_the_answers_are_kept_for_the_next_time(self) -> None:
        """Twice: the second time the first answers are the defaults."""
        folder = tempfile.TemporaryDirectory(prefix="vpc-guardrail-guided-")
        self.addCleanup(folder.cleanup)
        stand = Stand(Path(folder.name))
        self.addCleanup(stand.stop)
        config = Path(folder.name) / "samconfig.toml"
        # The packages are there: building them is another test's business.
        command = ["make", "--assume-old=package", "deploy", f"ARCH={ARCHITECTURE}", f"STACK={STACK}"]
        command += [f"PACKAGES={PACKAGES}", f"SAMCONFIG={config}"]
        first = stand.converse(command, {**ANSWERS, "Parameter Mode": "observe"})
        self.assertIn("Deploy this changeset?", first)
        self.assertIn(f"Successfully created/updated stack - {STACK} in {REGION}", first)
        kept = tomllib.loads(config.read_text())["default"]["deploy"]["parameters"]
        self.assertIn('Mode="observe"', kept["parameter_overrides"])
        second = stand.converse(command, {"Parameter Mode": "notify", "Deploy this changeset": "y"})
        self.assertIn("[security@example.com]", second)
        self.assertIn(f"Successfully created/updated stack - {STACK} in {REGION}", second)
        [function] = [
            each
            for each in stand.aws("lambda").list_functions()["Functions"]
            if each["FunctionName"] == f"{STACK}-security-groups"
        ]
        self.assertEqual(function["Environment"]["Variables"]["GUARDRAIL_MAX_MODE"], "notify")


if __name__ == "__main__":
    unittest.main()
