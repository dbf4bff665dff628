"""Computes what the stack costs in a month, from the template's own parts and a table of list prices.

`infra/README.md` holds what this prints; `make check-infra` compares them.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "infra" / "checks"))

from resolve import Template  # noqa: E402

PAGE = ROOT / "infra" / "README.md"
BEGIN, END = "<!-- what `make cost` prints -->\n", "<!-- end -->\n"
HOURS = 730
DAYS = 30


@dataclass(frozen=True)
class Price:
    """A list price of us-east-1 in US dollars, and where it was read."""

    dollars: float
    per: str
    source: str


AWS = "not looked up for this table: compare the service's price page"
DYNAMODB = "airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07"
METRICS = "cal53.calculator.city/cloudwatch-custom-metrics-calculator, undated"
PRICES = {
    "sqs": Price(0.40 / 1e6, "request", "cloudburn.io/blog/amazon-sqs-pricing, 2026-03"),
    "lambda requests": Price(0.20 / 1e6, "request", AWS),
    "lambda arm64": Price(0.0000133334, "GB second", AWS),
    "dynamodb write": Price(0.625 / 1e6, "KB written", DYNAMODB),
    "dynamodb read": Price(0.125 / 1e6, "4 KB read", DYNAMODB),
    "dynamodb kept": Price(0.25 + 0.20, "GB month, with point-in-time recovery", AWS),
    "sns": Price(0.50 / 1e6, "request", AWS),
    "kms key": Price(1.00, "key and month", AWS),
    "kms requests": Price(0.03 / 1e4, "request", AWS),
    "logs taken": Price(0.50, "GB", AWS),
    "logs kept": Price(0.03, "GB month", AWS),
    "metric": Price(0.30, "metric and month, by the hour", METRICS),
    "alarm": Price(0.10, "figure of an alarm and month", "c3x.dev/resources/aws/aws_cloudwatch_metric_alarm, undated"),
    "dashboard": Price(3.00, "dashboard and month, from the fourth", AWS),
    "endpoint": Price(0.010, "interface endpoint, zone and hour", "zacfukuda.com, 2026-06"),
}

# What one event needs; `tests/bench` and the records of the demo are where the orders of magnitude come from.
SECONDS_CLEAN, SECONDS_FINDING = 0.5, 3.0
RECORD_CLEAN_KB, RECORD_FINDING_KB = 3, 25
# A finding's record is written with the intent and the outcome, each in the entry and by itself; with notes and marks.
WRITES_CLEAN, WRITES_FINDING = 2, 4 * RECORD_FINDING_KB + 6
READS_CLEAN, READS_FINDING = 1, 6
# The sweep, once an hour: how many private VPCs there are, what a sweep of a single one reads from EC2, and reads and writes
# in the ledger (`tests/suite/flow_sweep.rs` prints it; counted for each VPC, though a part comes but once), and the pace of
# its reads (`PACE` in `shared/lambda/src/sweep.rs`).
SWEEPS, VPCS, READS_OF_A_VPC, READS_A_SECOND = HOURS, 5, 22, 5
LEDGER_READS_OF_A_VPC, LEDGER_WRITES_OF_A_VPC = 8, 7
# What comes with a finding that is taken back and told, besides what always comes.
FIGURES_OF_FINDINGS = ("Findings", "Reverts", "NoticesSent", "TimeToClose")
# Lambda polls each queue with five pollers, each for twenty seconds, whether or not anything is there.
POLLS_A_MONTH = 5 * DAYS * 86_400 // 20


@dataclass(frozen=True)
class Scenario:
    """How much there is to do."""

    name: str
    stacks: int
    events_a_day: int
    findings_a_day: float


SCENARIOS = (
    Scenario("one stack, nothing happens", 1, 0, 0),
    Scenario("one stack, 200 calls and 2 findings a day", 1, 200, 2),
    Scenario("one stack, 20,000 calls and 50 findings a day", 1, 20_000, 50),
    Scenario("1,200 stacks (300 accounts, 4 Regions), 50 calls a day each, a finding in two days", 1_200, 50, 0.5),
)


@dataclass(frozen=True)
class Parts:
    """What of the stack costs something by being there."""

    polled_queues: int
    alarm_figures: int
    metrics_always: int
    metrics_of_findings: int
    memory_gb: float
    sweep_memory_gb: float


def parts() -> Parts:
    """Counts them in the template, and the figures that always come in the functions' source."""
    stack = Template(yaml.safe_load((ROOT / "infra" / "generated" / "template.cloudformation.yaml").read_text()))
    functions = stack.resources("AWS::Lambda::Function")
    sweep = functions.pop("SweepFunction")
    alarms = stack.resources("AWS::CloudWatch::Alarm").values()
    source = (ROOT / "shared" / "lambda" / "src" / "metrics.rs").read_text()
    always = re.search(r"const ALWAYS: .*?= \[(.*?)\]", source)
    assert always, "metrics.rs says which figures always come"
    return Parts(
        polled_queues=len(stack.resources("AWS::Lambda::EventSourceMapping")),
        alarm_figures=sum(len([each for each in alarm["Metrics"] if "MetricStat" in each]) for alarm in alarms),
        metrics_always=always[1].count(",") + 1,
        metrics_of_findings=len(FIGURES_OF_FINDINGS),
        memory_gb=max(each["MemorySize"] for each in functions.values()) / 1024,
        sweep_memory_gb=sweep["MemorySize"] / 1024,
    )


def month(scenario: Scenario, have: Parts) -> dict[str, float]:
    """What one stack costs in a month, by what it is for."""
    findings = scenario.findings_a_day * DAYS
    clean = scenario.events_a_day * DAYS - findings
    events = clean + findings
    seconds = clean * SECONDS_CLEAN + findings * SECONDS_FINDING
    gigabytes = (clean * RECORD_CLEAN_KB + findings * RECORD_FINDING_KB) / 1e6
    written = clean * WRITES_CLEAN + findings * WRITES_FINDING
    # A figure is paid for in the hours in which it was written; the events are taken to spread, which costs the most.
    figure_hours = have.metrics_always * min(HOURS, events) + have.metrics_of_findings * min(HOURS, findings)
    return {
        "polling of the queues": have.polled_queues * POLLS_A_MONTH * cost("sqs"),
        "the notices' key": cost("kms key") + findings * 2 * cost("kms requests"),
        "alarms": have.alarm_figures * cost("alarm"),
        "figures": cost("metric") * figure_hours / HOURS,
        "dashboard": cost("dashboard"),
        "functions": events * cost("lambda requests") + seconds * have.memory_gb * cost("lambda arm64"),
        "sweep": SWEEPS * cost("lambda requests")
        + SWEEPS * VPCS * READS_OF_A_VPC / READS_A_SECOND * have.sweep_memory_gb * cost("lambda arm64")
        + SWEEPS * VPCS * LEDGER_WRITES_OF_A_VPC * cost("dynamodb write")
        + SWEEPS * VPCS * LEDGER_READS_OF_A_VPC * cost("dynamodb read"),
        "messages, notices": events * 3 * cost("sqs") + findings * cost("sns"),
        "ledger": written * cost("dynamodb write")
        + (clean * READS_CLEAN + findings * READS_FINDING) * cost("dynamodb read")
        + 3 * written / 1e6 * cost("dynamodb kept"),
        "logs": gigabytes * (cost("logs taken") + 3 * cost("logs kept")),
    }


def cost(name: str) -> float:
    """A price."""
    return PRICES[name].dollars


def sheet() -> str:
    """The cost sheet, in Markdown."""
    have = parts()
    months = [month(scenario, have) for scenario in SCENARIOS]
    lines = ["| US dollars a month | " + " | ".join(scenario.name for scenario in SCENARIOS) + " |"]
    lines.append("|---|" + "---:|" * len(SCENARIOS))
    for what in months[0]:
        lines.append(f"| {what} | " + " | ".join(f"{each[what]:.2f}" for each in months) + " |")
    totals = [sum(each.values()) for each in months]
    lines.append("| **one stack** | " + " | ".join(f"**{total:.2f}**" for total in totals) + " |")
    every = [total * scenario.stacks for total, scenario in zip(totals, SCENARIOS, strict=True)]
    lines.append("| **all stacks** | " + " | ".join(f"**{total:,.2f}**" for total in every) + " |")
    endpoints = 3 * 2 * HOURS * cost("endpoint")
    lines += ["", f"Three interface endpoints in two zones, for functions inside a VPC: {endpoints:.2f} a month."]
    lines += ["", "| price | US dollars | for each | read |", "|---|---:|---|---|"]
    for name, price in PRICES.items():
        lines.append(f"| {name} | {price.dollars:.10f}".rstrip("0").rstrip(".") + f" | {price.per} | {price.source} |")
    return "\n".join(lines) + "\n"


def page_with_sheet(page: str) -> str:
    """The README with today's sheet in its place."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + sheet() + END + rest.split(END)[1]


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page_with_sheet(PAGE.read_text()))
    print(sheet(), end="")
