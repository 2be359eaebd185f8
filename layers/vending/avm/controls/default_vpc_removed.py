"""default-vpc-removed: no enabled Region of the account has the default VPC that AWS puts there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from avm.aws.ec2 import Ec2
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.errors import VendingError
from avm.domain.finding import Change, Finding

_AT_ONCE = 8
"""Regions that are worked on at once: 17 and more of them are far away, one after the other would take a minute."""

_Found = TypeVar("_Found")


def _ec2(kind: str) -> str:
    return f"arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/*"


class DefaultVpcRemoved(Control):
    """A default VPC has a way to the internet and nobody's plan; what is in use is left alone, and said."""

    name = "default-vpc-removed"
    promise = "No enabled Region has a default VPC."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("ec2:DescribeNetworkInterfaces", "ec2:DescribeRegions", "ec2:DescribeVpcs")),)
    enforce_grants = (
        Grant(("ec2:DescribeInternetGateways", "ec2:DescribeSubnets")),
        Grant(("ec2:DeleteSubnet",), (_ec2("subnet"),)),
        Grant(("ec2:DeleteVpc",), (_ec2("vpc"),)),
        Grant(("ec2:DeleteInternetGateway",), (_ec2("internet-gateway"),)),
        Grant(("ec2:DetachInternetGateway",), (_ec2("internet-gateway"), _ec2("vpc"))),
    )
    drift_events = (DriftEvent("ec2.amazonaws.com", "CreateDefaultVpc"),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look in every enabled Region; evidence: Region -> the default VPC, and what is in it that keeps it."""
        found = _in_each_region(reach, _look)
        vpcs = {region: vpc_id for region, (vpc_id, _) in found.items()}
        used = {region: list(interfaces) for region, (_, interfaces) in found.items() if interfaces}
        more = {"DescribeNetworkInterfaces": used} if used else {}
        return self.finding(target, "violated" if any(vpcs.values()) else "compliant", DescribeVpcs=vpcs, **more)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:  # noqa: ARG002  every control is called alike
        """Delete each default VPC in which there is no network interface; the observation names the others."""
        done = _in_each_region(reach, self._remove)
        return [change for changes in done.values() for change in changes]

    def _remove(self, ec2: Ec2) -> list[Change]:
        vpc_id, interfaces = _look(ec2)
        if vpc_id is None or interfaces:
            return []
        changes = []
        for gateway_id in ec2.gateways(vpc_id):
            ec2.detach_gateway(gateway_id, vpc_id)
            ec2.delete_gateway(gateway_id)
            changes += [
                self.change(operation, gateway_id) for operation in ("DetachInternetGateway", "DeleteInternetGateway")
            ]
        for subnet_id in ec2.subnets(vpc_id):
            ec2.delete_subnet(subnet_id)
            changes.append(self.change("DeleteSubnet", subnet_id))
        ec2.delete_vpc(vpc_id)
        return [*changes, self.change("DeleteVpc", vpc_id)]


def _look(ec2: Ec2) -> tuple[str | None, tuple[str, ...]]:
    """Return the default VPC of a Region and the network interfaces in it."""
    vpc_id = ec2.default_vpc()
    return vpc_id, ec2.interfaces(vpc_id) if vpc_id else ()


def _in_each_region(reach: Reach, work: Callable[[Ec2], _Found]) -> dict[str, _Found]:
    """Return Region -> what ``work`` returns there, for every enabled Region; an error names its Region."""
    regions = Ec2(reach.member().client("ec2")).enabled_regions()
    places = {region: Ec2(reach.member(region).client("ec2")) for region in regions}

    def there(region: str) -> _Found:
        try:
            return work(places[region])
        except VendingError as error:
            raise type(error)(f"{region}: {error}", **error.details) from error

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(places, pool.map(there, places), strict=True))
