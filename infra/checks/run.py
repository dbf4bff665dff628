"""Checks the templates without AWS: is the expanded one fresh, and what do AWS's and others' tools say of both?

Every tool must be there, and everything is checked before it ends.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import yaml
from expand import EXPANDED, ROOT, SOURCE, expanded
from findings import Finding, accepted, judged
from policies import parliament_says, policies
from resolve import Template

TOOLS = Path(sys.executable).parent
# What the policies are read with: everything that brings a statement in.
EVERYTHING = {"Mode": "revert", "PolicyParameter": "/guardrail/policy", "SubnetIds": "subnet-0123456789abcdef0"}


def main() -> int:
    """Runs the checks, or writes the expanded template."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the expanded template, and check nothing")
    parser.add_argument("--checkov", type=Path, help="the program checkov, which has a virtual environment of its own")
    options = parser.parse_args()
    if options.write:
        EXPANDED.write_text(expanded(SOURCE.read_text()))
        return 0
    checks: dict[str, Callable[[], list[str]]] = {
        "the expanded template is fresh": is_fresh,
        "cfn-lint": lambda: says(TOOLS / "cfn-lint", SOURCE, EXPANDED),
        "sam validate --lint": lambda: says(TOOLS / "sam", "validate", "--lint", "--template", SOURCE),
        "parliament": parliament,
        "checkov": lambda: checkov(options.checkov),
    }
    failed = False
    for name, check in checks.items():
        wrong = check()
        print(f"{'FAILED' if wrong else 'ok':8} {name}", flush=True)
        for line in wrong:
            print(f"           {line}")
        failed = failed or bool(wrong)
    return 1 if failed else 0


def is_fresh() -> list[str]:
    """Whether the expanded template is what the SAM template makes it."""
    if EXPANDED.exists() and EXPANDED.read_text() == expanded(SOURCE.read_text()):
        return []
    return [f"{EXPANDED.relative_to(ROOT)} is not what infra/template.yaml makes it: run `make expand`"]


def says(*command: str | Path) -> list[str]:
    """What a tool says when it refuses something; a tool that is missing ends everything."""
    done = run(*command)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines() or [f"status {done.returncode}"]


def parliament() -> list[str]:
    """Every policy document that there can be."""
    template = Template(plain(), **EVERYTHING)
    found = [finding for policy in policies(template) for finding in parliament_says(policy)]
    return judged(found, accepted("parliament"))


def checkov(program: Path | None) -> list[str]:
    """The expanded template, by checkov's rules for CloudFormation."""
    if program is None:
        return ["checkov is not named: run `make check-infra`"]
    flags = ("--framework", "cloudformation", "--skip-download", "--quiet", "--output", "json")
    done = run(program, "--file", EXPANDED, *flags)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
        failed = report["results"]["failed_checks"]
        passed = report["summary"]["passed"]
    except (ValueError, KeyError, TypeError):
        return ["checkov gave no report:", *(done.stdout + done.stderr).splitlines()]
    if report["summary"]["parsing_errors"] or not passed:
        return [f"checkov did not read the template: {report['summary']}"]
    found = [Finding(each["check_id"], each["resource"], each["check_name"]) for each in failed]
    return judged(found, accepted("checkov"))


def plain() -> dict[str, Any]:
    """The expanded template."""
    template: dict[str, Any] = yaml.safe_load(EXPANDED.read_text())
    return template


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a tool by itself: without telemetry, and without anybody's credentials or Region."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**ours, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-west-1"}
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
