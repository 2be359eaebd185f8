"""The application in the emulator, as the proofs drive it: by its API, the emulator's interface, and AWS's APIs.

The proofs look at the management account with the emulator's own key: such calls meet no faults, use no tokens and
count for no rule. Into the application's account they look as its administrator, when no rules are in force.
"""

from __future__ import annotations

import fnmatch
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from avm.aws.items import deserialize
from avm.catalog import load_catalog
from avm.domain.catalog import Catalog
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, RunningEmulator, start
from avm_emulator.preparation.foundation import bring_on_foundation
from tests.end_to_end.artefacts import (
    answer_on_loopback,
    ask_somebody,
    catalog_in,
    few_promises,
    own_catalog,
    propose_repairs,
)
from tests.end_to_end.conftest import GOOD, Machine, hasten
from tests.end_to_end.receiver import Receiver
from tests.faults import doors

BODY = {**GOOD, "type": "sandbox"}
"""The type with the fewest assignments."""
APPROVED = "approved-sandbox"
"""The same with an approval; the catalog of this world has it beside those that are shipped."""
PROPOSED = "alternate-contacts"
"""The control of that type whose repair has to be approved, too."""
IN_EACH_REGION = "guardduty-member"
"""A control that is enforced Region by Region, which a vend that promises little keeps."""
LEFT_OUT = "eu-central-1"
"""The one of the two approved Regions that is none in this world."""
ENDED = frozenset({"READY", "REJECTED", "CANCELLED"})
APPLICATIONS = frozenset({"cloudformation", "dynamodb", "secretsmanager", "servicecatalog", "sqs", "stepfunctions"})
"""Services in which the proofs work in the application's account."""
PROOF = "proof"
"""The session in which the proofs look at them: its calls are no part of a vend."""
GAP = 120
"""AWS-seconds between two vends: request rates have filled again."""
LEAD = 2
"""AWS-seconds from the post of a request to the watchdog's next time."""
PATIENCE = 15 * 60
"""AWS-seconds that the watchdog gets to mend what has come to a halt."""
REAL_SECONDS = 120
"""For which AWS's time may stand still while something runs; then it is given up."""


@dataclass
class Journey:
    """What became of one request, from its post to its end."""

    request_id: str
    body: dict[str, Any]
    door: str = "api"
    """Where it comes in: ``api``, ``queue``, ``events``, ``ticketing``, ``service-catalog`` or
    ``stack``."""
    statuses: list[str] = field(default_factory=list)
    """What the API told whenever everything had come to rest; ``ABSENT``: it knew no such request; ``UNKNOWN``: it did
    not tell."""
    parked: list[dict[str, Any]] = field(default_factory=list)
    """The request as it stood, each time that it was parked."""
    refusals: list[str] = field(default_factory=list)
    """What the API answered where it did not do what is its to do."""
    last: dict[str, Any] | None = None

    @property
    def status(self) -> str:
        """The last status."""
        return self.statuses[-1] if self.statuses else "ABSENT"


class World:
    """One emulator with the application in it."""

    def __init__(self, running: RunningEmulator, catalog: Catalog, receiver: Receiver) -> None:
        """Take a running emulator, the catalog that is deployed in it, and where its ticketing systems are told."""
        self.emulator = running.emulator
        self.receiver = receiver
        self.catalog = catalog
        self.machine = Machine(running)
        self._faults = f"{running.endpoint_url}/_emulator/faults"
        (self._queue_url,) = self.client("sqs").list_queues(QueueNamePrefix="avm-RequestQueue")["QueueUrls"]

    def client(self, service: str) -> Any:
        """Return a client of the account to look into: the application's for its own resources, or the management's."""
        account_id = self.emulator.application_account_id
        role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole" if service in APPLICATIONS else None
        return self.emulator.clients.client(service, role_arn=role, session_name=PROOF if role else None)

    # -- faults ----------------------------------------------------------------------------------------------------
    def arm(self, rules: Sequence[Mapping[str, Any]], seed: int = 0) -> None:
        """Put fault rules in force; raises ValueError, with the problems, for rules that make no sense."""
        answer = requests.put(self._faults, json={"seed": seed, "rules": list(rules)}, timeout=30)
        if answer.status_code != requests.codes.ok:
            raise ValueError(answer.json().get("problems") or answer.text)

    def disarm(self) -> list[dict[str, Any]]:
        """Clear the rules; return them with how often each has matched and fired."""
        rules: list[dict[str, Any]] = requests.get(self._faults, timeout=30).json()["rules"]
        requests.delete(self._faults, timeout=30).raise_for_status()
        return rules

    def cool(self, pattern: str) -> None:
        """End the processes of the functions whose names match, so that they start cold."""
        pool = self.emulator.functions.pool
        for name in fnmatch.filter(pool.processes(), pattern):
            pool.kill(name)

    # -- time ------------------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Wait until nothing runs, nothing is due, and what is open waits for people or for ever."""
        clock = self.emulator.clock
        now, since = clock.now(), time.monotonic()
        while not (clock.at_rest and self.emulator.stuck.is_settled()):
            if clock.now() > now:  # slow is not stuck: many vends at once may take long on a busy machine
                now, since = clock.now(), time.monotonic()
            elif time.monotonic() - since > REAL_SECONDS:
                raise TimeoutError(f"time stands still for {REAL_SECONDS} s; waits: {clock.pending()[:5]}")
            time.sleep(0.005)

    def pass_time(self, seconds: float) -> None:
        """Let AWS-seconds pass; schedules fire on the way."""
        self.emulator.clock.advance(seconds)
        self.settle()

    def rest(self) -> None:
        """Let request rates fill again, and the watchdog be due soon: so it comes to every vend, always as late."""
        self.pass_time(GAP)
        (watchdog,) = (timer for timer in self.emulator.clock.pending() if timer.kind == "watchdog")
        ahead = watchdog.due - self.emulator.clock.now()
        self.pass_time((ahead - LEAD) % 60)

    # -- the application's table -----------------------------------------------------------------------------------
    def items_naming(self, word: str) -> list[dict[str, Any]]:
        """Return the items of the application's tables that have a word in them, wherever, as plain values."""
        named = re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(word)}(?![A-Za-z0-9_-])")
        dynamodb = self.client("dynamodb")
        pages = (
            dynamodb.get_paginator("scan").paginate(TableName=name) for name in dynamodb.list_tables()["TableNames"]
        )
        items = (item for table in pages for page in table for item in page["Items"])
        return [deserialize(item) for item in items if named.search(json.dumps(item, default=str))]

    # -- requests --------------------------------------------------------------------------------------------------
    def journey(self, request_id: str, door: str = "api", **body: Any) -> Journey:
        """Return the way of a request that is not posted yet."""
        return Journey(request_id, {"name": f"name-{request_id}", **BODY, **body}, door)

    def post(self, journey: Journey) -> bool:
        """Post the request, again where the API fails, as a client does, or send it; tell whether it was taken."""
        body = journey.body
        match journey.door:
            case "api":
                for _ in range(doors.TRIES):
                    answer = self.machine.call("POST", "/requests", body, key=journey.request_id)
                    if answer.ok:
                        return True
            case "ticketing":
                asked = {"account_name": body["name"], "account_type": body["type"]}
                secrets = self.client("secretsmanager")
                answer = doors.post_ticket(self.machine, secrets, journey.request_id, **asked)
                if answer.ok:
                    return True
            case _:
                self._send(journey)
                return True
        journey.refusals.append(f"POST of {journey.door}: {answer.status_code} {answer.text[:600]}")
        return False

    def by_hand(self, name: str, **options: str) -> str:
        """Return the id of an account that somebody has made without the machine."""
        organizations = self.client("organizations")
        made = organizations.create_account(AccountName=name, Email=f"{name}@elsewhere.example.org", **options)
        self.pass_time(GAP)
        creation = made["CreateAccountStatus"]["Id"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=creation)["CreateAccountStatus"]
        return str(status["AccountId"])

    def adopt(self, journey: Journey, account_id: str, *, plan: bool = False) -> None:
        """Ask for the adoption of an account, or for its plan; what is refused is kept with the request."""
        own = {name: value for name, value in journey.body.items() if name != "name"}
        path = f"/accounts/{account_id}/adoption{'/plan' if plan else ''}"
        self.urge_path(journey, path, {**own, "request_id": journey.request_id})
        self.settle()

    def plan(self, journey: Journey) -> None:
        """Ask for the plan of a vend, and read it; what stands in its way is kept with the request."""
        answer = self.urge_path(journey, "/plans", {**journey.body, "request_id": journey.request_id})
        self.settle()
        if answer is None:
            return
        plan = self.machine.call("GET", f"/plans/{answer['plan_id']}").json()
        journey.refusals += [f"plan: {problem}" for problem in plan.get("problems", [plan])]

    def ask(self, journey: Journey) -> None:
        """Do all that people do to get an account: post the request and, where it waits for that, approve it."""
        self.post(journey)
        self.settle()
        if self.catalog.account_type(journey.body["type"]).approval:
            self._approve(journey)
            self.settle()

    def look(self, journey: Journey) -> str:
        """Return the status of a request, and keep what the API shows."""
        answer = self.machine.call("GET", f"/requests/{journey.request_id}")
        if answer.status_code == requests.codes.not_found:
            journey.statuses.append("ABSENT")
        elif not answer.ok:
            journey.refusals.append(f"GET /requests/ID: {answer.status_code} {answer.text[:600]}")
            journey.statuses.append("UNKNOWN")
        else:
            journey.last = answer.json()
            journey.statuses.append(journey.last["status"])
        if journey.status == "PARKED" and journey.last is not None:
            journey.parked.append(journey.last)
        return journey.status

    def step(self, journey: Journey) -> None:
        """Do what brings a request on that has come to rest: what its client, approver, operator or the watchdog do."""
        match journey.status:
            case "ABSENT" if journey.door in {"queue", "service-catalog"}:
                self._replay(journey)
            case "ABSENT" if journey.door == "stack":
                self._launch_again(journey)
            case "ABSENT":
                self.post(journey)
            case "PENDING_APPROVAL":
                self._approve(journey)
            case "PARKED":
                self.urge(journey, "retry", None)
            case _:
                self.pass_time(PATIENCE)

    def bring_home(self, journey: Journey, steps: int = 6) -> None:
        """Bring a request that has been posted to its end, without faults; give up when something is refused."""
        self.settle()
        if not journey.statuses:
            self.look(journey)
        for _ in range(steps):
            if journey.status in ENDED:
                return
            refused = len(journey.refusals)
            self.step(journey)
            self.settle()
            self.look(journey)
            if len(journey.refusals) > refused:
                return

    def _send(self, journey: Journey) -> None:
        """Send the request as message, event or product; from then on it is the machine's to lose."""
        body = json.dumps({**journey.body, "request_id": journey.request_id})
        match journey.door:
            case "events":
                self.put_event(body)
            case "queue":
                doors.send_message(self.client("sqs"), self._queue_url, body)
            case "service-catalog":
                asked = {name: journey.body[name] for name in ("owner", "cost_center", "purpose")}
                catalog = self.client("servicecatalog")
                journey.request_id = doors.launch(catalog, journey.body["type"], journey.body["name"], **asked)

            case "stack":
                journey.request_id = self._launch_stack(journey)

    def _launch_stack(self, journey: Journey, again: str | None = None) -> str:
        body = journey.body
        answers = stack_answers(journey, self.catalog)
        return doors.launch_stack(self.client, body["type"], body["name"], again, **answers)

    def _launch_again(self, journey: Journey) -> None:
        """Launch a product again whose stack has failed, as people do; else wait until it has."""
        failed = doors.clear_away(self.client("servicecatalog"), journey.body["name"])
        if failed is None:
            self.pass_time(PATIENCE)
        else:
            self.settle()
            journey.request_id = self._launch_stack(journey, failed)

    def put_event(self, detail: str) -> None:
        """Put an event ``AccountRequested`` on the application's bus."""
        account_id = self.emulator.application_account_id
        bus = f"arn:aws:events:{self.emulator.region}:{account_id}:event-bus/avm"
        doors.put_event(self.client("events"), bus, detail)

    def _replay(self, journey: Journey) -> None:
        """Send the request's message back from the dead letters, as an operator does; else wait for it."""
        letters = self.machine.call("GET", "/dead-letters").json()["items"]
        own = [letter for letter in letters if journey.body["name"] in letter["body"]]
        for letter in own:
            self.urge_path(journey, f"/dead-letters/{letter['id']}/replay", None)
        if not own:
            self.pass_time(PATIENCE)

    def _approve(self, journey: Journey) -> None:
        self.urge(journey, "approval", {"decision": "approve", "comment": "a proof"})

    def urge(self, journey: Journey, what: str, body: object) -> None:
        """Ask for an approval, a retry or a cancellation, again where the API fails."""
        self.urge_path(journey, f"/requests/{journey.request_id}/{what}", body)

    def urge_path(self, journey: Journey, path: str, body: object) -> Any:
        """Post to a path of the API, again where the API fails, and return its answer.

        What is refused is kept with the request: then there is no answer.
        """
        for _ in range(doors.TRIES):
            answer = self.machine.call("POST", path, body)
            if answer.ok:
                return answer.json()
            if answer.status_code < requests.codes.server_error:
                break
        journey.refusals.append(f"POST {path}: {answer.status_code} {answer.text[:600]}")
        return None


def stack_answers(journey: Journey, catalog: Catalog) -> dict[str, str]:
    """Return what the form of a product with a stack is filled in with; it offers what the shipped catalog does."""
    body, regions = journey.body, ",".join(catalog.regions(journey.body["type"]))
    return {"Owner": body["owner"], "CostCenter": body["cost_center"], "Purpose": body["purpose"], "Regions": regions}


@contextmanager
def world(*, brisk: bool = True, seed: int = 0, foundation: bool = True, few: bool = False) -> Iterator[World]:
    """Run an emulator with the application; ``brisk``: with short latencies, and few Regions.

    ``foundation``: it is laid. ``few``: accounts promise little, where it is not controls that are proven.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        start(Options(speed="max", random_seed=seed, deploy=False, foundation=foundation)) as running,
    ):
        receiver = Receiver()
        built = few_promises(Path(folder), IN_EACH_REGION) if few else own_catalog(Path(folder))
        artefacts = _artefacts(built, receiver.server_port)
        catalog = load_catalog(artefacts / "CatalogLayer" / "catalog")
        if foundation:
            bring_on_foundation(running.emulator, catalog, "ou-guardrails")  # it was laid for the shipped catalog
        deploy_application(running.emulator, artefacts)
        here = World(running, catalog, receiver)
        if brisk:
            hasten(running.emulator, seed, frozenset(catalog.governed_regions))
        yield here
        receiver.shutdown()
        receiver.server_close()


def _artefacts(artefacts: Path, port: int) -> Path:
    """Give artefacts a catalog that has a type that needs an approval, also of a repair, and one approved Region.

    Ticketing systems are told at a port of this machine.

    What is done in two governed Regions (that one and us-east-1) is done in three in the same way: more cells, and no
    other ones.
    """
    answer_on_loopback(artefacts, port)
    catalog = catalog_in(artefacts)
    types = catalog / "account_types"
    text = (types / f"{BODY['type']}.yaml").read_text("utf-8")
    (types / f"{APPROVED}.yaml").write_text(text.replace(f"name: {BODY['type']}", f"name: {APPROVED}"), "utf-8")
    ask_somebody(artefacts, APPROVED)
    propose_repairs(artefacts, APPROVED, PROPOSED)
    for regions in (catalog / "organization.yaml", catalog / "scps" / "avm-approved-regions.yaml"):
        regions.write_text(regions.read_text("utf-8").replace(f", {LEFT_OUT}", ""), "utf-8")
    return artefacts
