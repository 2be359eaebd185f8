"""AWS::CloudWatch."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, resource
from avm_emulator.deploy.shapes import Api

_ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


@resource(
    "AWS::CloudWatch::Alarm",
    "AlarmName",
    "Tags",
    **{name: Api("cloudwatch", "PutMetricAlarm", name) for name in _ALARM},
)
def alarm(new: New) -> Created:
    """Put a metric alarm."""
    name = new.name("AlarmName")
    new.call("cloudwatch", "PutMetricAlarm", AlarmName=name, Tags=new.tag_list(), **new.only(*_ALARM))
    return Created(name, {"Arn": new.stack.arn("cloudwatch", f"alarm:{name}")})


@resource("AWS::CloudWatch::Dashboard", "DashboardName", "DashboardBody")
def dashboard(new: New) -> Created:
    """Put a dashboard."""
    name = new.name("DashboardName")
    new.call("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=new.get("DashboardBody"))
    return Created(name)
