"""vpc-flow-logs: the traffic of every VPC of the account is logged into the log archive. Plane: member.

AWS offers it for later VPCs only with CloudWatch Logs as the destination (aws-semantics 4.5); straight into the log
archive it is done here: at the vend, after the event of a new VPC, and by the sweep.
"""

from __future__ import annotations

from collections.abc import Sequence

from avm.aws.flow_logs import ACTIVE, ALL, FAILED, FlowLog, FlowLogs
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange

DEFAULT_VPC = "default-vpc-removed"
_LOGS = "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/*"
_VPCS = "arn:{partition}:ec2:{region}:{account}:vpc/*"


class VpcFlowLogs(Control):
    """The flow logs of one Region; those that somebody else has made are let be."""

    name = "vpc-flow-logs"
    promise = "All traffic of every VPC is logged into the log archive."
    plane = "member"
    scope = "region"
    duty = "enroll_logging"
    needs = (DEFAULT_VPC,)
    foundation = ("log-archive",)
    observe_grants = (Grant(("ec2:DescribeFlowLogs", "ec2:DescribeVpcs")),)
    enforce_grants = (
        Grant(("ec2:CreateFlowLogs",), (_LOGS, _VPCS)),
        # VPC user guide, "Publish flow logs to Amazon S3": EC2 makes the delivery as its caller; it takes no resource
        Grant(("logs:CreateLogDelivery",)),
    )
    drift_events = tuple(DriftEvent("ec2.amazonaws.com", name) for name in ("CreateVpc", "DeleteFlowLogs"))

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return nothing: a new account has default VPCs alone."""
        return []

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at every VPC; evidence: VPC -> its flow log into the log archive, and why that fails."""
        flow_logs = _flow_logs(target, reach)
        logged = {log.resource_id: log for log in flow_logs.all() if _is_wanted(log, target)}
        shown = {vpc: _shown(logged.get(vpc)) for vpc in _vpcs(flow_logs, target)}
        wrong = any(vpc not in logged or logged[vpc].delivery == FAILED for vpc in shown)
        return self.finding(target, "violated" if wrong else "compliant", DescribeFlowLogs=shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make a flow log for each VPC that has none into the log archive."""
        flow_logs = _flow_logs(target, reach)
        logged = {log.resource_id for log in flow_logs.all() if _is_wanted(log, target)}
        lacking = [vpc for vpc in _vpcs(flow_logs, target) if vpc not in logged]
        if lacking:
            flow_logs.create(lacking, _bucket_arn(target))
        return [self.change("CreateFlowLogs", vpc) for vpc in lacking]


def _vpcs(flow_logs: FlowLogs, target: Target) -> tuple[str, ...]:
    """Return the VPCs; a default one that may not be there at all is for the control that says so."""
    return flow_logs.vpcs(target.account.id, default_too=DEFAULT_VPC not in target.account_type.controls)


def _is_wanted(log: FlowLog, target: Target) -> bool:
    return log.traffic == ALL and log.status == ACTIVE and log.destination.rstrip("/") == _bucket_arn(target)


def _bucket_arn(target: Target) -> str:
    return f"arn:{target.foundation.partition}:s3:::{target.foundation.flow_logs_bucket}"


def _shown(log: FlowLog | None) -> Sequence[str] | None:
    return None if log is None else [log.id, *([log.error] if log.delivery == FAILED else [])]


def _flow_logs(target: Target, reach: Reach) -> FlowLogs:
    return FlowLogs(reach.member(target.region).client("ec2"))
