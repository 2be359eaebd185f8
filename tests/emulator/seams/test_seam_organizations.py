"""What the emulator takes for granted of moto's Organizations, IAM and EventBridge."""

from __future__ import annotations

import inspect

import moto.organizations.urls
import pytest
from moto.core.base_backend import BackendDict
from moto.core.responses import ActionResult, BaseResponse
from moto.events.models import EventsBackend
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.organizations import utils
from moto.organizations.models import (
    FakeAccount,
    FakeDelegatedAdministrator,
    FakeOrganization,
    FakeOrganizationalUnit,
    FakePolicy,
    FakeRoot,
    OrganizationsBackend,
    organizations_backends,
)

from avm_emulator.organizations import Organization


def test_a_backend_is_made_by_the_class_in_its_dictionary_from_region_and_account() -> None:
    made = []

    class Backend:
        def __init__(self, region_name: str, account_id: str) -> None:
            made.append((region_name, account_id))

        def reset(self) -> None:
            """Part of every backend; moto resets all it has made."""

    backends = BackendDict(OrganizationsBackend, "organizations", use_boto3_regions=False, additional_regions=["aws"])
    backends.backend = Backend
    assert isinstance(backends["123456789012"]["aws"], Backend)
    assert made == [("aws", "123456789012")]


def test_the_urls_of_the_service_are_read_from_one_entry() -> None:
    assert list(moto.organizations.urls.url_paths) == ["{0}/$"]


def test_the_members_of_an_organization_are_known_by_their_management_account() -> None:
    assert isinstance(organizations_backends.master_accounts, dict)
    source = inspect.getsource(OrganizationsBackend.describe_organization)
    assert "master_account_id, partition = organizations_backends.master_accounts[" in source


def test_the_state_of_an_organization_is_what_reset_makes() -> None:
    backend = OrganizationsBackend("aws", "123456789012")
    backend._reset()
    assert backend.org is None
    for name in ("accounts", "ou", "policies", "services", "admins"):
        assert getattr(backend, name) == []


def test_our_state_serves_the_parts_of_moto_that_read_it() -> None:
    # securityhub, ram, cloudformation (stack sets) use these.
    for name in ("describe_organization", "get_account_by_id"):
        assert getattr(Organization, name) is getattr(OrganizationsBackend, name)


def test_accounts_ous_and_policies_have_the_attributes_that_we_set() -> None:
    organization = FakeOrganization("123456789012", "aws", "ALL")
    assert {"id", "root_id", "master_account_id", "master_account_email", "region"} <= vars(organization).keys()
    unit = FakeOrganizationalUnit(organization, Name="Dev", ParentId=organization.root_id)
    assert {"id", "name", "parent_id", "attached_policies", "tags", "type"} <= vars(unit).keys()
    root = FakeRoot(organization)
    assert root.describe().keys() == {"Id", "Arn", "Name", "PolicyTypes"}
    policy = FakePolicy(organization, Type="SERVICE_CONTROL_POLICY", Name="p", Content="{}", Description="")
    assert {"id", "name", "type", "content", "description", "aws_managed", "attachments"} <= vars(policy).keys()
    assert isinstance(FakeAccount.arn, property)
    assert "account" in inspect.signature(FakeDelegatedAdministrator.__init__).parameters


@pytest.mark.parametrize("name", ["make_random_account_id", "make_random_policy_id"])
def test_moto_makes_ids(name: str) -> None:
    assert getattr(utils, name)() != getattr(utils, name)()


def test_a_response_parses_its_parameters_by_the_model_when_asked_to() -> None:
    assert "self.automated_parameter_parsing" in inspect.getsource(BaseResponse.setup_class)
    assert "self.params = " in inspect.getsource(BaseResponse.parse_parameters)
    assert "isinstance(response, ActionResult)" in inspect.getsource(BaseResponse.call_action)
    assert ActionResult({}).result == {}


def test_iam_looks_managed_policies_up_by_their_arn_in_one_dictionary() -> None:
    backend = IAMBackend("aws", "123456789012")
    assert backend.managed_policies == {}
    assert backend.aws_managed_policies == []
    for name in ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy"):
        assert list(inspect.signature(getattr(IAMBackend, name)).parameters)[1] == "policy_arn"
    assert list(inspect.signature(AWSManagedPolicy.from_data).parameters) == [
        "name",
        "account_id",
        "region_name",
        "data",
    ]


def test_iam_makes_roles_and_saml_providers_by_these_arguments() -> None:
    assert {"role_name", "assume_role_policy_document", "path", "max_session_duration"} <= set(
        inspect.signature(IAMBackend.create_role).parameters
    )
    assert list(inspect.signature(IAMBackend.create_saml_provider).parameters) == [
        "self",
        "name",
        "saml_metadata_document",
    ]


def test_events_can_be_put_for_aws_itself_with_their_time() -> None:
    source = inspect.getsource(EventsBackend.put_events)
    assert 'event.get("Time"' in source
    assert "rule.send_to_targets(" in source
