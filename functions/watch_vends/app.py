"""The watchdog: mend what got lost, name what does not get on.

Trigger: EventBridge, once a minute. Input: the schedule's event, whose ``time`` is the only clock. Output: none.
Errors: those of the table; what fails for one request is logged, and the next round tries again.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from avm.runtime.observability import count, logger, measure
from avm.runtime.wiring import build_gateways
from avm.steps.gateways import Gateways
from avm.steps.watch_vends import watch_vends


@cache
def gateways() -> Gateways:
    """Return the process's gateways."""
    return build_gateways("watch_vends")


def handler(event: Mapping[str, Any], context: Any) -> None:
    """Look after all vends once."""
    logger.structure_logs(append=False, function="watch_vends", function_request_id=context.aws_request_id)
    findings = watch_vends(event["time"], gateways())
    if findings.started or findings.parked:
        logger.warning("brought on: started %s, parked %s", findings.started, findings.parked)
    for stuck in findings.stuck:
        logger.error("stuck: %s", stuck)
    for failure in findings.failures:
        logger.error("not mended yet: %s", failure)
    for metric, found in (("VendStuck", findings.stuck), ("AccountParked", findings.parked)):
        if found:
            count(metric)
    measure(findings.gauges)
