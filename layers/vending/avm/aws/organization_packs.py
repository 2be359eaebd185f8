"""Conformance packs of the organization, as its administrator of AWS Config deploys them from one Region.

An account sees only packs that it has made itself (botocore, config.DescribeOrganizationConformancePacks).
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from avm.aws.errors import translated
from avm.aws.probes import MemberClients
from avm.domain.errors import ConcurrentChange, FoundationBehind, NotYetVisible


@dataclass(frozen=True)
class OrganizationPack:
    """A pack as AWS shows it; its template it does not show."""

    excluded: frozenset[str]
    """Accounts that it leaves out."""
    status: str
    """``CREATE_IN_PROGRESS``, ``UPDATE_SUCCESSFUL``, ``DELETE_FAILED`` ..."""

    @property
    def is_in_progress(self) -> bool:
        """Say whether AWS works on it: until it is done, nothing can be changed."""
        return self.status.endswith("_IN_PROGRESS")

    @property
    def is_going(self) -> bool:
        """Say whether somebody has deleted it, and AWS is not done yet."""
        return self.status.startswith("DELETE_")

    @property
    def has_failed(self) -> bool:
        """Say whether it is not in all accounts that it belongs into."""
        return self.status.endswith("_FAILED")


class OrganizationPacks:
    """The packs that the administrator has made in one Region."""

    def __init__(self, clients: MemberClients, region: str) -> None:
        """``clients``: of the delegated administrator, in the Region."""
        self._client = clients.client("config")
        self._region = region

    def all(self) -> dict[str, OrganizationPack]:
        """Return the packs by name; NotYetVisible where AWS does not tell how one stands yet."""
        with self._asked():
            pages = self._client.get_paginator("describe_organization_conformance_packs").paginate()
            found = [each for page in pages for each in page["OrganizationConformancePacks"]]
            pages = self._client.get_paginator("describe_organization_conformance_pack_statuses").paginate()
            told = [each for page in pages for each in page["OrganizationConformancePackStatuses"]]
        statuses = {each["OrganizationConformancePackName"]: each["Status"] for each in told}
        names = {each["OrganizationConformancePackName"]: each.get("ExcludedAccounts", ()) for each in found}
        if missing := sorted(names.keys() - statuses.keys()):
            message = f"config: no status of conformance pack {missing[0]} in {self._region} yet"
            raise NotYetVisible(message)
        return {name: OrganizationPack(frozenset(excluded), statuses[name]) for name, excluded in names.items()}

    def status_in(self, name: str, account_id: str) -> str | None:
        """Return how far a pack is in an account (``CREATE_SUCCESSFUL`` …); None where AWS has not begun there."""
        with self._asked():
            found = self._client.get_organization_conformance_pack_detailed_status(
                OrganizationConformancePackName=name, Filters={"AccountId": account_id}
            )["OrganizationConformancePackDetailedStatuses"]
        return next((str(each["Status"]) for each in found), None)

    def failures(self, name: str) -> dict[str, str]:
        """Return the accounts that a pack could not be deployed into, with AWS's code."""
        with self._asked():
            pages = self._client.get_paginator("get_organization_conformance_pack_detailed_status").paginate(
                OrganizationConformancePackName=name
            )
            found = [each for page in pages for each in page["OrganizationConformancePackDetailedStatuses"]]
        return {
            each["AccountId"]: each.get("ErrorCode", each["Status"])
            for each in found
            if each["Status"].endswith("_FAILED")
        }

    def put(self, name: str, body: str, excluded: Collection[str]) -> None:
        """Begin to deploy a pack into all accounts but ``excluded``; ConcurrentChange while AWS works on it."""
        with self._asked():
            self._client.put_organization_conformance_pack(
                OrganizationConformancePackName=name, TemplateBody=body, ExcludedAccounts=sorted(excluded)
            )

    def delete(self, name: str) -> None:
        """Begin to delete a pack from all accounts; ConcurrentChange while AWS works on it."""
        with self._asked():
            self._client.delete_organization_conformance_pack(OrganizationConformancePackName=name)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        def denied(sentence: str) -> FoundationBehind:
            return FoundationBehind(
                f"the security account does not administer config-multiaccountsetup.amazonaws.com, or AWS "
                f"Organizations does not trust it ({sentence})"
            )

        def full(sentence: str) -> FoundationBehind:
            return FoundationBehind(f"in {self._region} a conformance pack of the organization has to go: {sentence}")

        with translated(
            MaxNumberOfOrganizationConformancePacksExceededException=full,
            NoSuchOrganizationConformancePackException=NotYetVisible,
            OrganizationAccessDeniedException=denied,
            ResourceInUseException=ConcurrentChange,
        ):
            yield
