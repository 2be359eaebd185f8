"""vending-roles: which roles an account of a type has."""

import json

import pytest

from avm.controls.administration import ADMINISTRATION, FINDINGS
from avm.controls.vending_roles import vending_roles
from avm.domain.foundation import AGGREGATOR_ROLE
from tests.unit.controls.conftest import Place

SECURITY = "avm-security"


@pytest.mark.parametrize("account_type", ["sandbox", "log-archive", "shared-services"])
def test_no_account_but_the_security_account_has_the_role_that_administers_security(
    place: Place, account_type: str
) -> None:
    roles = vending_roles(place.target(request={"type": account_type}))
    assert [role.name for role in roles] == ["avm-enforce", "avm-observe", "avm-events"]


def test_the_role_that_administers_security_is_for_the_functions_that_take_it_and_for_that_alone(place: Place) -> None:
    role = next(role for role in vending_roles(place.target(request={"type": "security"})) if role.name == SECURITY)
    (statement,) = role.trust["Statement"]
    assert statement["Condition"]["ArnLike"]["aws:PrincipalArn"].endswith("security/*")
    granted = {action for statement in role.policy["Statement"] for action in statement["Action"]}
    assert granted == {
        "guardduty:CreateMembers",
        "guardduty:GetMemberDetectors",
        "guardduty:GetMembers",
        "guardduty:UpdateMemberDetectors",
        "securityhub:CreateMembers",
        "securityhub:GetMembers",
        *(action for grant in (*ADMINISTRATION, *FINDINGS) for action in grant.actions),
    }
    assert place.account_id in json.dumps(role.policy)


def test_config_asks_for_the_accounts_in_a_role_of_its_own(place: Place) -> None:
    roles = {role.name: role for role in vending_roles(place.target(request={"type": "security"}))}
    role = roles[AGGREGATOR_ROLE]
    (statement,) = role.trust["Statement"]
    assert statement["Principal"] == {"Service": "config.amazonaws.com"}
    verbs = {action.partition(":")[2] for each in role.policy["Statement"] for action in each["Action"]}
    assert all(verb.startswith(("Describe", "List")) for verb in verbs)
