"""A sweep in an organization of many accounts: all that drift are found, and no other one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from avm.controls.registry import all_controls
from avm.domain.account_request import RequestRecord
from avm.steps import finish_sweep, harden_account, plan_sweep, sweep_accounts
from avm.steps.plan_sweep import BATCH
from avm.steps.targets import Aim
from avm_emulator.application import deploy_broker
from avm_emulator.engine import Options, RunningEmulator, start
from tests.unit.steps.conftest import World, clients, drift_runs, foundation_runs, world
from tests.unit.steps.recorders import Runs

__all__ = ["clients", "drift_runs", "foundation_runs", "world"]
pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine: the accounts are made first

CONTROLS = ("account-tags", "alternate-contacts", "ebs-encryption")
"""In AWS Organizations; in the account; in each of two Regions of it."""
REGIONS = ("eu-west-1", "us-east-1")
MANAGED = 20, 200
OTHERS = 100, 2_000
DRIFTED = 10


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with start(Options(speed="max", deploy=False, one_account=True, accounts_quota=5_000)) as running:
        deploy_broker(running.emulator)
        running.emulator.account_regions = frozenset(REGIONS)
        yield running


@pytest.fixture
def cared_for(world: World, monkeypatch: pytest.MonkeyPatch, how_many: Callable[[int, int], int]) -> list[str]:
    """Return the ids of the managed accounts, each as promised, beside others that are in the organization only."""
    monkeypatch.setattr(Aim, "controls", property(lambda _: {name: all_controls()[name] for name in CONTROLS}))
    monkeypatch.setattr(Aim, "regions", REGIONS)
    # a client that waits before it calls again does so in AWS's time, as functions do
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=world.emulator.clock.advance))
    world.emulator.latencies.change({"organizations:CreateAccount": 0, "organizations:ActivateAccount": 0}, 0)
    organizations = world.emulator.clients.client("organizations")
    for number in range(how_many(*OTHERS)):
        organizations.create_account(AccountName=f"other-{number}", Email=f"other-{number}@example.com")
        world.emulator.clock.advance(1)
    world.emulator.latencies.reset()
    ready = []
    for _ in range(how_many(*MANAGED)):
        record, account_id = world.furnished()
        for region in (None, *REGIONS):
            chosen = [name for name in CONTROLS if (all_controls()[name].scope == "region") is (region is not None)]
            make_true(world, record, account_id, chosen, region)
        account = world.table.account(account_id)
        assert account is not None
        world.table.put_account(account.model_copy(update={"status": "READY"}))
        ready.append(account_id)
    return ready


def make_true(
    world: World, record: RequestRecord, account_id: str, controls: Sequence[str], region: str | None
) -> None:
    """Let controls be true of an account, or of a Region of it."""
    for _ in range(20):
        output = world.run(harden_account, record, account_id=account_id, controls=controls, region=region)
        if output.status != "PENDING":
            break
        world.wait()
    assert output.status == "DONE", output


class Sweep:
    """The steps of one sweep, in the order of the workflow."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.batches = self._run(plan_sweep).batches

    def look(self, batches: range) -> None:
        """Look at batches, at each until AWS has shown all of it."""
        for batch in batches:
            left: Any = None
            for looks in itertools.count():
                fields = {} if left is None else {"left": left, "looks": looks}
                left = self._run(sweep_accounts, batch=batch, **fields).left
                if not left:
                    break
                assert looks < 20, left
                self.world.wait()

    def finish(self) -> Any:
        """Return the report."""
        self._run(finish_sweep)
        return self.world.gateways.reports.sweep(self.name)

    def _run(self, step: Any, **fields: Any) -> Any:
        document = {"observation_id": self.name, "time": self.world.now(), **fields}
        return step.run(step.Input.model_validate(document), self.world.gateways)


def break_one(world: World, account_id: str, number: int) -> str:
    """Break one control of an account, each in its turn; return its name."""
    control = CONTROLS[number % len(CONTROLS)]
    role_arn = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    inside = world.emulator.clients.client
    if control == "account-tags":
        tags = [{"Key": "owner", "Value": "x@example.com"}]
        inside("organizations").tag_resource(ResourceId=account_id, Tags=tags)
    elif control == "ebs-encryption":
        inside("ec2", REGIONS[1], role_arn=role_arn).disable_ebs_encryption_by_default()
    else:
        inside("account", role_arn=role_arn).delete_alternate_contact(AlternateContactType="SECURITY")
    return control


def test_all_that_drift_are_found_and_no_other_one_also_after_a_sweep_that_was_killed(
    world: World, cared_for: list[str], drift_runs: Runs, foundation_runs: Runs, figure: list[str]
) -> None:
    before = Sweep(world, "sweep-before")
    since, begun = world.last_call(), time.monotonic()
    before.look(range(before.batches))
    asked = len(world.calls(since))
    took = time.monotonic() - begun
    report = before.finish()
    assert (report.accounts, report.drifted, report.unseen) == (len(cared_for), (), {})
    assert report.compliance == {"compliant": len(cared_for) * (len(CONTROLS) - 1 + len(REGIONS))}
    figure.append(
        f"sweep: {len(cared_for)} accounts of {len(cared_for) + len(report.unmanaged)}, {asked / len(cared_for):.1f} "
        f"calls and {took / len(cared_for):.2f} s an account as promised, at most {BATCH} accounts in memory at once"
    )
    step = len(cared_for) // DRIFTED
    broken = {(account_id, break_one(world, account_id, n)) for n, account_id in enumerate(cared_for[::step])}
    assert len(broken) == DRIFTED
    killed = Sweep(world, "sweep-killed")
    killed.look(range(killed.batches // 2))
    again = Sweep(world, "sweep-again")
    again.look(range(again.batches))
    report = again.finish()
    assert {(each["account_id"], each["control"]) for each in report.drifted} == broken
    assert (report.accounts, report.unseen) == (len(cared_for), {})
    assert {name.split("-")[1] for name in drift_runs.begun} == {account_id for account_id, _ in broken}
    assert foundation_runs.begun
