"""Default VPCs: what stands in them, and what must go before they do."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

REGIONS = iter(("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1", "sa-east-1", "eu-north-1"))


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.default_vpcs",))


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    """Return EC2 in a Region that no other test uses."""
    return emulator.clients.client("ec2", next(REGIONS))


def vpc_id(ec2: Any) -> str:
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return str(vpc["VpcId"])


def subnet_ids(ec2: Any) -> list[str]:
    return [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]


def gateway_id(ec2: Any) -> str:
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    return str(gateway["InternetGatewayId"])


def without_gateway_and_subnets(ec2: Any) -> str:
    """Take both from the default VPC; return its id."""
    vpc = vpc_id(ec2)
    ec2.detach_internet_gateway(InternetGatewayId=gateway_id(ec2), VpcId=vpc)
    for subnet in subnet_ids(ec2):
        ec2.delete_subnet(SubnetId=subnet)
    return vpc


def test_a_default_vpc_has_a_subnet_in_each_zone_and_a_way_to_the_internet(ec2: Any) -> None:
    vpc = vpc_id(ec2)
    zones = {zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]}
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert {subnet["AvailabilityZone"] for subnet in subnets} == zones
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert {route["DestinationCidrBlock"]: route["GatewayId"] for route in table["Routes"]} == {
        "172.31.0.0/16": "local",
        "0.0.0.0/0": gateway_id(ec2),
    }
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    assert gateway["Attachments"] == [{"State": "available", "VpcId": vpc}]


def test_a_vpc_goes_when_nothing_hangs_on_it_and_takes_its_own_parts_with_it(ec2: Any) -> None:
    vpc = vpc_id(ec2)
    with pytest.raises(ClientError, match=rf"DependencyViolation.*The vpc '{vpc}' has dependencies"):
        ec2.delete_vpc(VpcId=vpc)
    for subnet in subnet_ids(ec2):
        ec2.delete_subnet(SubnetId=subnet)
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    gateway = gateway_id(ec2)
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_vpc(VpcId=vpc)
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert ec2.describe_network_acls()["NetworkAcls"] == []
    assert ec2.describe_security_groups()["SecurityGroups"] == []
    assert ec2.describe_route_tables()["RouteTables"] == []
    with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound"):
        ec2.delete_vpc(VpcId=vpc)


def test_what_people_have_put_into_a_vpc_keeps_it(ec2: Any) -> None:
    vpc = without_gateway_and_subnets(ec2)
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_security_group(GroupId=group)
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_network_acl(NetworkAclId=acl)
    ec2.delete_vpc(VpcId=vpc)


def test_a_running_instance_keeps_subnet_and_gateway_until_it_is_terminated(ec2: Any) -> None:
    vpc, subnet, gateway = vpc_id(ec2), subnet_ids(ec2)[0], gateway_id(ec2)
    (instance,) = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"]
    with pytest.raises(ClientError, match=rf"DependencyViolation.*The subnet '{subnet}' has dependencies"):
        ec2.delete_subnet(SubnetId=subnet)
    with pytest.raises(ClientError, match=rf"DependencyViolation.*Network {vpc} has some mapped public address"):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    without_gateway_and_subnets(ec2)


def test_there_is_one_default_vpc_and_a_deleted_one_can_be_had_again(ec2: Any) -> None:
    with pytest.raises(ClientError, match="DefaultVpcAlreadyExists"):
        ec2.create_default_vpc()
    ec2.delete_vpc(VpcId=without_gateway_and_subnets(ec2))
    made = ec2.create_default_vpc()["Vpc"]
    assert made["IsDefault"]
    attached = [each for each in ec2.describe_internet_gateways()["InternetGateways"] if each["Attachments"]]
    assert [each["Attachments"][0]["VpcId"] for each in attached] == [made["VpcId"]]


def test_regions_that_need_an_opt_in_are_not_among_the_enabled_ones(ec2: Any) -> None:
    enabled = ec2.describe_regions()["Regions"]
    assert len(enabled) == 17
    assert {region["OptInStatus"] for region in enabled} == {"opt-in-not-required"}
    every = {region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions(AllRegions=True)["Regions"]}
    assert every["af-south-1"] == every["eu-south-1"] == "not-opted-in"
    optional = [{"Name": "opt-in-status", "Values": ["not-opted-in"]}]
    assert len(ec2.describe_regions(AllRegions=True, Filters=optional)["Regions"]) == len(every) - 17
    assert [each["RegionName"] for each in ec2.describe_regions(RegionNames=["eu-west-1"])["Regions"]] == ["eu-west-1"]
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.describe_regions(RegionNames=["eu-nowhere-1"])
