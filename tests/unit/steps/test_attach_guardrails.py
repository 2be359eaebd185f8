"""AttachGuardrails."""

import pytest

from avm.domain.guardrail import GuardrailKind
from avm.steps import attach_guardrails
from tests.unit.steps.conftest import World

CONTROLS = ("account-guardrails", "account-tags", "ou-guardrails", "placement")


def test_what_is_true_already_costs_no_change(world: World) -> None:
    record, account_id = world.placed()
    since = world.last_call()
    output = world.run(attach_guardrails, record, account_id=account_id, controls=CONTROLS)
    assert (output.status, output.failures) == ("DONE", ())
    assert world.mutating_calls(since) == []


def test_what_was_changed_is_put_back(world: World) -> None:
    record, account_id = world.placed()
    organizations = world.organizations
    organizations.move_account(account_id, organizations.ou_id("Sandbox"), organizations.root_id())
    organizations.tag(account_id, {"owner": "somebody.else@example.com"})
    strange = world.catalog.scps["avm-deny-leave"].aws_name
    organizations.attach_policy(organizations.scp_id(strange), account_id)
    output = world.run(attach_guardrails, record, account_id=account_id, controls=CONTROLS)
    assert output.status == "DONE", output.failures
    assert organizations.parent_id(account_id) == organizations.ou_id("Sandbox")
    assert organizations.tags(account_id)["owner"] == "jane.doe@example.com"
    assert strange not in organizations.attached_scps(account_id)
    assert world.catalog.quarantine.aws_name in organizations.attached_scps(account_id)


@pytest.mark.parametrize(
    ("kind", "guardrail"), [(GuardrailKind.SCP, "avm-deny-root"), (GuardrailKind.RCP, "avm-require-tls")]
)
def test_an_ou_that_lacks_its_guardrails_is_the_foundations_to_mend(
    world: World, kind: GuardrailKind, guardrail: str
) -> None:
    record, account_id = world.placed()
    organizations = world.emulator.clients.client("organizations")
    unit_id = world.organizations.ou_id("Sandbox")
    name = world.catalog.guardrails(kind)[guardrail].aws_name
    listed = organizations.list_policies_for_target(TargetId=unit_id, Filter=kind.value)
    (policy_id,) = (policy["Id"] for policy in listed["Policies"] if policy["Name"] == name)
    organizations.detach_policy(PolicyId=policy_id, TargetId=unit_id)
    output = world.run(attach_guardrails, record, account_id=account_id, controls=CONTROLS)
    organizations.attach_policy(PolicyId=policy_id, TargetId=unit_id)
    assert output.status == "FAILED"
    assert [(each.control, each.error, each.cause) for each in output.failures] == [
        ("ou-guardrails", "FoundationBehind", f"OU Sandbox lacks the guardrails {name}")
    ]
