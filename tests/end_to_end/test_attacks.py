"""Who administers a vended account, or is its root, gets no further than the account: every policy decides here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.end_to_end.attacks import ANYBODY, GROUPS, HARMLESS, Attack
from tests.end_to_end.conftest import Machine

pytestmark = pytest.mark.timeout(300)  # real seconds, on a busy machine: the first test starts the world
JANE = "jane.doe@example.com"
CASES = [
    pytest.param(attack, id=f"{group}: {attack.sentence}") for group, attacks in GROUPS.items() for attack in attacks
]


class Field:
    """Two vended sandboxes, one of which is the attacker's, and what an attack needs to name."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.emulator = machine.emulator
        access = [{"user": JANE, "permission_set": "AdministratorAccess"}]
        self.account = machine.vend("attacked", type="sandbox", access=access)["account_id"]
        self.neighbour = machine.vend("neighbour", type="sandbox", access=access)["account_id"]
        self._numbers = iter(range(1_000))

    @cached_property
    def names(self) -> Mapping[str, str]:
        machine, emulator = self.machine, self.emulator
        organizations, center = machine.client("organizations"), machine.client("sso-admin")
        ou = organizations.list_parents(ChildId=self.account)["Parents"][0]["Id"]
        policies = organizations.list_policies_for_target(TargetId=ou, Filter="SERVICE_CONTROL_POLICY")["Policies"]
        instance = center.list_instances()["Instances"][0]
        sets = center.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"]
        store = machine.client("identitystore")
        user = store.list_users(IdentityStoreId=instance["IdentityStoreId"])["Users"][0]["UserId"]
        functions = machine.application_client("lambda").list_functions()["Functions"]
        function = next(each for each in functions if "QuarantineAccount" in each["FunctionName"])
        queues = machine.application_client("sqs").list_queues()["QueueUrls"]
        tables = machine.application_client("dynamodb")
        table = tables.describe_table(TableName=tables.list_tables()["TableNames"][0])["Table"]
        machines = machine.application_client("stepfunctions").list_state_machines()["stateMachines"]
        topics = machine.application_client("sns").list_topics()["Topics"]
        return {
            "account": self.account,
            "neighbour": self.neighbour,
            "application": emulator.application_account_id,
            "management": emulator.management_account_id,
            "ou": ou,
            "root": organizations.list_roots()["Roots"][0]["Id"],
            "policy": next(each["Id"] for each in policies if each["Name"].startswith("avm-")),
            "auditors": self.reserved_role("SecurityAudit"),
            "instance": instance["InstanceArn"],
            "permission_set": sets[0],
            "user": user,
            "function": function["FunctionArn"],
            "function_role": function["Role"].partition(":role/")[2],
            "queue": next(url for url in queues if "-RequestQueue-" in url),
            "table": table["TableArn"],
            "key": table["SSEDescription"]["KMSMasterKeyArn"],
            "state_machine": next(each["stateMachineArn"] for each in machines if each["name"] == "avm-vend-account"),
            "alarms": next(topic["TopicArn"] for topic in topics if topic["TopicArn"].endswith("alarms")),
        }

    def reserved_role(self, permission_set: str) -> str:
        """Return the role that Identity Center has made of a permission set in the account."""
        arn = self.session("SecurityAudit").client("sts", endpoint_url=self.emulator.endpoint_url).get_caller_identity()
        assert permission_set in arn["Arn"]
        return str(arn["Arn"].split("/")[1])

    def session(self, principal: str, account_id: str | None = None) -> boto3.Session:
        return self.machine.session_of(account_id or self.account, principal)

    def through_the_portal(self, account_id: str | None = None) -> boto3.Session:
        """Return a session as Jane gets it: she signs in at the identity portal."""
        endpoint = self.emulator.endpoint_url
        signed_in = requests.post(f"{endpoint}/_emulator/credentials", json={"user": JANE}, timeout=60).json()
        config = Config(signature_version=UNSIGNED)
        portal: Any = boto3.client("sso", region_name=self.emulator.region, endpoint_url=endpoint, config=config)
        given = portal.get_role_credentials(
            accessToken=signed_in["accessToken"],
            accountId=account_id or self.account,
            roleName="AdministratorAccess",
        )["roleCredentials"]
        return boto3.Session(
            given["accessKeyId"], given["secretAccessKey"], given["sessionToken"], self.emulator.region
        )

    def make(self, session: Any, attack: Attack) -> Any:
        """Make the call of an attack, once, and return its answer."""
        if attack.service == "organizations":
            self.emulator.clock.advance(1)  # nobody is to be refused for the rate alone
        service: Any = attack.service
        client = self.client(session, service, attack.region)
        return getattr(client, attack.operation)(
            **attack.filled({**self.names, "name": f"mallory-{next(self._numbers)}"})
        )

    def client(self, session: Any, service: Any, region: str = "eu-west-1") -> Any:
        # The proxy: clients of s3control write the account into the name of the host
        config = Config(retries={"total_max_attempts": 1}, proxies={"http": self.emulator.endpoint_url})
        return session.client(service, endpoint_url=self.emulator.endpoint_url, region_name=region, config=config)

    def error(self, session: Any, attack: Attack) -> dict[str, Any]:
        """Return the error that an attack gets; fails if it succeeds."""
        with pytest.raises(ClientError) as caught:
            self.make(session, attack)
        error: dict[str, Any] = caught.value.response["Error"]  # type: ignore[assignment]
        return error


@pytest.fixture(scope="module")
def field(machine: Machine) -> Field:
    return Field(machine)


@pytest.fixture(scope="module")
def attackers(field: Field) -> Mapping[str, boto3.Session]:
    return {
        "by the permission set's role": field.session("AdministratorAccess"),
        "through the portal": field.through_the_portal(),
    }


@pytest.mark.parametrize("attack", CASES)
@pytest.mark.parametrize("way", ["by the permission set's role", "through the portal"])
def test_an_administrator_of_an_account_does_not(
    way: str, attack: Attack, field: Field, attackers: Mapping[str, boto3.Session]
) -> None:
    error = field.error(attackers[way], attack)
    assert error["Code"] == (attack.code or attack.denied)
    if attack.refused == "scp":
        assert "with an explicit deny in a service control policy" in error["Message"]
    elif attack.refused == "reach":
        assert "is not authorized to perform" in error["Message"]
        assert "explicit deny" not in error["Message"]


@pytest.mark.parametrize("harmless", [pytest.param(each, id=each.sentence) for each in HARMLESS])
@pytest.mark.parametrize("way", ["by the permission set's role", "through the portal"])
def test_an_administrator_of_an_account_does(
    way: str, harmless: Attack, field: Field, attackers: Mapping[str, boto3.Session]
) -> None:
    answer = field.make(attackers[way], harmless)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("attack", [*CASES, *HARMLESS])
def test_root_of_an_account_does_nothing(attack: Attack, field: Field) -> None:
    error = field.error(field.session("root"), attack)
    assert error["Code"] == attack.denied
    assert field.client(field.session("root"), "sts").get_caller_identity()  # which nothing can deny


def test_a_role_that_only_looks_like_the_machines_is_not_spared(field: Field) -> None:
    administrator = field.session("AdministratorAccess")
    iam: Any = administrator.client("iam", endpoint_url=field.emulator.endpoint_url)
    iam.create_role(Path="/mine/avm/", RoleName="disguised", AssumeRolePolicyDocument=ANYBODY)
    iam.attach_role_policy(RoleName="disguised", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    role = f"arn:aws:iam::{field.account}:role/mine/avm/disguised"
    sts = field.client(administrator, "sts")
    disguised = _session(sts.assume_role(RoleArn=role, RoleSessionName="avm-enforce")["Credentials"])
    assert field.client(disguised, "ec2").describe_vpcs()
    for group in (
        "uses a Region that is not approved",
        "stops what watches it",
        "touches a role that guardrails spare",
    ):
        for attack in GROUPS[group]:
            assert field.error(disguised, attack)["Code"] == (attack.code or attack.denied), attack.sentence


@pytest.mark.parametrize("path", ["/requests", "/requests/neighbour/approval", "/requests/attacked/retry", "/plans"])
def test_an_administrator_of_an_account_has_no_word_in_the_machine(path: str, field: Field) -> None:
    for session in (field.session("AdministratorAccess"), field.session("root")):
        answer = field.machine.call("POST", path, {"decision": "approve"}, session=session)
        assert answer.status_code == 403
        assert "is not authorized to perform: execute-api:Invoke" in answer.text


ANYTHING = tuple(attack for attacks in (*GROUPS.values(), HARMLESS) for attack in attacks)


def test_nobody_does_anything_while_a_vend_is_not_over(field: Field) -> None:
    """The last step fails: people have their access by then, and the account is still in quarantine."""
    denied = {"service": "organizations", "operation": "TagResource", "fault": "denied", "probability": 1.0}
    faults = f"{field.emulator.endpoint_url}/_emulator/faults"
    assert requests.put(faults, json=[denied], timeout=60).status_code == 200
    access = [{"user": JANE, "permission_set": "AdministratorAccess"}]
    held = field.machine.vend("held", type="sandbox", access=access)
    assert requests.delete(faults, timeout=60).status_code == 200
    assert (held["status"], held["error"]["code"]) == ("PARKED", "AccessDenied")
    assert "avm-quarantine" in field.machine.scps(held["account_id"])
    account_id = held["account_id"]
    for session in (
        field.session("AdministratorAccess", account_id),
        field.through_the_portal(account_id),
        field.session("root", account_id),
    ):
        for attack in ANYTHING:
            error = field.error(session, attack)
            assert error["Code"] == attack.denied, attack.sentence


def test_a_key_that_was_made_before_is_worth_nothing_in_quarantine(field: Field) -> None:
    administrator = field.session("AdministratorAccess", field.neighbour)
    iam: Any = administrator.client("iam", endpoint_url=field.emulator.endpoint_url)
    iam.create_user(UserName="sleeper")
    iam.attach_user_policy(UserName="sleeper", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="sleeper")["AccessKey"]
    sleeper = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="eu-west-1")
    bucket = next(each for each in HARMLESS if each.operation == "create_bucket")
    assert field.make(sleeper, bucket)
    organizations = field.machine.client("organizations")
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    quarantine = next(each["Id"] for each in policies if each["Name"].startswith("avm-quarantine"))
    organizations.attach_policy(PolicyId=quarantine, TargetId=field.neighbour)
    for attack in ANYTHING:
        assert field.error(sleeper, attack)["Code"] == attack.denied
    organizations.detach_policy(PolicyId=quarantine, TargetId=field.neighbour)
    assert field.make(sleeper, bucket)


def test_the_attacks_are_counted(figure: list[str]) -> None:
    counts = ", ".join(f"{len(attacks)} of one who {group}" for group, attacks in GROUPS.items())
    figure.append(f"{len(CASES)} attacks ({counts}), each by two ways and by root, all refused")
    figure.append(f"{len(HARMLESS)} controls by two ways, all let through, and all refused to root")


def _session(credentials: Mapping[str, str]) -> boto3.Session:
    return boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], "eu-west-1"
    )
