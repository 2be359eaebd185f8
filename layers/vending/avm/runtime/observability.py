"""Logs and metrics: Powertools, set up once a process."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "avm"
METRICS = frozenset(
    {
        "AccountReady",
        "AccountParked",
        "RequestRejected",
        "VendStuck",
        "DriftDetected",
        "DriftRepaired",
        "DriftSuppressed",
        "EventDropped",
        "RepairStopped",
        "RepairUnsuccessful",
    }
)
"""Every metric that the application counts; the template's alarms read them."""

logger = Logger(service="avm", use_rfc3339=True, utc=True)
metrics = Metrics(namespace=NAMESPACE, service="avm")


def count(metric: str) -> None:
    """Count one occurrence and write it out (EMF); raises KeyError for a metric that nobody declared."""
    if metric not in METRICS:
        raise KeyError(metric)
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)
    metrics.flush_metrics()
