"""The VPC that stands in every Region of a new account, and what must go before it: EC2 beside what moto has of it.

moto's default VPC has no internet gateway, and a VPC or subnet goes although something hangs on it. DescribeRegions
lists Regions that an account has not enabled.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

_create_default_vpc = EC2Backend.create_default_vpc
_delete_vpc = EC2Backend.delete_vpc
_delete_subnet = EC2Backend.delete_subnet
_detach_internet_gateway = EC2Backend.detach_internet_gateway
_terminate_instances = EC2Backend.terminate_instances


def install(emulator: Emulator) -> None:
    """Make EC2 so until ``emulator`` stops."""
    restore_on_stop(emulator, EC2Backend)
    EC2Backend.create_default_vpc = _create_default
    EC2Backend.delete_vpc = _delete
    EC2Backend.delete_subnet = _delete_empty_subnet
    EC2Backend.detach_internet_gateway = _detach_unused
    EC2Backend.terminate_instances = _terminate
    emulator.boundary.interceptors.append(partial(_describe_regions, emulator))


def _create_default(ec2: EC2Backend) -> VPC:
    """Create the default VPC with an internet gateway, and the way to it in the main route table (VPC user guide)."""
    vpc = _create_default_vpc(ec2)
    gateway = ec2.create_internet_gateway()
    ec2.attach_internet_gateway(gateway.id, vpc.id)
    (main,) = ec2.describe_route_tables(filters={"vpc-id": [vpc.id], "association.main": ["true"]})
    ec2.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)
    return vpc


def _delete(ec2: EC2Backend, vpc_id: str) -> VPC:
    """Delete a VPC, and its own network ACL, where nothing is left in it (botocore: DeleteVpc)."""
    acls = [acl for acl in ec2.network_acls.values() if acl.vpc_id == vpc_id]
    groups = [group for group in ec2.groups.get(vpc_id, {}).values() if group.name != "default"]
    gateways = [gateway for gateway in ec2.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc_id]
    endpoints = [end for end in ec2.vpc_end_points.values() if end.vpc_id == vpc_id and end.state != "deleted"]
    if gateways or groups or endpoints or any(not acl.default for acl in acls):
        raise AwsError("DependencyViolation", f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    vpc = _delete_vpc(ec2, vpc_id)
    for acl in acls:
        del ec2.network_acls[acl.id]
    return vpc


def _delete_empty_subnet(ec2: EC2Backend, subnet_id: str) -> Subnet:
    if any(interface.subnet.id == subnet_id for interface in ec2.enis.values()):
        raise AwsError("DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return _delete_subnet(ec2, subnet_id)


def _detach_unused(ec2: EC2Backend, internet_gateway_id: str, vpc_id: str) -> None:
    if any(interface.public_ip and interface.vpc_id == vpc_id for interface in ec2.enis.values()):
        message = (
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )
        raise AwsError("DependencyViolation", message)
    _detach_internet_gateway(ec2, internet_gateway_id, vpc_id)


def _terminate(ec2: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    """Terminate instances; the interface that an instance was launched with goes, too, which moto leaves."""
    answer = _terminate_instances(ec2, *args, **kwargs)
    for interface in list(ec2.enis.values()):
        instance = interface.instance
        if instance is not None and instance.state == "terminated" and interface.device_index == 0:
            interface.delete()
    return answer


def _describe_regions(emulator: Emulator, call: Call) -> Response | None:
    """Answer DescribeRegions: the Regions that are enabled, with AllRegions all of them (an interceptor)."""
    if (call.service, call.operation) != ("ec2", "DescribeRegions"):
        return None
    names = call.parameters.get("RegionNames", [])
    every = [
        {
            "RegionName": region.name,
            "Endpoint": region.endpoint,
            "OptInStatus": "opt-in-not-required" if region.name in emulator.account_regions else "not-opted-in",
        }
        for region in EC2Backend.regions
        if not region.name.startswith(("cn-", "us-gov-"))
    ]
    unknown = sorted(set(names) - {region["RegionName"] for region in every})
    if unknown:
        raise AwsError("InvalidParameterValue", f"Invalid region names: {', '.join(unknown)}")
    return call.answer({"Regions": [region for region in every if _is_asked_for(region, names, call.parameters)]})


def _is_asked_for(region: dict[str, str], names: list[str], parameters: dict[str, Any]) -> bool:
    keys = {"region-name": "RegionName", "endpoint": "Endpoint", "opt-in-status": "OptInStatus"}
    if names and region["RegionName"] not in names:
        return False
    if not parameters.get("AllRegions") and not names and region["OptInStatus"] == "not-opted-in":
        return False
    return all(region[keys[each["Name"]]] in each["Values"] for each in parameters.get("Filters", ()))
