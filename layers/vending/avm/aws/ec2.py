"""EC2 in one Region of an account: its Regions, the default VPC and what is in it, encryption of volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avm.aws.errors import translated, unless


class Ec2:
    """EC2 in one Region. Taking away what is gone already is success."""

    def __init__(self, client: Any) -> None:
        """``client``: of boto3, with the credentials of a session in the account."""
        self._client = client

    def enabled_regions(self) -> tuple[str, ...]:
        """Return the Regions that are enabled for the account, by name (botocore: DescribeRegions)."""
        with translated():
            return tuple(sorted(region["RegionName"] for region in self._client.describe_regions()["Regions"]))

    def default_vpc(self) -> str | None:
        """Return the id of the default VPC; None where there is none. A Region has one at most (CreateDefaultVpc)."""
        filters = [{"Name": "is-default", "Values": ["true"]}]
        return next((vpc["VpcId"] for vpc in self._pages("describe_vpcs", "Vpcs", filters)), None)

    def interfaces(self, vpc_id: str) -> tuple[str, ...]:
        """Return the network interfaces in a VPC: id, and what AWS or their owner says that they are for."""
        found = self._pages("describe_network_interfaces", "NetworkInterfaces", _in_vpc(vpc_id))
        return tuple(f"{each['NetworkInterfaceId']} {each.get('Description', '')}".rstrip() for each in found)

    def gateways(self, vpc_id: str) -> tuple[str, ...]:
        """Return the ids of the internet gateways that are attached to a VPC."""
        filters = [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]
        found = self._pages("describe_internet_gateways", "InternetGateways", filters)
        return tuple(gateway["InternetGatewayId"] for gateway in found)

    def subnets(self, vpc_id: str) -> tuple[str, ...]:
        """Return the ids of the subnets of a VPC."""
        return tuple(subnet["SubnetId"] for subnet in self._pages("describe_subnets", "Subnets", _in_vpc(vpc_id)))

    def detach_gateway(self, gateway_id: str, vpc_id: str) -> None:
        """Detach an internet gateway from a VPC."""
        with translated(), unless("Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"):
            self._client.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)

    def delete_gateway(self, gateway_id: str) -> None:
        """Delete an internet gateway that is attached to nothing."""
        with translated(), unless("InvalidInternetGatewayID.NotFound"):
            self._client.delete_internet_gateway(InternetGatewayId=gateway_id)

    def delete_subnet(self, subnet_id: str) -> None:
        """Delete a subnet in which there is nothing."""
        with translated(), unless("InvalidSubnetID.NotFound"):
            self._client.delete_subnet(SubnetId=subnet_id)

    def delete_vpc(self, vpc_id: str) -> None:
        """Delete a VPC with its own route table, network ACL and security group; nothing else may be left in it."""
        with translated(), unless("InvalidVpcID.NotFound"):
            self._client.delete_vpc(VpcId=vpc_id)

    def encrypts_volumes(self) -> bool:
        """Return whether new EBS volumes are encrypted whatever their maker says."""
        with translated():
            return bool(self._client.get_ebs_encryption_by_default()["EbsEncryptionByDefault"])

    def encrypt_volumes(self) -> None:
        """Encrypt all new EBS volumes, by the account's default key."""
        with translated():
            self._client.enable_ebs_encryption_by_default()

    def _pages(self, operation: str, key: str, filters: list[dict[str, Any]]) -> Iterator[Any]:
        with translated():
            for page in self._client.get_paginator(operation).paginate(Filters=filters):
                yield from page[key]


def _in_vpc(vpc_id: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc_id]}]
