"""The whole application in the emulator: deployed artefacts, real function processes, the real state machine."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
import botocore.auth
import botocore.awsrequest
import pytest
import requests
from typer.testing import CliRunner, Result

from avm_cli.main import app
from avm_cli.waiting import Waiting
from avm_emulator.application import deploy_application
from avm_emulator.context import Emulator
from avm_emulator.engine import Options, RunningEmulator, start
from tests.emulator.lab import Lab
from tests.end_to_end import conformance
from tests.end_to_end.artefacts import few_promises

T = TypeVar("T")
Heard = Callable[[], list[dict[str, Any]]]
Avm = Callable[..., Result]
"""``avm(*arguments)``: runs the command line."""
GOVERNED = frozenset({"eu-west-1", "eu-central-1", "us-east-1"})
BRISK = {
    "organizations:CreateAccount": 4,
    "organizations:ActivateAccount": 0,
    "organizations:DescribeAccount": 0,
    "organizations:ListAccounts": 0,
    "new-account:AssumeRole": 0,
    "new-account:Credentials": 0,
    "new-account:StsRegion": 0,
    "new-account:Iam": 0,
    "new-account:Service": 0,
    "sso-admin:CreateAccountAssignment": 4,
    "config:StartConfigurationRecorder": 4,
    "guardduty:CreateMembers": 4,
    "securityhub:BatchEnableStandards": 4,
    "securityhub:CreateMembers": 0,
}
"""Latencies with which each thing is waited for once: every call of a vend, few of them twice."""
SWEEP_RULE = "avm-sweep"
"""The schedule that sweeps."""
OVER = {"READY", "PARKED", "REJECTED", "CANCELLED"}
GOOD = {
    "type": "development",
    "owner": "jane.doe@example.com",
    "cost_center": "CC-1042",
    "purpose": "Card payments, development",
}


class Machine:
    """The vending machine, as its users reach it."""

    def __init__(self, running: RunningEmulator) -> None:
        self.emulator = running.emulator
        self.base = f"{running.api_url}/v1"
        management, application = running.emulator.management_account_id, running.emulator.application_account_id
        self.session = self.session_of(management, "avm-operator")
        if application == management:
            self.application_session = self.session
        else:
            self.application_session = self.session_of(application, "OrganizationAccountAccessRole")
        self.http = requests.Session()
        self.http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))

    def client(self, service: Any) -> Any:
        """Return a client of the operator, in the management account."""
        return self.session.client(service, endpoint_url=self.emulator.endpoint_url)

    def application_client(self, service: Any) -> Any:
        """Return a client of an administrator of the account that the application is in."""
        return self.application_session.client(service, endpoint_url=self.emulator.endpoint_url)

    def hear_of_drift(self, *, heard: bool) -> None:
        """Let events that hint at drift or tell who has joined and left come through, or not.

        Where they do not, what is broken stays so until somebody looks.
        """
        events = self.application_client("events")
        change = events.enable_rule if heard else events.disable_rule
        for bus in ("avm", "default"):
            for rule in events.list_rules(EventBusName=bus)["Rules"]:
                if "DriftRule" in rule["Name"] or "MembershipRule" in rule["Name"]:
                    change(Name=rule["Name"], EventBusName=bus)

    @contextmanager
    def hearing(self, pattern: Mapping[str, Any]) -> Iterator[Heard]:
        """Give what takes the events of the application's bus that match, since it was asked last."""
        management, application = self.emulator.management_account_id, self.emulator.application_account_id
        role = f"arn:aws:iam::{application}:role/OrganizationAccountAccessRole"
        lab = Lab(self.emulator, role if application != management else None)
        url, arn = lab.open_queue()
        events, rule = lab.client("events"), lab.name("rule")
        events.put_rule(Name=rule, EventBusName="avm", EventPattern=json.dumps(pattern))
        events.put_targets(Rule=rule, EventBusName="avm", Targets=[{"Id": "queue", "Arn": arn}])
        yield lambda: lab.bodies(url)
        events.remove_targets(Rule=rule, EventBusName="avm", Ids=["queue"])
        events.delete_rule(Name=rule, EventBusName="avm")

    def sweep_by_schedule(self, *, on: bool) -> None:
        """Let the schedule sweep, or not: then nothing is looked at but by those who are asked to."""
        events = self.application_client("events")
        (events.enable_rule if on else events.disable_rule)(Name=SWEEP_RULE)

    def let_pass(self, seconds: float) -> None:
        """Let AWS-seconds pass without the watchdog, which would come each minute and have nothing to do."""
        events = self.application_client("events")
        events.disable_rule(Name="avm-watchdog")
        self.emulator.clock.advance(seconds)
        events.enable_rule(Name="avm-watchdog")

    def creations(self, since: int) -> int:
        """Return how many accounts were asked for since a call."""
        return len(self.emulator.calls.select(since=since, operation="CreateAccount", error=None))

    def session_of(self, account_id: str, principal: str) -> boto3.Session:
        """Return a session of a role, a permission set or the root of an account."""
        body = {"account_id": account_id, "principal": principal}
        answer = requests.post(f"{self.emulator.endpoint_url}/_emulator/credentials", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        credentials = answer.json()
        return boto3.Session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            region_name=self.emulator.region,
        )

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        signed: bool = True,
        session: Any = None,
    ) -> requests.Response:
        """Call the API as a client does; ``body`` is sent as JSON, text as it is; ``session``: not the operator's."""
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        request = botocore.awsrequest.AWSRequest(method, self.base + path, data=data, headers=headers)
        if signed:
            credentials = (session or self.session).get_credentials()
            assert credentials is not None
            signer = botocore.auth.SigV4Auth(credentials.get_frozen_credentials(), "execute-api", self.emulator.region)
            signer.add_auth(request)
        answer = self.http.request(method, self.base + path, data=data, headers=dict(request.headers), timeout=60)
        conformance.check(method, path, answer)
        return answer

    def outcome(self, request_id: str) -> dict[str, Any]:
        """Return the request when it is over.

        Nobody asks meanwhile: a question is work that the clock stands for.
        """
        deadline = time.monotonic() + 900
        while time.monotonic() < deadline:
            self.settle(deadline)
            answer = self.call("GET", f"/requests/{request_id}")
            assert answer.status_code == 200, answer.text
            request: dict[str, Any] = answer.json()
            if request["status"] in OVER:
                return request
        pytest.fail(f"request {request_id} is not over: {request}")

    def settle(self, deadline: float) -> None:
        """Wait until nothing runs and no work is due: at speed max every vend has ended then, or waits for ever."""
        clock = self.emulator.clock
        while time.monotonic() < deadline:
            if clock.active == 0 and not any(timer.kind == "work" for timer in clock.pending()):
                return
            time.sleep(0.05)

    def settle_now(self) -> None:
        """Wait until nothing runs and no work is due."""
        self.settle(time.monotonic() + 300)

    def until(self, look: Callable[[], T | None]) -> T:
        """Look until there is something, and return it."""
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            if (found := look()) is not None:
                return found
            time.sleep(0.2)
        pytest.fail("there was nothing to be seen")

    def vend(self, request_id: str, **body: Any) -> dict[str, Any]:
        """Post a request and return it when it is over."""
        answer = self.call("POST", "/requests", {"name": f"name-{request_id}", **GOOD, **body}, key=request_id)
        assert answer.status_code == 202, answer.text
        return self.outcome(request_id)

    def accepted_once(self, request_id: str) -> bool:
        """Tell whether a request was accepted, and only once."""
        items = self.call("GET", f"/requests/{request_id}/audit").json()["items"]
        return [item["action"] for item in items].count("RequestAccepted") == 1

    def scps(self, account_id: str) -> set[str]:
        """Return the names of the SCPs on the account itself, without their hash."""
        listed = self.client("organizations").list_policies_for_target(
            TargetId=account_id, Filter="SERVICE_CONTROL_POLICY"
        )
        return {policy["Name"].rpartition("-")[0] or policy["Name"] for policy in listed["Policies"]}

    def ou(self, account_id: str) -> str:
        """Return the name of the OU that holds the account."""
        organizations = self.client("organizations")
        parent = organizations.list_parents(ChildId=account_id)["Parents"][0]
        if parent["Type"] == "ROOT":
            return "Root"
        unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])
        return str(unit["OrganizationalUnit"]["Name"])


def hasten(emulator: Emulator, seed: int = 0, regions: frozenset[str] = GOVERNED) -> None:
    """Let there be less to wait for and to do: ``BRISK``, and accounts with the governed Regions alone."""
    emulator.latencies.change(BRISK, seed)
    emulator.account_regions = regions


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, in an emulator in which a vend is short."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        deploy_application(running.emulator, few_promises(tmp_path_factory.mktemp("artefacts")))
        yield Machine(running)


@pytest.fixture
def since(machine: Machine) -> int:
    """Return the number of the last call before the test, when those before it have come to rest."""
    machine.settle_now()
    return max(call.seq for call in machine.emulator.calls)


@pytest.fixture
def avm(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Avm:
    """Return the command as the operator runs it."""
    credentials = machine.session.get_credentials()
    assert credentials is not None
    environment = {
        "AVM_API_URL": machine.base.removesuffix("/v1"),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": str(credentials.token),
        "AWS_DEFAULT_REGION": machine.emulator.region,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    waiting = Waiting(sleep=lambda _: time.sleep(0.3))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), obj=waiting)

    return run


@pytest.fixture
def faults(machine: Machine) -> Iterator[Callable[..., None]]:
    """Return what sets fault rules, none as well; they are cleared afterwards."""
    url = f"{machine.emulator.endpoint_url}/_emulator/faults"

    def put(*rules: dict[str, Any]) -> None:
        requests.put(url, json=rules, timeout=30).raise_for_status()

    yield put
    requests.delete(url, timeout=30).raise_for_status()


@pytest.fixture
def rejections(machine: Machine) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return what takes the details of the events AccountRequestRejected since the test began."""
    with machine.hearing({"detail-type": ["AccountRequestRejected"]}) as heard:
        yield lambda: [event["detail"] for event in heard()]
