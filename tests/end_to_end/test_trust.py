"""Who works where: the broker in the management account, the vending roles in the new account, nobody else.

All policies decide here: what the templates and the vend grant is enough, and what they do not grant is refused.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from avm_emulator.calls import CallRecord
from avm_emulator.engine import Options, start
from tests.emulator.outsiders import root_client
from tests.end_to_end.conftest import Machine

OWN_ROLES = ("OrganizationAccountAccessRole", "avm-enforce", "avm-observe")


@pytest.fixture(scope="module", params=[False, True], ids=["application in its own account", "one account"])
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with start(Options(speed="max", one_account=request.param)) as running:
        yield Machine(running)


def calls_of_functions(machine: Machine, since: int) -> list[CallRecord]:
    """Return the managed calls that functions have made, in whatever role."""
    return [call for call in machine.emulator.calls.select(since=since, own=False) if call.source.startswith("avm-")]


def role_of(call: CallRecord) -> str:
    """Return the role in which a call was made: ``arn:…:assumed-role/ROLE/SESSION``."""
    return call.principal.split("/")[1]


def test_a_vend_works_in_the_management_account_as_the_broker_and_in_the_account_as_its_vending_roles(
    machine: Machine,
) -> None:
    since = max(call.seq for call in machine.emulator.calls)
    account_id = machine.vend("trusting")["account_id"]
    calls = calls_of_functions(machine, since)
    root_user = f"arn:aws:iam::{account_id}:root"
    root = [call for call in machine.emulator.calls.select(since=since) if call.principal == root_user]
    looks = {"GetLoginProfile", "ListAccessKeys", "ListMFADevices", "ListSigningCertificates"}
    assert {call.operation for call in root} == looks, "what the root user could sign in with is only looked at"
    services = {"budgets", "cloudtrail", "organizations"}
    managed = [call for call in calls if call.service in services and call.account != account_id]
    assert {(call.account, role_of(call)) for call in managed} == {
        (machine.emulator.management_account_id, "avm-broker")
    }
    beside = (call for call in calls if call not in managed)
    by_broker = {call.operation for call in beside if role_of(call) == "avm-broker"}
    assert by_broker == {"AssumeRole", "AssumeRoot"}

    inside = [call for call in calls if call.account == account_id]
    restricted = next(call.seq for call in inside if call.operation == "UpdateAssumeRolePolicy")
    assert {role_of(call) for call in inside if call.seq > restricted} <= {"avm-enforce", "avm-observe"}
    assert any(role_of(call) == "avm-observe" for call in inside if call.seq > restricted)
    before = {role_of(call) for call in inside if call.seq <= restricted}
    assert before == {"OrganizationAccountAccessRole", "avm-enforce", "avm-observe"}


def test_in_the_account_nobody_but_the_broker_and_the_functions_is_trusted(machine: Machine) -> None:
    account_id = machine.vend("trusted")["account_id"]
    emulator = machine.emulator
    iam: Any = machine.session_of(account_id, "OrganizationAccountAccessRole").client(
        "iam", endpoint_url=emulator.endpoint_url
    )
    trusts: dict[str, Any] = {
        name: iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"] for name in OWN_ROLES
    }
    (bootstrap,) = trusts.pop("OrganizationAccountAccessRole")
    assert bootstrap["Principal"] == {"AWS": f"arn:aws:iam::{emulator.management_account_id}:role/avm/avm-broker"}
    application = emulator.application_account_id
    organization = machine.client("organizations").describe_organization()["Organization"]["Id"]
    for name, (statement,) in trusts.items():
        path = f"avm-functions/*{name.removeprefix('avm-')}/*"
        assert statement["Principal"] == {"AWS": f"arn:aws:iam::{application}:root"}
        assert statement["Condition"] == {
            "StringEquals": {"aws:PrincipalOrgID": organization, "sts:ExternalId": "avm-emulator"},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{application}:role/{path}"},
        }


def test_nobody_else_can_take_the_machines_roles(machine: Machine) -> None:
    account_id = machine.vend("guarded")["account_id"]
    broker = f"arn:aws:iam::{machine.emulator.management_account_id}:role/avm/avm-broker"
    inside = [f"arn:aws:iam::{account_id}:role/{name}" for name in (OWN_ROLES[0], "avm/avm-enforce", "avm/avm-observe")]
    for session in (machine.session, machine.application_session):  # administrators, both
        sts: Any = session.client("sts", endpoint_url=machine.emulator.endpoint_url)
        for role in (broker, *inside):
            for options in ({}, {"ExternalId": "avm-emulator"}):
                with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
                    sts.assume_role(RoleArn=role, RoleSessionName="mallory", **options)


def test_a_vend_that_runs_again_changes_no_role(machine: Machine) -> None:
    access = [{"group": "late-comers", "permission_set": "ReadOnlyAccess"}]
    request = machine.vend("again", access=access)
    assert (request["status"], request["error"]["code"]) == ("PARKED", "PrincipalNotFound")
    store = machine.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    machine.client("identitystore").create_group(IdentityStoreId=store, DisplayName="late-comers")
    since = max(call.seq for call in machine.emulator.calls)
    assert machine.call("POST", "/requests/again/retry").status_code == 202
    assert machine.outcome("again")["status"] == "READY"
    changes = [call.operation for call in calls_of_functions(machine, since) if call.mutating]
    assert set(changes) == {"CreateAccountAssignment", "TagResource", "DetachPolicy"}


def test_who_is_of_the_management_or_the_applications_account_may_call_and_nobody_else(machine: Machine) -> None:
    for session in (machine.session, machine.application_session):
        assert machine.call("GET", "/health", session=session).status_code == 200
    member = machine.session_of(machine.vend("calling", type="sandbox")["account_id"], "SecurityAudit")
    outsider = Signer(root_client(machine.emulator, "sts", account="111122223333"))
    strangers: tuple[Any, ...] = (member, outsider)
    for session in strangers:
        answer = machine.call("GET", "/health", session=session)
        assert answer.status_code == 403
        assert "is not authorized to perform: execute-api:Invoke" in answer.text


def test_what_happens_in_the_organization_reaches_the_applications_bus(machine: Machine) -> None:
    with machine.hearing({"source": ["aws.organizations"]}) as told:
        account_id = machine.vend("heard")["account_id"]
        machine.settle_now()
        heard = {event["detail"]["eventName"]: event for event in told()}
    assert {"CreateAccountResult", "AccountJoinedOrganization"} <= set(heard)
    joined = heard["AccountJoinedOrganization"]
    assert (joined["region"], joined["account"]) == ("us-east-1", machine.emulator.management_account_id)
    assert joined["detail"]["serviceEventDetails"]["accountId"] == account_id


class Signer:
    """A client's credentials as a session's."""

    def __init__(self, client: Any) -> None:
        self.get_credentials = lambda: client._request_signer._credentials
