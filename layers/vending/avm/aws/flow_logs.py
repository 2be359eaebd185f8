"""VPC flow logs of an account in one Region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated
from avm.domain.errors import NotYetVisible, ServiceUnavailable

ALL = "ALL"
ACTIVE = "ACTIVE"
FAILED = "FAILED"
_ACCESS = "Access"
_EXISTS = "FlowLogAlreadyExists"


@dataclass(frozen=True)
class FlowLog:
    """A flow log as EC2 shows it."""

    id: str
    resource_id: str
    """Of the VPC, subnet or network interface whose traffic it logs."""
    traffic: str
    """``ALL``, ``ACCEPT`` or ``REJECT``."""
    destination: str
    """ARN of the bucket, with the folder where it has one; empty where it delivers elsewhere."""
    status: str
    delivery: str
    """``FAILED`` where the last delivery has come to nothing."""
    error: str
    """What AWS says of that."""


class FlowLogs:
    """The VPCs of a Region, and what logs their traffic."""

    def __init__(self, client: Any) -> None:
        """``client``: ``ec2`` of boto3, with the credentials of a session in the account."""
        self._client = client

    def vpcs(self, account_id: str, *, default_too: bool) -> tuple[str, ...]:
        """Return the ids of the account's own VPCs, the default one among them or not.

        One that is shared with the account is its owner's to log.
        """
        filters = [{"Name": "owner-id", "Values": [account_id]}]
        if not default_too:
            filters.append({"Name": "is-default", "Values": ["false"]})
        with translated():
            pages = self._client.get_paginator("describe_vpcs").paginate(Filters=filters)
            return tuple(sorted(vpc["VpcId"] for page in pages for vpc in page["Vpcs"]))

    def all(self) -> tuple[FlowLog, ...]:
        """Return all flow logs of the Region."""
        with translated():
            pages = self._client.get_paginator("describe_flow_logs").paginate()
            return tuple(_flow_log(each) for page in pages for each in page["FlowLogs"])

    def create(self, vpc_ids: Sequence[str], bucket_arn: str) -> None:
        """Log all traffic of the VPCs into a bucket.

        Raises NotYetVisible where EC2 may not deliver there (yet), ServiceUnavailable where it leaves a VPC out.
        """
        with translated(**{_EXISTS: ServiceUnavailable}):
            answer = self._client.create_flow_logs(
                ResourceIds=list(vpc_ids),
                ResourceType="VPC",
                TrafficType=ALL,
                LogDestinationType="s3",
                LogDestination=bucket_arn,
            )
        left_out = [
            (each["ResourceId"], each["Error"]["Code"], each["Error"].get("Message", ""))
            for each in answer.get("Unsuccessful", ())
        ]
        if left_out:
            message = f"CreateFlowLogs: Unsuccessful: {'; '.join(': '.join(each) for each in left_out)}"
            is_access = any(_ACCESS in f"{code} {words}" for _, code, words in left_out)
            raise (NotYetVisible if is_access else ServiceUnavailable)(message)


def _flow_log(found: Any) -> FlowLog:
    return FlowLog(
        id=found["FlowLogId"],
        resource_id=found["ResourceId"],
        traffic=found.get("TrafficType", ""),
        destination=found.get("LogDestination", "") if found.get("LogDestinationType") == "s3" else "",
        status=found.get("FlowLogStatus", ""),
        delivery=found.get("DeliverLogsStatus", ""),
        error=found.get("DeliverLogsErrorMessage", ""),
    )
