"""permission-sets: the permission sets of the catalog are in Identity Center, and every account has their last words.

An instance of Identity Center for an organization is enabled in the console only (botocore: CreateInstance). A changed
permission set changes nothing in accounts before it is provisioned there (aws-semantics 2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from avm.aws.permission_sets import Definition, PermissionSets, Provisioned
from avm.controls.control import DriftEvent, Grant
from avm.domain.permission_set import PermissionSet
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

ENABLE = (
    "Enable IAM Identity Center in the management account's console, in Region {region}, with an organization "
    "instance; no API does that. Then apply again."
)
PROVISION = "sso:ProvisionPermissionSet"


class CatalogPermissionSets(FoundationControl):
    """The permission sets."""

    name = "permission-sets"
    promise = "Identity Center has the permission sets of the catalog, and accounts have their present definition."
    plane = "identity-center"
    duty = "prepare_access"
    needs = ("identity-center-administrator",)
    observe_grants = (
        Grant(
            (
                "sso:DescribePermissionSet",
                "sso:GetInlinePolicyForPermissionSet",
                "sso:ListAccountsForProvisionedPermissionSet",
                "sso:ListInstances",
                "sso:ListManagedPoliciesInPermissionSet",
                "sso:ListPermissionSetProvisioningStatus",
                "sso:ListPermissionSets",
            )
        ),
    )
    enforce_grants = (
        Grant(
            (
                "sso:AttachManagedPolicyToPermissionSet",
                "sso:CreatePermissionSet",
                "sso:DeleteInlinePolicyFromPermissionSet",
                "sso:DetachManagedPolicyFromPermissionSet",
                "sso:ProvisionPermissionSet",
                "sso:PutInlinePolicyToPermissionSet",
                "sso:UpdatePermissionSet",
            )
        ),
    )
    drift_events = tuple(
        DriftEvent("sso.amazonaws.com", name)
        for name in (
            "AttachManagedPolicyToPermissionSet",
            "DeleteInlinePolicyFromPermissionSet",
            "DeletePermissionSet",
            "DetachManagedPolicyFromPermissionSet",
            "PutInlinePolicyToPermissionSet",
            "UpdatePermissionSet",
        )
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at every permission set; what is read of one is not read again in the next round."""
        sets = reach.permission_sets
        instance = sets.instance()
        if instance is None:
            todo = ENABLE.format(region=target.foundation.home_region)
            return Look({"ListInstances": []}, by_hand=(todo,))
        found = {arn: _definition(reach, instance, arn) for arn in sets.arns(instance)}
        arns = {definition.name: arn for arn, definition in found.items()}
        steps: list[Step] = []
        for permission_set in target.catalog.permission_sets.values():
            wanted = Definition.wanted(permission_set, target.foundation.partition)
            arn = arns.get(permission_set.name)
            writer = _Writer(reach, instance, arns, permission_set)
            steps += writer.steps(wanted, found[arn] if arn else None)
        is_busy = any(step.operation == PROVISION for step in steps) and sets.is_provisioning(instance)
        return Look(
            {"ListPermissionSets": sorted(arns)},
            tuple(step for step in steps if step.operation != PROVISION or not is_busy),
            ("Identity Center to bring a permission set into accounts",) if is_busy else (),
            left_alone=tuple(
                f"permission set {name}" for name in sorted(arns) if name not in target.catalog.permission_sets
            ),
        )


def _definition(reach: FoundationReach, instance: str, arn: str) -> Definition:
    def read() -> str:
        return json.dumps(asdict(reach.permission_sets.definition(instance, arn)))

    known = json.loads(reach.remember(arn, read))
    return Definition(**{**known, "managed_policies": tuple(known["managed_policies"])})


class _Writer:
    """The steps of one permission set; its ARN is known when it has been made."""

    def __init__(
        self, reach: FoundationReach, instance: str, arns: dict[str, str], permission_set: PermissionSet
    ) -> None:
        self._reach = reach
        self._sets: PermissionSets = reach.permission_sets
        self._instance = instance
        self._arns = arns
        self._wanted = permission_set

    def steps(self, wanted: Definition, found: Definition | None) -> list[Step]:
        """Return what is left to do, in order."""
        steps = list(self._definition_steps(wanted, found))
        if found is not None:
            steps += self._provision_steps(changed=bool(steps))
        return steps

    def _definition_steps(self, wanted: Definition, found: Definition | None) -> Iterator[Step]:
        itself = f"permission set {wanted.name}"
        if found is None:
            yield Step("sso:CreatePermissionSet", itself, self._create, after=wanted.session_duration)
        elif (found.description, found.session_duration) != (wanted.description, wanted.session_duration):
            yield self._step(
                "sso:UpdatePermissionSet",
                itself,
                partial(self._sets.update, permission_set=self._wanted),
                [found.description, found.session_duration],
                [wanted.description, wanted.session_duration],
            )
        attached = found.managed_policies if found else ()
        for policy in wanted.managed_policies:
            if policy not in attached:
                act = partial(self._sets.attach, policy_arn=policy)
                yield self._step("sso:AttachManagedPolicyToPermissionSet", itself, act, None, policy)
        for policy in attached:
            if policy not in wanted.managed_policies:
                act = partial(self._sets.detach, policy_arn=policy)
                yield self._step("sso:DetachManagedPolicyFromPermissionSet", itself, act, policy, None)
        inline = found.inline_policy if found else ""
        if wanted.inline_policy != inline:
            yield self._inline_step(f"inline policy of {itself}", inline, wanted.inline_policy)

    def _inline_step(self, subject: str, before: str, after: str) -> Step:
        if self._wanted.inline_policy is None:
            return self._step(
                "sso:DeleteInlinePolicyFromPermissionSet", subject, self._sets.delete_inline_policy, before, None
            )
        put = partial(self._sets.put_inline_policy, content=self._wanted.inline_policy.content())
        return self._step("sso:PutInlinePolicyToPermissionSet", subject, put, before or None, after)

    def _provision_steps(self, *, changed: bool) -> Iterator[Step]:
        arn = self._arns[self._wanted.name]
        accounts = json.loads(self._reach.remember(_accounts_key(arn), partial(self._accounts, arn, changed=changed)))
        if accounts:
            subject = f"permission set {self._wanted.name} in {len(accounts)} accounts"
            yield self._step(PROVISION, subject, self._sets.provision, "an earlier definition", "the present one")

    def _accounts(self, arn: str, *, changed: bool) -> str:
        """Return the accounts that will have another definition than the permission set itself, as JSON."""
        status: Provisioned | None = None if changed else "LATEST_PERMISSION_SET_NOT_PROVISIONED"
        return json.dumps(self._sets.accounts(self._instance, arn, status))

    def _step(self, operation: str, subject: str, act: Any, before: Any, after: Any) -> Step:
        """Return a step on this permission set; ``act(instance, arn)``."""

        def do() -> None:
            arn = self._arns[self._wanted.name]
            act(self._instance, arn)
            self._reach.forget(arn)
            self._reach.forget(_accounts_key(arn))

        return Step(operation, subject, do, before, after)

    def _create(self) -> None:
        self._arns[self._wanted.name] = self._sets.create(self._instance, self._wanted)


def _accounts_key(arn: str) -> str:
    return f"accounts of {arn}"
