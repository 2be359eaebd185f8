"""AWS::Scheduler."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, resource
from avm_emulator.deploy.shapes import Api

_SAME = (
    "Description",
    "EndDate",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
)


@resource(
    "AWS::Scheduler::Schedule",
    "Name",
    *_SAME,
    FlexibleTimeWindow=Api("scheduler", "CreateSchedule", "FlexibleTimeWindow"),
    Target=Api("scheduler", "CreateSchedule", "Target"),
)
def schedule(new: New) -> Created:
    """Create a schedule."""
    name = new.name("Name", 64)
    arn = new.call("scheduler", "CreateSchedule", **{**new.without("Name"), "Name": name})["ScheduleArn"]
    return Created(name, {"Arn": arn}, (arn,))


@resource("AWS::Scheduler::ScheduleGroup", "Name", "Tags")
def schedule_group(new: New) -> Created:
    """Create a group of schedules."""
    name = new.name("Name", 64)
    arn = new.call("scheduler", "CreateScheduleGroup", Name=name, Tags=new.tag_list())["ScheduleGroupArn"]
    return Created(name, {"Arn": arn}, (arn,))
