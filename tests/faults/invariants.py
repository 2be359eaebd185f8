"""What holds whatever fails. Each function returns what it finds untrue; nothing found means that it holds.

The kinds are what the figures count: ``duplicate`` (a second account), ``lost`` (a request that nothing brings to its
end), ``leaked`` (access that nobody may have yet, or something left behind by a request that has ended), ``untrue``
(READY without what was promised, or an error that does not name its cause).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from avm.domain.account import RELEASED_TAG, REQUEST_ID_TAG, TYPE_TAG
from tests.faults.world import ENDED, Journey, World

Kind = Literal["duplicate", "lost", "leaked", "untrue"]
_SECRETS = ("token", "lease", "slot", "lock")
"""Words in the name of an attribute that holds something that must be given back."""


@dataclass(frozen=True)
class Violation:
    """Something that does not hold."""

    kind: Kind
    sentence: str


class Audit:
    """Looks at the emulated AWS for what one request has left there."""

    def __init__(self, world: World, journey: Journey) -> None:
        """Look now: an audit shows one moment."""
        self._world = world
        self._journey = journey
        self._catalog = world.catalog
        self._organizations = world.client("organizations")
        name = journey.body["name"]
        pages = self._organizations.get_paginator("list_accounts").paginate()
        self.accounts = [account for page in pages for account in page["Accounts"] if account["Name"] == name]

    # -- always ----------------------------------------------------------------------------------------------------
    def always(self) -> Iterator[Violation]:
        """Yield what must not be at any time: a second account, access to an account that is not verified."""
        yield from self._once()
        for account in self.accounts:
            yield from self._closed_until_released(account["Id"])

    def _once(self) -> Iterator[Violation]:
        name = self._journey.body["name"]
        if len(self.accounts) > 1:
            yield Violation("duplicate", f"{len(self.accounts)} accounts are called {name}")
        pages = self._organizations.get_paginator("list_create_account_status").paginate()
        effective = [
            creation
            for page in pages
            for creation in page["CreateAccountStatuses"]
            if creation["AccountName"] == name and creation["State"] != "FAILED"
        ]
        if len(effective) > 1:
            yield Violation("duplicate", f"{len(effective)} calls of CreateAccount took effect for {name}")

    def _closed_until_released(self, account_id: str) -> Iterator[Violation]:
        if RELEASED_TAG in self.tags(account_id) or self.is_quarantined(account_id):
            return
        assigned = self.assignments(account_id)
        if assigned:
            yield Violation(
                "leaked", f"account {account_id} is neither released nor quarantined, and open to {assigned}"
            )

    # -- at the end ------------------------------------------------------------------------------------------------
    def at_the_end(self) -> Iterator[Violation]:
        """Yield what does not hold of a request that should have come to its end."""
        status = self._journey.status
        if status == "READY":
            yield from self._ready()
        elif status in ENDED:
            yield from self._nothing_made()
        else:
            refused = f" ({'; '.join(self._journey.refusals[-2:])})" if self._journey.refusals else ""
            yield Violation("lost", f"the request ended nowhere: {' → '.join(self._journey.statuses)}{refused}")
        if self._world.emulator.stuck.report():
            yield Violation("lost", f"stuck: {self._world.emulator.stuck.report()}")

    def parked(self, request: dict[str, Any]) -> Iterator[Violation]:
        """Yield what does not hold of a parked request: its account is held, its error says what to do.

        An account that is adopted is in use: it is never held.
        """
        for account in [] if request.get("adopts") else self.accounts:
            if RELEASED_TAG not in self.tags(account["Id"]) and not self.is_quarantined(account["Id"]):
                yield Violation("leaked", f"parked, and account {account['Id']} is neither quarantined nor released")
        if not (request.get("error") or {}).get("hint"):
            yield Violation("untrue", "parked without an error that says what to do")
        yield from self.left_behind()

    def left_behind(self) -> Iterator[Violation]:
        """Yield what an ended (or parked) request has not given back."""
        request_id = self._journey.request_id
        for execution in self._running():
            yield Violation("leaked", f"execution {execution} still runs")
        for item in self._world.items_naming(request_id):
            where = f"{item['pk']} / {item['sk']}"
            if item["pk"] == f"REQUEST#{request_id}" and item["sk"] == "RECORD":
                held = [name for name in item if any(word in name.lower() for word in _SECRETS)]
                if held:
                    yield Violation("leaked", f"the record still holds {', '.join(held)}")
            elif not self._may_stay(item):
                yield Violation("leaked", f"item {where} is left in the table")

    def _may_stay(self, item: dict[str, Any]) -> bool:
        partition, sort = str(item["pk"]).partition("#")[0], str(item["sk"])
        if partition == "REQUEST":
            return sort.startswith("AUDIT#")
        if partition in {"ACCOUNT", "DELIVERY", "PROVISIONING"}:
            return True
        is_reservation = partition in {"NAME", "EMAIL"}
        return is_reservation and self._journey.status not in {"REJECTED", "CANCELLED"}

    def _nothing_made(self) -> Iterator[Violation]:
        status = self._journey.status
        for account in self.accounts:
            yield Violation("untrue", f"{status}, and account {account['Id']} exists")
        yield from self.left_behind()

    def _ready(self) -> Iterator[Violation]:
        request = self._journey.last or {}
        account_id = request["account_id"]
        if [(account["Id"], account["Email"]) for account in self.accounts] != [(account_id, request["email"])]:
            yield Violation("untrue", f"READY with account {account_id}, and AWS shows {self.accounts}")
            return
        for promise, found in self._promises(account_id).items():
            if found[0] != found[1]:
                yield Violation("untrue", f"READY, and {promise}: promised {found[0]}, AWS shows {found[1]}")
        yield from self.left_behind()

    def _promises(self, account_id: str) -> dict[str, tuple[object, object]]:
        body = self._journey.body
        account_type = self._catalog.account_type(body["type"])
        tags = self.tags(account_id)
        released = tags.pop(RELEASED_TAG, None) is not None
        promised_tags = {
            **body.get("tags", {}),
            "owner": body["owner"],
            "cost-center": body["cost_center"],
            REQUEST_ID_TAG: self._journey.request_id,
            TYPE_TAG: body["type"],
        }
        entries = [entry.model_dump() for entry in account_type.assignments] + list(body.get("access", []))
        assigned = sorted((e.get("group") or e.get("user"), e["permission_set"]) for e in entries)
        return {
            "state": ("ACTIVE", self.accounts[0]["State"]),
            "OU": (account_type.ou, self.ou(account_id)),
            "tags": (promised_tags, tags),
            "release": (True, released),
            "quarantine": (False, self.is_quarantined(account_id)),
            "assignments": (assigned, self.assignments(account_id)),
            "record": ("READY", self._world.machine.call("GET", f"/accounts/{account_id}").json().get("status")),
        }

    # -- what AWS shows --------------------------------------------------------------------------------------------
    def tags(self, account_id: str) -> dict[str, str]:
        """Return the tags of an account."""
        listed = self._organizations.list_tags_for_resource(ResourceId=account_id)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in listed}

    def ou(self, account_id: str) -> str:
        """Return the name of the OU that holds an account; ``Root`` where none does."""
        (parent,) = self._organizations.list_parents(ChildId=account_id)["Parents"]
        if parent["Type"] == "ROOT":
            return "Root"
        unit = self._organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])
        return str(unit["OrganizationalUnit"]["Name"])

    def is_quarantined(self, account_id: str) -> bool:
        """Say whether the quarantine is attached to the account itself."""
        listed = self._organizations.list_policies_for_target(TargetId=account_id, Filter="SERVICE_CONTROL_POLICY")
        return self._catalog.quarantine.aws_name in {policy["Name"] for policy in listed["Policies"]}

    def assignments(self, account_id: str) -> list[tuple[str, str]]:
        """Return who is assigned to the account: (group or user, permission set)."""
        center, people = self._world.client("sso-admin"), self._world.client("identitystore")
        (instance,) = center.list_instances()["Instances"]
        arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
        found = []
        sets = center.list_permission_sets_provisioned_to_account(InstanceArn=arn, AccountId=account_id)
        for permission_set in sets.get("PermissionSets", []):
            described = center.describe_permission_set(InstanceArn=arn, PermissionSetArn=permission_set)
            listed = center.list_account_assignments(
                InstanceArn=arn, AccountId=account_id, PermissionSetArn=permission_set
            )
            for assignment in listed["AccountAssignments"]:
                principal = assignment["PrincipalId"]
                if assignment["PrincipalType"] == "GROUP":
                    who = people.describe_group(IdentityStoreId=store, GroupId=principal)["DisplayName"]
                else:
                    who = people.describe_user(IdentityStoreId=store, UserId=principal)["UserName"]
                found.append((who, described["PermissionSet"]["Name"]))
        return sorted(found)

    def _running(self) -> Iterator[str]:
        workflows = self._world.client("stepfunctions")
        for machine in workflows.list_state_machines()["stateMachines"]:
            listed = workflows.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")
            for execution in listed["executions"]:
                given = workflows.describe_execution(executionArn=execution["executionArn"]).get("input", "")
                if f'"{self._journey.request_id}"' in given:
                    yield f"{execution['name']} of {machine['name']}"
