"""The catalog: everything that an operator decides about accounts, as one consistent value."""

from __future__ import annotations

from collections.abc import Mapping

from avm.domain.account_type import AccountType
from avm.domain.catalog_model import CatalogModel
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.conformance_pack import ConformancePack
from avm.domain.errors import CatalogInvalid
from avm.domain.guardrail import Guardrail, GuardrailKind
from avm.domain.organization import OrganizationSettings, global_region
from avm.domain.permission_set import PermissionSet
from avm.domain.rcp import Rcp
from avm.domain.scp import QUARANTINE, Scp
from avm.domain.webhook import WebhookSource


class Catalog(CatalogModel):
    """A catalog whose references are all good; ``avm.catalog`` makes it.

    ``version`` is a short hash of the content of the files: comments and layout do not change it, releases of this
    application neither.
    """

    version: str
    organization: OrganizationSettings
    account_types: Mapping[str, AccountType]
    scps: Mapping[str, Scp]
    rcps: Mapping[str, Rcp]
    permission_sets: Mapping[str, PermissionSet]
    conformance_packs: Mapping[str, ConformancePack]
    webhooks: Mapping[str, WebhookSource]

    def account_type(self, name: str) -> AccountType:
        """Return the account type; raises CatalogInvalid where a request's type is no longer there."""
        if name not in self.account_types:
            reason = f"there is no account type {name!r}, but an account of this type exists or is being made"
            hint = "put the file back: a type stays in the catalog as long as it has accounts"
            raise CatalogInvalid([CatalogProblem(f"account_types/{name}.yaml", 1, "", reason, hint)])
        return self.account_types[name]

    def regions(self, account_type: str) -> tuple[str, ...]:
        """Return the Regions in which accounts of the type may have workloads."""
        return self.account_type(account_type).regions or self.organization.allowed_regions

    @property
    def governed_regions(self) -> tuple[str, ...]:
        """Return the governed Regions: the allowed ones, and the one of global services (design, section 5)."""
        organization = self.organization
        return tuple(dict.fromkeys((*organization.allowed_regions, global_region(organization.home_region))))

    @property
    def quarantine(self) -> Scp:
        """Return the SCP that holds an account until all that was promised is verified."""
        return self.scps[QUARANTINE]

    def guardrails(self, kind: GuardrailKind) -> Mapping[str, Guardrail]:
        """Return the guardrails of a kind, by name."""
        return {GuardrailKind.SCP: self.scps, GuardrailKind.RCP: self.rcps}[kind]

    def ou_guardrails(self, ou: str, kind: GuardrailKind) -> tuple[Guardrail, ...]:
        """Return the guardrails of a kind that are attached to the OU itself, in the order of the catalog."""
        return tuple(self.guardrails(kind)[name] for name in self.organization.ous[ou].guardrails(kind))

    def ou_path(self, ou: str) -> tuple[str, ...]:
        """Return the OUs from below the root down to ``ou``."""
        path = [ou]
        while parent := self.organization.ous[path[0]].parent:
            path.insert(0, parent)
        return tuple(path)

    def ous_judged_by(self, pack: str) -> tuple[str, ...]:
        """Return the OUs whose accounts a conformance pack judges: those that name it, and those below them."""
        ous = self.organization.ous
        return tuple(ou for ou in ous if any(pack in ous[above].conformance_packs for above in self.ou_path(ou)))
