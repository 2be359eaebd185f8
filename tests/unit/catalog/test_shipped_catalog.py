"""The shipped catalog is the one that interfaces promise, and fits AWS."""

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from pydantic import TypeAdapter

from avm.catalog import load_catalog
from avm.domain.account_request import Access
from avm.domain.catalog import Catalog
from avm.domain.guardrail import GuardrailKind
from tests.unit.catalog.catalog_copy import SHIPPED, CatalogCopy

OU_OF_TYPE = {
    "sandbox": "Sandbox",
    "development": "Dev",
    "test": "Test",
    "production": "Prod",
    "shared-services": "Infrastructure",
    "tooling": "Infrastructure",
    "log-archive": "Security",
    "security": "Security",
}
GROUPS = {"platform-admins", "payments-developers", "web-developers", "security-auditors", "billing-readers"}


def test_it_has_the_promised_regions(catalog: Catalog) -> None:
    assert catalog.organization.home_region == "eu-west-1"
    assert catalog.organization.allowed_regions == ("eu-west-1", "eu-central-1")


def test_it_has_the_promised_ous_all_under_the_root(catalog: Catalog) -> None:
    ous = catalog.organization.ous
    assert set(ous) == {"Security", "Infrastructure", "Sandbox", "Dev", "Test", "Prod", "Suspended"}
    assert all(ou.parent is None for ou in ous.values())


def test_it_has_the_promised_account_types_in_their_ous(catalog: Catalog) -> None:
    assert {name: account_type.ou for name, account_type in catalog.account_types.items()} == OU_OF_TYPE
    assert {name for name, account_type in catalog.account_types.items() if account_type.singleton} == {
        "log-archive",
        "security",
        "shared-services",
        "tooling",
    }


def test_it_has_the_promised_permission_sets_and_scps(catalog: Catalog) -> None:
    assert set(catalog.permission_sets) == {
        "AdministratorAccess",
        "DeveloperAccess",
        "ReadOnlyAccess",
        "BillingAccess",
        "SecurityAudit",
        "BreakGlass",
    }
    assert set(catalog.scps) == {
        "avm-approved-regions",
        "avm-costly-services",
        "avm-require-encryption",
        "avm-protect-baseline",
        "avm-deny-leave",
        "avm-deny-root",
        "avm-quarantine",
    }


def test_it_has_the_promised_email_and_cost_center_patterns(catalog: Catalog) -> None:
    organization = catalog.organization
    assert (organization.email.domains, organization.email.pattern) == (
        ("example.com",),
        "aws+{slug}-{short_id}@example.com",
    )
    assert organization.cost_center_pattern == "^CC-[0-9]{4,8}$"


@pytest.mark.parametrize("name", OU_OF_TYPE)
def test_every_type_assigns_the_security_auditors(catalog: Catalog, name: str) -> None:
    assert Access(group="security-auditors", permission_set="SecurityAudit") in catalog.account_types[name].assignments


@pytest.mark.parametrize("name", OU_OF_TYPE)
def test_administrator_access_is_for_sandboxes_only(catalog: Catalog, name: str) -> None:
    account_type = catalog.account_types[name]
    given = {access.permission_set for access in account_type.assignments} | set(account_type.allowed_permission_sets)
    assert ("AdministratorAccess" in given) == (name == "sandbox")


@pytest.mark.parametrize("name", OU_OF_TYPE)
def test_every_assigned_group_is_one_of_the_emulators(catalog: Catalog, name: str) -> None:
    assert {access.group for access in catalog.account_types[name].assignments} <= GROUPS


def test_nobody_can_ask_for_break_glass(catalog: Catalog) -> None:
    assert not any(
        "BreakGlass" in account_type.allowed_permission_sets for account_type in catalog.account_types.values()
    )


def test_every_managed_policy_is_one_of_aws(catalog: Catalog) -> None:
    policies = TypeAdapter(dict[str, dict[str, object]]).validate_json(aws_managed_policies_data)
    paths = {f"{policy['Path']}{name}".removeprefix("/") for name, policy in policies.items()}
    for permission_set in catalog.permission_sets.values():
        assert set(permission_set.managed_policies) <= paths, permission_set.name


def test_the_guardrails_of_an_ou_are_those_that_the_ou_names(catalog: Catalog) -> None:
    suspended = catalog.organization.ous["Suspended"]
    names = {kind: tuple(each.name for each in catalog.ou_guardrails("Suspended", kind)) for kind in GuardrailKind}
    assert names == {GuardrailKind.SCP: suspended.scps, GuardrailKind.RCP: suspended.rcps}


def test_every_ou_keeps_its_resources_to_the_organization_and_to_tls(catalog: Catalog) -> None:
    assert set(catalog.rcps) == {"avm-organization-perimeter", "avm-require-tls"}
    assert {ou.rcps for ou in catalog.organization.ous.values()} == {tuple(catalog.rcps)}


def test_a_catalog_is_read_back_from_its_json(catalog: Catalog) -> None:
    assert Catalog.model_validate_json(catalog.model_dump_json()) == catalog


def test_the_version_is_twelve_hex_digits_that_loading_repeats(catalog: Catalog) -> None:
    assert len(catalog.version) == 12
    assert int(catalog.version, 16) >= 0
    assert load_catalog(SHIPPED).version == catalog.version


def test_comments_and_layout_do_not_change_the_version(copy: CatalogCopy, catalog: Catalog) -> None:
    copy.replace("account_types/sandbox.yaml", "approval: false", "\n# never\napproval:   false")
    copy.replace("account_types/sandbox.yaml", "{monthly_usd: 100}", "\n  monthly_usd: 100")
    assert load_catalog(copy.directory).version == catalog.version


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("account_types/sandbox.yaml", "approval: false", "approval: true"),
        ("organization.yaml", "title: Cloud Billing", "title: Billing"),
        ("scps/avm-deny-leave.yaml", "- account:CloseAccount", "- account:Close*"),
        ("permission_sets/BreakGlass.yaml", "PT1H", "PT2H"),
    ],
)
def test_every_change_of_content_changes_the_version(
    copy: CatalogCopy, catalog: Catalog, file: str, old: str, new: str
) -> None:
    copy.replace(file, old, new)
    assert load_catalog(copy.directory).version != catalog.version
