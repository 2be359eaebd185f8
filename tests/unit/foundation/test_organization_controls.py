"""The controls of the organization itself: from nothing to the catalog, and back there when something is broken."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.domain.guardrail import GuardrailKind
from avm.foundation.organization_features import OrganizationFeatures
from avm.foundation.organizational_units import downwards
from avm.foundation.policy_types import POLICY_TYPES
from avm.foundation.trusted_services import TRUSTED
from tests.unit.foundation.conftest import Ground

ORDER = ("policy-types", "trusted-services", "organizational-units", "ou-guardrails")


def test_a_look_changes_nothing_and_names_every_call(ground: Ground) -> None:
    since = ground.last_call()
    kinds = {name: {step.operation.partition(":")[2] for step in ground.look(name).steps} for name in ORDER}
    assert kinds == {
        "policy-types": {"EnablePolicyType"},
        "trusted-services": {"EnableAWSServiceAccess"},
        "organizational-units": {"CreateOrganizationalUnit"},
        "ou-guardrails": {"CreatePolicy", "AttachPolicy"},
    }
    assert ground.mutating_calls(since) == []


def test_the_steps_lead_to_the_catalog_and_then_none_is_left(ground: Ground) -> None:
    ground.apply(*ORDER)
    assert {name: ground.status(name) for name in ORDER} == dict.fromkeys(ORDER, "compliant")
    assert ground.apply(*ORDER) == []
    (root,) = ground.organizations.list_roots()["Roots"]
    assert {each["Type"] for each in root["PolicyTypes"]} == set(POLICY_TYPES)
    units = ground.look("organizational-units").shown["ListOrganizationalUnitsForParent"]
    attached = ground.look("ou-guardrails").shown["ListPoliciesForTarget"]
    assert set(units) == set(ground.catalog.organization.ous)
    for name in units:
        assert set(attached[name]) == {
            policy
            for kind in GuardrailKind
            for policy in (kind.full_access, *(each.aws_name for each in ground.catalog.ou_guardrails(name, kind)))
        }


def test_every_trusted_service_has_its_reason(ground: Ground) -> None:
    assert all(TRUSTED.values())


def unit(ground: Ground, name: str) -> str:
    return str(ground.look("organizational-units").shown["ListOrganizationalUnitsForParent"][name])


def kind_of(ground: Ground, name: str) -> GuardrailKind:
    return GuardrailKind.SCP if name in ground.catalog.scps else GuardrailKind.RCP


def guardrail(ground: Ground, name: str) -> str:
    kind = kind_of(ground, name)
    return ground.reach.setup.guardrails(kind)[ground.catalog.guardrails(kind)[name].aws_name]


def test_an_rcp_names_the_organization_and_is_called_the_same_in_each(ground: Ground) -> None:
    policy = ground.organizations.describe_policy(PolicyId=guardrail(ground, "avm-organization-perimeter"))["Policy"]
    organization_id = ground.organizations.describe_organization()["Organization"]["Id"]
    perimeter, _ = json.loads(policy["Content"])["Statement"]
    assert perimeter["Condition"]["StringNotEqualsIfExists"] == {"aws:PrincipalOrgID": organization_id}
    assert policy["PolicySummary"]["Name"] == ground.catalog.rcps["avm-organization-perimeter"].aws_name


def switch_off(ground: Ground) -> None:
    (root,) = ground.organizations.list_roots()["Roots"]
    ground.organizations.disable_policy_type(RootId=root["Id"], PolicyType="RESOURCE_CONTROL_POLICY")


def trust_no_more(ground: Ground) -> None:
    ground.organizations.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


def delete_unit(ground: Ground) -> None:
    unit_id = unit(ground, "Suspended")
    ground.organizations.delete_organizational_unit(OrganizationalUnitId=unit_id)


def rename_unit(ground: Ground) -> None:
    ground.organizations.update_organizational_unit(OrganizationalUnitId=unit(ground, "Test"), Name="Probe")


def detach(ground: Ground, name: str) -> None:
    ground.organizations.detach_policy(PolicyId=guardrail(ground, name), TargetId=unit(ground, "Prod"))


def soften(ground: Ground, name: str) -> None:
    ground.organizations.update_policy(PolicyId=guardrail(ground, name), Content=harmless(kind_of(ground, name)))


def attach(ground: Ground, name: str, kind: GuardrailKind) -> None:
    policy = ground.organizations.create_policy(
        Name=name, Description="another", Content=harmless(kind), Type=kind.value
    )["Policy"]["PolicySummary"]
    ground.organizations.attach_policy(PolicyId=policy["Id"], TargetId=unit(ground, "Prod"))


def harmless(kind: GuardrailKind) -> str:
    statement = {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}
    whom = {"Principal": "*"} if kind is GuardrailKind.RCP else {}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, **whom}})


BREAKERS: Mapping[str, tuple[str, Callable[[Ground], None]]] = {
    "a policy type is switched off": ("policy-types", switch_off),
    "a service is not trusted any more": ("trusted-services", trust_no_more),
    "an OU is deleted": ("organizational-units", delete_unit),
    "an OU is renamed": ("organizational-units", rename_unit),
    "an SCP is detached": ("ou-guardrails", partial(detach, name="avm-deny-root")),
    "an RCP is detached": ("ou-guardrails", partial(detach, name="avm-require-tls")),
    "an SCP is softened": ("ou-guardrails", partial(soften, name="avm-deny-leave")),
    "an RCP is softened": ("ou-guardrails", partial(soften, name="avm-organization-perimeter")),
    "another version of an SCP is attached": (
        "ou-guardrails",
        partial(attach, name="avm-deny-root-00000000", kind=GuardrailKind.SCP),
    ),
    "another version of an RCP is attached": (
        "ou-guardrails",
        partial(attach, name="avm-require-tls-00000000", kind=GuardrailKind.RCP),
    ),
}


@pytest.mark.parametrize("what", BREAKERS)
def test_what_is_broken_is_found_and_mended(ground: Ground, what: str) -> None:
    name, break_it = BREAKERS[what]
    break_it(ground)
    ground.emulator.clock.advance(10)
    assert ground.status(name) == "violated"
    assert len(ground.apply(name)) == 1
    assert ground.status(name) == "compliant"
    ground.apply(*ORDER)  # an OU that is made anew has no guardrails yet


def test_what_belongs_to_others_is_named_and_left_alone(ground: Ground) -> None:
    (root,) = ground.organizations.list_roots()["Roots"]
    ground.organizations.create_organizational_unit(ParentId=root["Id"], Name="Workloads")
    ground.organizations.enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    for kind in GuardrailKind:
        attach(ground, f"theirs-{kind.field}", kind)
    ground.emulator.clock.advance(10)
    left: Any = {name: ground.look(name).left_alone for name in ORDER}
    assert [text for text in left["organizational-units"] if text.startswith("OU Workloads (ou-")]
    assert left["trusted-services"] == ("trusted access of ram.amazonaws.com",)
    assert left["ou-guardrails"] == ("SCP theirs-scps on OU Prod", "RCP theirs-rcps on OU Prod")
    assert ground.apply(*ORDER) == []


def test_an_organization_without_all_features_says_who_has_to_do_what(ground: Ground) -> None:
    target = ground.target()
    described = OrganizationDescription("o-1", target.organization.management_account_id, "CONSOLIDATED_BILLING")
    look = OrganizationFeatures().look(
        type(target)(target.catalog, described, target.foundation, target.application_account_id), ground.reach
    )
    assert look.status == "violated"
    assert "Begin process to enable all features" in look.by_hand[0]


def test_an_ou_comes_after_the_one_above_it(ground: Ground) -> None:
    order = list(downwards(ground.catalog))
    assert sorted(order) == sorted(ground.catalog.organization.ous)
