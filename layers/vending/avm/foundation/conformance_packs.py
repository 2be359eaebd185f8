"""conformance-packs: rules of AWS Config judge the accounts of each OU, as the catalog says.

AWS deploys a pack into the whole organization but named accounts. So each pack is there once, and leaves out who stands
in no OU that names it, the management account with them. Whoever joins is judged by all packs at once; that an account
is judged by one too many makes nothing untrue, and the next apply takes it out (docs/decisions/0014).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from avm.aws.organization_packs import OrganizationPack, OrganizationPacks
from avm.controls.administration import PACK_CHANGES, PACK_LOOKS
from avm.controls.control import DriftEvent, Grant
from avm.domain.account import RELEASED_TAG, REQUEST_ID_TAG
from avm.domain.conformance_pack import EXCLUDED_AT_MOST, ConformancePack, is_ours
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step
from avm.foundation.organizational_units import units_of


class ConformancePacks(FoundationControl):
    """The packs of the OUs, in every Region in which they judge."""

    name = "conformance-packs"
    promise = "AWS Config judges every account by the conformance packs that the catalog gives its OU."
    duty = "prepare_security"
    needs = ("foundational-accounts",)  # a pack comes only where AWS Config records
    foundation = ("security-account",)
    observe_grants = (
        Grant(
            (
                "organizations:ListAccounts",
                "organizations:ListAccountsForParent",
                "organizations:ListOrganizationalUnitsForParent",
                "organizations:ListRoots",
                "organizations:ListTagsForResource",
            )
        ),
        *PACK_LOOKS,
    )
    enforce_grants = PACK_CHANGES
    drift_events = tuple(
        DriftEvent("config.amazonaws.com", name)
        for name in ("DeleteOrganizationConformancePack", "PutOrganizationConformancePack")
    )
    blocks_ready = False  # no vend needs it, and into many accounts it takes its time

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look who stands where, then at the packs of each governed Region."""
        people = _accounts(target, reach)
        return Look.at_all(
            {region: _Region(region, target, reach, people).look() for region in target.catalog.governed_regions}
        )


@dataclass(frozen=True)
class _Accounts:
    """The organization's accounts, closed ones left out."""

    all: frozenset[str]
    in_ou: Mapping[str, frozenset[str]]
    """OU of the catalog -> who stands in it itself. What others have put below it is theirs."""


def _accounts(target: FoundationTarget, reach: FoundationReach) -> _Accounts:
    tree = units_of(target.catalog, reach)
    judged = {ou for pack in target.catalog.conformance_packs for ou in target.catalog.ous_judged_by(pack)}
    active = frozenset(each.id for each in reach.organizations.accounts() if each.state == "ACTIVE")
    in_ou = {ou: active & _accounts_in(unit_id, reach) for ou, unit_id in tree.ids.items() if ou in judged}
    return _Accounts(active, in_ou)


def _accounts_in(unit_id: str, reach: FoundationReach) -> frozenset[str]:
    """Return who stands in an OU; there may be more OUs, and more pages, than AWS takes of these reads at once."""

    def read() -> str:
        return " ".join(each.id for each in reach.organizations.accounts_in(unit_id))

    return frozenset(reach.remember(f"accounts in {unit_id}", read).split())


class _Region:
    """The packs of one Region."""

    def __init__(self, region: str, target: FoundationTarget, reach: FoundationReach, accounts: _Accounts) -> None:
        self._region = region
        self._catalog = target.catalog
        self._reach = reach
        self._accounts = accounts
        self._packs = OrganizationPacks(reach.security(region), region)

    def look(self) -> Look:
        there = self._packs.all()
        wanted = {pack.aws_name: pack for pack in self._wanted()}
        return Look.at_all(
            {
                **{name: self._look_at(pack, there.get(name)) for name, pack in wanted.items()},
                **{name: self._not_wanted(name, shown) for name, shown in there.items() if name not in wanted},
            }
        )

    def _wanted(self) -> Iterator[ConformancePack]:
        for pack in self._catalog.conformance_packs.values():
            is_here = pack.regions == "governed" or self._region == self._catalog.organization.home_region
            if is_here and self._catalog.ous_judged_by(pack.name):
                yield pack

    def _look_at(self, pack: ConformancePack, shown: OrganizationPack | None) -> Look:
        ous = self._catalog.ous_judged_by(pack.name)
        judged = frozenset[str]().union(*(self._accounts.in_ou.get(ou, ()) for ou in ous))
        others = self._accounts.all - judged
        if len(others) > EXCLUDED_AT_MOST:
            todo = (
                f"{pack.name} leaves out {len(others)} accounts, and AWS takes {EXCLUDED_AT_MOST}: let more OUs name "
                f"it in organization.yaml, or none."
            )
            return Look(_shown(shown), by_hand=(todo,))
        if shown is None or shown.is_going:  # AWS takes it anew as soon as the old one is gone
            return Look(_shown(shown), (self._put(pack, others, shown),))
        if shown.is_in_progress:
            return Look(_shown(shown), waits_for=(f"{self._named(pack.aws_name)}: {shown.status}",))
        failed = self._failures(pack.aws_name, judged) if shown.has_failed else _Failures()
        steps: tuple[Step, ...] = ()
        if failed.released or shown.excluded & judged:
            steps = (self._put(pack, others, shown),)
        elif others - shown.excluded:
            steps = (self._put(pack, others, shown, is_surplus=True),)
        return Look(_shown(shown), steps, failed.vended, left_alone=failed.of_others)

    def _failures(self, name: str, judged: frozenset[str]) -> _Failures:
        """Return the accounts without the pack; as long as one is new, AWS tries again by itself."""
        released, vended, of_others = [], [], []
        for account_id, code in self._packs.failures(name).items():
            if account_id not in judged:
                continue
            tags = self._reach.organizations.tags(account_id)
            what = f"{self._named(name)} in account {account_id}: {code}"
            if RELEASED_TAG in tags:
                released.append(what)
            elif REQUEST_ID_TAG in tags:
                vended.append(what)
            else:
                of_others.append(what)
        return _Failures(tuple(released), tuple(vended), tuple(of_others))

    def _not_wanted(self, name: str, shown: OrganizationPack) -> Look:
        if not is_ours(name):
            return Look(_shown(shown), left_alone=(self._named(name),))
        if shown.is_in_progress:
            return Look(_shown(shown), waits_for=(f"{self._named(name)}: {shown.status}",))
        act = partial(self._packs.delete, name)
        step = Step("config:DeleteOrganizationConformancePack", self._named(name), act, before=shown.status)
        return Look(_shown(shown), (step,))

    def _put(
        self,
        pack: ConformancePack,
        others: frozenset[str],
        shown: OrganizationPack | None,
        *,
        is_surplus: bool = False,
    ) -> Step:
        act = partial(self._packs.put, pack.aws_name, pack.body, others)
        before = f"{shown.status}, without {len(shown.excluded)} accounts" if shown else None
        after = f"in {', '.join(self._catalog.ous_judged_by(pack.name))}, without {len(others)} accounts"
        operation, subject = "config:PutOrganizationConformancePack", self._named(pack.aws_name)
        return Step(operation, subject, act, before, after, is_surplus=is_surplus)

    def _named(self, name: str) -> str:
        return f"conformance pack {name} in {self._region}"


@dataclass(frozen=True)
class _Failures:
    """Accounts that a pack could not be deployed into, each with AWS's code."""

    released: tuple[str, ...] = ()
    """Those that the machine has released: they record."""
    vended: tuple[str, ...] = ()
    of_others: tuple[str, ...] = ()
    """Nobody has brought them under the machine yet."""


def _shown(pack: OrganizationPack | None) -> dict[str, str]:
    return {"DescribeOrganizationConformancePackStatuses": pack.status} if pack else {}
