"""Grants of a control that works on two planes."""

import pytest

from avm.controls.control import Plane
from avm.controls.policies import enforce_policy, observe_policy
from avm.controls.security_hub_member import SecurityHubMember

CHANGES = {
    "security": {"securityhub:CreateMembers"},
    "member": {
        "iam:CreateServiceLinkedRole",
        "securityhub:BatchEnableStandards",
        "securityhub:DescribeStandards",
        "securityhub:EnableSecurityHub",
    },
    "broker": set(),
}
LOOKS = {
    "security": {"securityhub:DescribeOrganizationConfiguration", "securityhub:GetMembers"},
    "member": {
        *("config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"),
        "securityhub:GetEnabledStandards",
    },
    "broker": set(),
}


@pytest.mark.parametrize("plane", ["security", "member", "broker"])
def test_each_role_gets_what_is_needed_on_its_plane(plane: Plane) -> None:
    control, place = SecurityHubMember(), {"partition": "aws", "account_id": "111122223333"}
    looks = observe_policy([control], plane, **place)["Statement"]
    changes = enforce_policy([control], plane, **place)["Statement"]
    assert {action for statement in looks for action in statement["Action"]} == LOOKS[plane]
    assert {action for statement in changes for action in statement["Action"]} == LOOKS[plane] | CHANGES[plane]
