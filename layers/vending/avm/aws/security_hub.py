"""Security Hub CSPM in one Region: the administrator's members, and the standards of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated, unless
from avm.aws.partial import refuse_unprocessed
from avm.aws.probes import MemberClients
from avm.domain.errors import FoundationBehind, NotYetVisible, UnexpectedAwsError


@dataclass(frozen=True)
class Standard:
    """A standard that is on in an account."""

    status: str
    """``PENDING``, ``READY``, ``INCOMPLETE``, ``DELETING``, ``FAILED``."""
    reason: str | None = None
    """Why it is not complete: ``NO_AVAILABLE_CONFIGURATION_RECORDER`` …"""


@dataclass(frozen=True)
class HubConfiguration:
    """How accounts of the organization come to Security Hub, in one Region."""

    kind: str
    """``LOCAL`` or ``CENTRAL``."""
    status: str
    enrols: bool
    """Whether new accounts become members by themselves."""

    @property
    def is_steered(self) -> bool:
        """Return whether policies decide about accounts: of Security Hub, or (DISABLED) of AWS Organizations."""
        return self.kind != "LOCAL" or self.status == "DISABLED"

    def shown(self) -> dict[str, object]:
        """Return it by the API's names."""
        return {"ConfigurationType": self.kind, "Status": self.status, "AutoEnable": self.enrols}


class HubAdministrator:
    """Security Hub of the delegated administrator in one Region."""

    def __init__(self, clients: MemberClients, region: str) -> None:
        """``clients``: of the delegated administrator, in the Region."""
        self._client: Any = clients.client("securityhub")
        self._region = region

    def configuration(self) -> HubConfiguration:
        """Return the organization's configuration.

        Raises FoundationBehind where the account administers nothing.
        """

        def behind(sentence: str) -> FoundationBehind:
            return FoundationBehind(f"the security account does not administer {self._region}: {sentence}")

        with translated(InvalidAccessException=behind):
            answer = self._client.describe_organization_configuration()
        organization = answer["OrganizationConfiguration"]
        return HubConfiguration(organization["ConfigurationType"], organization["Status"], answer["AutoEnable"])

    def enrol_new(self) -> None:
        """Let new accounts become members by themselves; which standards they begin with stays what it is."""
        with translated():
            self._client.update_organization_configuration(AutoEnable=True)

    def relationship(self, account_id: str) -> tuple[str | None, str]:
        """Return the status of an account's membership (``Created``, ``Enabled`` …), or None and AWS's reason."""
        with translated():
            answer = self._client.get_members(AccountIds=[account_id])
        for member in answer["Members"]:
            return str(member["MemberStatus"]), ""
        return None, "; ".join(each["ProcessingResult"] for each in answer["UnprocessedAccounts"])

    def create_member(self, account_id: str, email: str) -> None:
        """Make an account a member; raises ServiceUnavailable where AWS leaves it out."""
        with translated():
            answer = self._client.create_members(AccountDetails=[{"AccountId": account_id, "Email": email}])
        refuse_unprocessed("CreateMembers", answer, "ProcessingResult")


class Hub:
    """Security Hub of one account in one Region."""

    def __init__(self, clients: MemberClients) -> None:
        """``clients``: of the account, in the Region."""
        self._client: Any = clients.client("securityhub")

    def standards(self) -> Mapping[str, Standard] | None:
        """Return the standards that are on, by name (``pci-dss/v/3.2.1``); None where Security Hub is off."""
        try:
            with translated(InvalidAccessException=NotYetVisible):
                found = list(self._pages("get_enabled_standards", "StandardsSubscriptions"))
        except NotYetVisible:
            return None
        return {_name(each): Standard(each["StandardsStatus"], _reason(each)) for each in found}

    def switch_on(self) -> None:
        """Switch Security Hub on, without any standard; one that is on already, unseen, is success."""
        with translated(), unless("ResourceConflictException"):
            self._client.enable_security_hub(EnableDefaultStandards=False)

    def enable_standards(self, names: Iterable[str]) -> None:
        """Switch standards on; raises UnexpectedAwsError for one that AWS does not have."""
        with translated():
            arns = {_name(each): each["StandardsArn"] for each in self._pages("describe_standards", "Standards")}
        wanted = list(names)
        if unknown := [name for name in wanted if name not in arns]:
            message = f"DescribeStandards: there is no standard {', '.join(unknown)}; there are {', '.join(arns)}"
            raise UnexpectedAwsError(message)
        with translated():
            self._client.batch_enable_standards(
                StandardsSubscriptionRequests=[{"StandardsArn": arns[name]} for name in wanted]
            )

    def _pages(self, operation: str, key: str) -> Iterator[Mapping[str, Any]]:
        for page in self._client.get_paginator(operation).paginate():
            yield from page[key]


def _name(standard: Mapping[str, Any]) -> str:
    """Return what follows ``standards/`` or, of the oldest one, ``ruleset/`` in the standard's ARN."""
    return str(standard["StandardsArn"]).partition("/")[2]


def _reason(subscription: Mapping[str, Any]) -> str | None:
    reason: str | None = subscription.get("StandardsStatusReason", {}).get("StatusReasonCode")
    return reason
