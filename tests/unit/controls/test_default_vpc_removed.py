"""default-vpc-removed."""

from __future__ import annotations

from typing import Any

import pytest

from avm.controls.default_vpc_removed import DefaultVpcRemoved
from avm.domain.errors import ServiceUnavailable, Throttled, UnexpectedAwsError
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import fault

pytestmark = pytest.mark.timeout(180)  # default VPCs stand in 17 Regions

CONTROL = DefaultVpcRemoved()
FAR = "ap-south-1"


def ec2(place: Place, region: str = FAR) -> Any:
    return place.member(region).client("ec2")


def vpc_ids(client: Any) -> list[str]:
    return [vpc["VpcId"] for vpc in client.describe_vpcs()["Vpcs"]]


def test_every_enabled_region_is_looked_at_and_cleared(place: Place) -> None:
    found = CONTROL.observe(place.target(), place)
    regions = [region["RegionName"] for region in ec2(place).describe_regions()["Regions"]]
    assert sorted(found.evidence["DescribeVpcs"]) == sorted(regions)
    assert all(vpc_id.startswith("vpc-") for vpc_id in found.evidence["DescribeVpcs"].values())
    changes = CONTROL.enforce(place.target(), place)
    assert sorted(change.resource for change in changes if change.operation == "DeleteVpc") == sorted(
        found.evidence["DescribeVpcs"].values()
    )
    found = CONTROL.observe(place.target(), place)
    assert found.evidence == {"DescribeVpcs": dict.fromkeys(sorted(regions))}


def test_a_vpc_that_is_in_use_is_left_as_it_is_and_the_interface_is_named(place: Place) -> None:
    client = ec2(place)
    subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
    made = client.create_network_interface(SubnetId=subnet, Description="the first server")
    interface = made["NetworkInterface"]["NetworkInterfaceId"]
    (vpc_id,) = vpc_ids(client)
    changes = CONTROL.enforce(place.target(), place)
    assert vpc_id not in {change.resource for change in changes}
    assert len(client.describe_internet_gateways()["InternetGateways"]) == 1
    found = CONTROL.observe(place.target(), place)
    assert found.status == "violated"
    assert {region: vpc for region, vpc in found.evidence["DescribeVpcs"].items() if vpc} == {FAR: vpc_id}
    assert found.evidence["DescribeNetworkInterfaces"] == {FAR: [f"{interface} the first server"]}
    assert CONTROL.enforce(place.target(), place) == []

    client.delete_network_interface(NetworkInterfaceId=interface)
    CONTROL.enforce(place.target(), place)
    assert CONTROL.observe(place.target(), place).status == "compliant"


def test_what_was_begun_is_brought_to_its_end(place: Place) -> None:
    client = ec2(place)
    (vpc_id,) = vpc_ids(client)
    gateway = client.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    client.delete_subnet(SubnetId=client.describe_subnets()["Subnets"][0]["SubnetId"])
    CONTROL.enforce(place.target(), place)
    assert vpc_ids(client) == []
    assert CONTROL.observe(place.target(), place).status == "compliant"


@pytest.mark.parametrize("operation", ["DetachInternetGateway", "DeleteInternetGateway", "DeleteSubnet", "DeleteVpc"])
def test_an_answer_that_is_lost_is_made_up_for(place: Place, operation: str) -> None:
    with (
        fault(place, "ec2", operation, "lost_response", times=1),
        pytest.raises(ServiceUnavailable, match=r"^[a-z]+-[a-z]+-\d: .*no answer from AWS"),
    ):
        CONTROL.enforce(place.target(), place)
    CONTROL.enforce(place.target(), place)
    assert CONTROL.observe(place.target(), place).status == "compliant"


def test_one_region_that_does_not_answer_is_named(place: Place) -> None:
    with (
        fault(place, "ec2", "DescribeVpcs", "throttle", nth=3),
        pytest.raises(Throttled, match=r"^[a-z]+-[a-z]+-\d: DescribeVpcs: RequestLimitExceeded"),
    ):
        CONTROL.observe(place.target(), place)


def test_what_people_have_left_in_a_vpc_is_told_in_the_words_of_aws(place: Place) -> None:
    client = ec2(place)
    (vpc_id,) = vpc_ids(client)
    client.create_security_group(GroupName="web", Description="web", VpcId=vpc_id)
    with pytest.raises(UnexpectedAwsError, match=rf"^{FAR}: DeleteVpc: DependencyViolation: .*{vpc_id}"):
        CONTROL.enforce(place.target(), place)
    assert CONTROL.observe(place.target(), place).status == "violated"


def test_a_vpc_of_ones_own_stays(place: Place) -> None:
    client = ec2(place)
    own = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    CONTROL.enforce(place.target(), place)
    assert vpc_ids(client) == [own]
