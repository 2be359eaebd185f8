"""What only the foundation does in AWS Organizations: features, trusted access, OUs, the policies themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avm.aws.broker import (
    CREATE_UNITS,
    DELEGATE,
    ENABLE_FEATURES,
    READ,
    READ_FOUNDATION,
    WRITE_GUARDRAILS,
    Broker,
)
from avm.aws.errors import translated, unless
from avm.domain.errors import ConcurrentChange, FoundationBehind
from avm.domain.guardrail import GuardrailKind
from avm.domain.trust import Document


@dataclass(frozen=True)
class OrganizationDescription:
    """The organization itself."""

    id: str
    management_account_id: str
    feature_set: str
    """``ALL`` or ``CONSOLIDATED_BILLING``."""


class OrganizationSetup:
    """The organization as the foundation reads and writes it; every read is of now."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def description(self) -> OrganizationDescription:
        """Return what the organization is; raises FoundationBehind where there is none."""

        def none(sentence: str) -> FoundationBehind:
            return FoundationBehind(
                f"the management account has no organization: create it there, 'aws organizations create-organization "
                f"--feature-set ALL' ({sentence})"
            )

        with translated(AWSOrganizationsNotInUseException=none):
            found = self._foundation_reader.describe_organization()["Organization"]
        return OrganizationDescription(found["Id"], found["MasterAccountId"], found["FeatureSet"])

    # -- policy types, trusted access ----------------------------------------------------------------------------
    def policy_types(self) -> dict[str, str]:
        """Return the policy types of the root, type -> status; those that are off are not among them."""
        with translated():
            (root,) = self._reader.list_roots()["Roots"]
        return {each["Type"]: each["Status"] for each in root["PolicyTypes"]}

    def enable_policy_type(self, root_id: str, policy_type: str) -> None:
        """Switch a policy type on; being on already is success."""
        client = self._broker.organizations(ENABLE_FEATURES)
        with translated(), unless("PolicyTypeAlreadyEnabledException"):
            client.enable_policy_type(RootId=root_id, PolicyType=policy_type)

    def trusted_services(self) -> set[str]:
        """Return the service principals that have trusted access."""
        pages = self._pages("list_aws_service_access_for_organization", "EnabledServicePrincipals", READ_FOUNDATION)
        return {each["ServicePrincipal"] for each in pages}

    def trust_service(self, service_principal: str) -> None:
        """Give a service trusted access; the same again changes nothing."""
        client = self._broker.organizations(ENABLE_FEATURES)
        with translated():
            client.enable_aws_service_access(ServicePrincipal=service_principal)

    def administrators(self, service_principal: str) -> list[str]:
        """Return the accounts that administer a service for the organization."""
        pages = self._pages(
            "list_delegated_administrators",
            "DelegatedAdministrators",
            READ_FOUNDATION,
            ServicePrincipal=service_principal,
        )
        return sorted(account["Id"] for account in pages)

    def register_administrator(self, account_id: str, service_principal: str) -> None:
        """Let an account administer a service; one that does so already is success."""
        client = self._broker.organizations(DELEGATE, account_id)
        with translated(), unless("AccountAlreadyRegisteredException"):
            client.register_delegated_administrator(AccountId=account_id, ServicePrincipal=service_principal)

    # -- OUs -----------------------------------------------------------------------------------------------------
    def units(self, parent_id: str) -> dict[str, str]:
        """Return the OUs that stand in the root or an OU itself, name -> id."""
        pages = self._pages("list_organizational_units_for_parent", "OrganizationalUnits", READ, ParentId=parent_id)
        return {unit["Name"]: unit["Id"] for unit in pages}

    def create_unit(self, parent_id: str, name: str) -> str:
        """Make an OU and return its id; raises ConcurrentChange where somebody has just made it."""
        client = self._broker.organizations(CREATE_UNITS)
        with translated(DuplicateOrganizationalUnitException=ConcurrentChange):
            unit = client.create_organizational_unit(ParentId=parent_id, Name=name)["OrganizationalUnit"]
        return str(unit["Id"])

    # -- guardrails ----------------------------------------------------------------------------------------------
    def guardrails(self, kind: GuardrailKind) -> dict[str, str]:
        """Return all guardrails of a kind in the organization, name -> id."""
        listed = self._pages("list_policies", "Policies", READ, Filter=kind.value)
        return {policy["Name"]: policy["Id"] for policy in listed}

    def guardrail_content(self, policy_id: str) -> Document:
        """Return the document of a guardrail."""
        with translated():
            policy = self._foundation_reader.describe_policy(PolicyId=policy_id)["Policy"]
        document: Document = json.loads(policy["Content"])
        return document

    def create_guardrail(self, kind: GuardrailKind, name: str, description: str, content: str) -> str:
        """Make a guardrail that is attached to nothing and return its id.

        Raises ConcurrentChange where somebody has just made it.
        """
        client = self._broker.organizations(WRITE_GUARDRAILS)
        with translated(DuplicatePolicyException=ConcurrentChange):
            made = client.create_policy(Name=name, Description=description, Content=content, Type=kind.value)
        return str(made["Policy"]["PolicySummary"]["Id"])

    def update_guardrail(self, policy_id: str, content: str) -> None:
        """Change the document of a guardrail wherever it is attached."""
        client = self._broker.organizations(WRITE_GUARDRAILS)
        with translated():
            client.update_policy(PolicyId=policy_id, Content=content)

    def attach_guardrail(self, policy_id: str, unit_id: str) -> None:
        """Attach a guardrail to an OU; being attached already is success.

        Raises ConcurrentChange while its type is still being switched on (aws-semantics 1.5).
        """
        client = self._broker.organizations(WRITE_GUARDRAILS)
        with (
            translated(PolicyTypeNotEnabledException=ConcurrentChange),
            unless("DuplicatePolicyAttachmentException"),
        ):
            client.attach_policy(PolicyId=policy_id, TargetId=unit_id)

    def detach_guardrail(self, policy_id: str, unit_id: str) -> None:
        """Detach a guardrail from an OU; not being attached is success."""
        client = self._broker.organizations(WRITE_GUARDRAILS)
        with translated(), unless("PolicyNotAttachedException"):
            client.detach_policy(PolicyId=policy_id, TargetId=unit_id)

    @property
    def _reader(self) -> Any:
        return self._broker.organizations(READ)

    @property
    def _foundation_reader(self) -> Any:
        return self._broker.organizations(READ_FOUNDATION)

    def _pages(self, operation: str, key: str, use: Any, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        with translated():
            for page in self._broker.organizations(use).get_paginator(operation).paginate(**arguments):
                yield from page[key]
