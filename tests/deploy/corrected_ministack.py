"""Starts ministack, corrected where the deploy test needs what AWS does. Ends when its standard input closes."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def accept_events_of_aws() -> None:
    """PutEvents takes events of AWS's own services, which CloudTrail puts on the bus and users may not."""
    refusing = eventbridge._put_events
    eventbridge._put_events = lambda data, allow_aws_source=False: refusing(data, allow_aws_source=True)


def accept_alarms_with_arithmetic() -> None:
    """An alarm over several figures is made with the first of them: it is there, and its sum is not tried here."""
    record = provisioners._cw_metric_alarm_record

    def of_first_figure(name: str, props: dict[str, Any]) -> Any:
        figures = [each["MetricStat"] for each in props.get("Metrics", []) if "MetricStat" in each]
        if not figures:
            return record(name, props)
        metric = {**figures[0]["Metric"], "Period": figures[0]["Period"], "Statistic": figures[0]["Stat"]}
        return record(name, {**{key: value for key, value in props.items() if key != "Metrics"}, **metric})

    provisioners._cw_metric_alarm_record = of_first_figure


def end_with_standard_input() -> None:
    """So that it cannot outlive the test that started it."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    accept_events_of_aws()
    accept_alarms_with_arithmetic()
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    from ministack.app import main

    main()
