"""VPC flow logs into a bucket: EC2 makes one only where it may deliver, which moto does not ask.

Source: VPC user guide, "Publish flow logs to Amazon S3": the bucket's policy admits ``delivery.logs.amazonaws.com``. To
a bucket of one's own EC2 would add that policy itself; a bucket of another account has to have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.s3.models import s3_backends

from avm_emulator.authorization.services import admits

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

SERVICE = "delivery.logs.amazonaws.com"


def install(emulator: Emulator) -> None:
    """Ask the bucket's policy before moto makes a flow log."""
    emulator.boundary.interceptors.append(_check)


def _check(call: Call) -> Response | None:
    """Answer CreateFlowLogs whose bucket does not admit its deliveries: all is unsuccessful (an interceptor)."""
    parameters = call.parameters
    if (call.service, call.operation, parameters.get("LogDestinationType")) != ("ec2", "CreateFlowLogs", "s3"):
        return None
    destination = str(parameters.get("LogDestination", ""))
    bucket, _, folder = destination.partition(":::")[2].partition("/")
    if bucket not in s3_backends.bucket_accounts or _admits(call.account, destination.partition("/")[0], folder):
        return None  # moto tells of a bucket that does not exist
    error = {
        "Code": "400",
        "Message": f"Access Denied for LogDestination: {bucket}. Please check LogDestination permission",
    }
    unsuccessful = [{"ResourceId": each, "Error": error} for each in parameters.get("ResourceIds", ())]
    return call.answer({"FlowLogIds": [], "Unsuccessful": unsuccessful})


def _admits(account: str, bucket_arn: str, folder: str) -> bool:
    keys = {"aws:SourceAccount": account}
    prefix = f"{folder.rstrip('/')}/" if folder else ""
    file = f"{bucket_arn}/{prefix}AWSLogs/{account}/vpcflowlogs/test"
    _, owner = s3_backends.bucket_accounts[bucket_arn.partition(":::")[2]]
    return owner == account or (
        admits(SERVICE, "s3:GetBucketAcl", bucket_arn, keys)
        and admits(SERVICE, "s3:PutObject", file, {**keys, "s3:x-amz-acl": "bucket-owner-full-control"})
    )
