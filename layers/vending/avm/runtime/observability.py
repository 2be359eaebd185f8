"""Logs and metrics: Powertools, set up once a process."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "avm"
METRICS: Mapping[str, MetricUnit] = {
    "AccountReady": MetricUnit.Count,
    "AccountParked": MetricUnit.Count,
    "RequestRejected": MetricUnit.Count,
    "TimeToReady": MetricUnit.Seconds,
    "VendStuck": MetricUnit.Count,
    "OldestVend": MetricUnit.Seconds,
    "CreationSlotsTaken": MetricUnit.Count,
    "CreationQueueLength": MetricUnit.Count,
    "AccessSlotsTaken": MetricUnit.Count,
    "AccessQueueLength": MetricUnit.Count,
    "DriftDetected": MetricUnit.Count,
    "DriftRepaired": MetricUnit.Count,
    "DriftSuppressed": MetricUnit.Count,
    "EventDropped": MetricUnit.Count,
    "FindingImported": MetricUnit.Count,
    "FindingResolved": MetricUnit.Count,
    "FindingNotShown": MetricUnit.Count,
    "RepairStopped": MetricUnit.Count,
    "RepairUnsuccessful": MetricUnit.Count,
}
"""Every metric of the application, and in what it is; the template's alarms and its dashboard read them."""

logger = Logger(service="avm", use_rfc3339=True, utc=True)
metrics = Metrics(namespace=NAMESPACE, service="avm")


def count(metric: str) -> None:
    """Count one occurrence and write it out (EMF); raises KeyError for a metric that nobody declared."""
    measure({metric: 1})


def measure(values: Mapping[str, float]) -> None:
    """Write out what was measured (EMF), in the units that ``METRICS`` says; raises KeyError for one undeclared."""
    for metric, value in values.items():
        metrics.add_metric(name=metric, unit=METRICS[metric], value=value)
    if values:
        metrics.flush_metrics()
