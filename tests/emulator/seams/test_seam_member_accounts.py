"""What the emulator takes for granted of moto's Config, EC2, IAM and Account Management, and what moto lacks of AWS."""

from __future__ import annotations

import inspect
import json

import moto.config.urls
import pytest
from moto.account.models import AccountBackend
from moto.config.models import ConfigBackend, ConfigRecorderStatus
from moto.config.responses import ConfigResponse
from moto.ec2.models import EC2Backend
from moto.iam.models import IAMBackend


@pytest.fixture
def ec2() -> EC2Backend:
    return EC2Backend("eu-west-1", "123456789012")


def test_config_asks_for_its_backend_by_a_property_and_keeps_recorders_and_channels_by_name() -> None:
    assert isinstance(ConfigResponse.config_backend, property)
    backend = ConfigBackend("eu-west-1", "123456789012")
    assert (backend.recorders, backend.delivery_channels) == ({}, {})
    assert list(moto.config.urls.url_paths) == ["{0}/$"]


def test_the_status_of_a_recorder_has_the_attributes_that_we_set() -> None:
    status = ConfigRecorderStatus("default")
    status.start()
    assert status.last_status == "PENDING"  # the model says Pending, and moto never gets any further
    assert {"recording", "last_start_time", "last_status_change_time", "last_error_code", "last_error_message"} <= vars(
        status
    ).keys()


def test_moto_knows_no_delivery_status() -> None:
    assert "NotImplementedError" in inspect.getsource(ConfigResponse.describe_delivery_channel_status)


def test_motos_default_vpc_has_no_gateway_and_its_main_route_table_is_found(ec2: EC2Backend) -> None:
    (vpc,) = ec2.describe_vpcs(filters={"is-default": ["true"]})
    assert ec2.internet_gateways == {}
    assert len(ec2.describe_route_tables(filters={"vpc-id": [vpc.id], "association.main": ["true"]})) == 1
    assert "self.create_default_vpc()" in inspect.getsource(EC2Backend.__init__)


def test_what_hangs_on_a_vpc_is_in_dictionaries(ec2: EC2Backend) -> None:
    (vpc,) = ec2.vpcs.values()
    assert [group.name for group in ec2.groups[vpc.id].values()] == ["default"]
    assert [(acl.vpc_id, acl.default) for acl in ec2.network_acls.values()] == [(vpc.id, True)]
    assert (ec2.enis, ec2.vpc_end_points) == ({}, {})


def test_moto_deletes_a_subnet_with_an_interface_in_it_and_makes_volumes_in_the_clear(ec2: EC2Backend) -> None:
    subnet = next(iter(ec2.describe_subnets()))
    ec2.create_network_interface(subnet, [])
    assert ec2.delete_subnet(subnet.id).id == subnet.id
    ec2.ebs_encryption_by_default = True
    assert ec2.create_volume(1, "eu-west-1a").encrypted is False


def test_moto_names_a_services_role_after_its_principal_and_gives_it_no_policy() -> None:
    role = IAMBackend("aws", "123456789012").create_service_linked_role("config.amazonaws.com", "", "")
    assert (role.name, role.managed_policies) == ("AWSServiceRoleForconfig", {})
    assert json.loads(role.assume_role_policy_document)["Statement"]


def test_contacts_are_in_one_dictionary_by_type() -> None:
    backend = AccountBackend("aws", "123456789012")
    backend.delete_alternate_contact("SECURITY")  # AWS: ResourceNotFoundException
    assert backend._alternate_contacts == {}
