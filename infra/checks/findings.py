"""What a check finds, and which findings are accepted for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

ACCEPTED = Path(__file__).with_name("accepted.yaml")


@dataclass(frozen=True)
class Finding:
    """One thing that a check finds wrong."""

    check: str
    where: str
    says: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.check} {self.where}: {self.says}"


@dataclass(frozen=True)
class Accepted:
    """A finding that is known and meant, wherever the patterns fit."""

    check: str
    where: str
    reason: str
    says: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        fits = (finding.where, self.where), (finding.says, self.says)
        return finding.check == self.check and all(fnmatchcase(text, pattern) for text, pattern in fits)


def accepted(tool: str) -> list[Accepted]:
    """What is accepted of a tool's findings."""
    return [Accepted(**each) for each in yaml.safe_load(ACCEPTED.read_text())[tool]]


def judged(findings: list[Finding], exceptions: list[Accepted]) -> list[str]:
    """What is wrong: findings that nobody accepted, and exceptions that nothing needs any more."""
    wrong = [str(finding) for finding in findings if not any(each.covers(finding) for each in exceptions)]
    idle = [each for each in exceptions if not any(each.covers(finding) for finding in findings)]
    return wrong + [
        f"{each.check} {each.where} is accepted and not found: remove it from {ACCEPTED.name}" for each in idle
    ]
