"""alternate-contacts: AWS knows whom to turn to about the account's security, bills and operations.

They are set from inside the account: ``avm.aws.account`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator

from avm.aws.account import AlternateContacts, ContactType
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.account_request import Contact
from avm.domain.finding import Change, Finding, PlannedChange

KINDS: tuple[ContactType, ...] = ("BILLING", "OPERATIONS", "SECURITY")
_ACCOUNT = ("arn:{partition}:account::{account}:account",)


class AlternateContactsSet(Control):
    """The request's contacts, else the catalog's; a kind that neither names is left to the account's owner."""

    name = "alternate-contacts"
    promise = "The contacts for security, billing and operations are those of the request, else of the catalog."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("account:GetAlternateContact",), _ACCOUNT),)
    enforce_grants = (Grant(("account:PutAlternateContact",), _ACCOUNT),)
    drift_events = (
        DriftEvent("account.amazonaws.com", "DeleteAlternateContact"),
        DriftEvent("account.amazonaws.com", "PutAlternateContact"),
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Compare each contact; evidence: kind -> what is wrong. It names no person: reports are kept and shown."""
        contacts = AlternateContacts(reach.member().client("account"))
        shown = {kind: _difference(contacts.contact(kind), wanted) for kind, wanted in _wanted(target)}
        evidence = {kind: found or "as wanted" for kind, found in shown.items()}
        return self.finding(target, "violated" if any(shown.values()) else "compliant", GetAlternateContact=evidence)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Set each contact that is not as wanted."""
        contacts = AlternateContacts(reach.member().client("account"))
        changes = []
        for kind, wanted in _wanted(target):
            if _difference(contacts.contact(kind), wanted):
                contacts.put(kind, wanted)
                changes.append(self.change("PutAlternateContact", kind))
        return changes

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Set each kind that request or catalog name."""
        return [PlannedChange("account:PutAlternateContact", f"contact {kind}") for kind, _ in _wanted(target)]


def _wanted(target: Target) -> Iterator[tuple[ContactType, Contact]]:
    for kind in KINDS:
        asked = getattr(target.request.contacts, kind.lower(), None)
        contact = asked or getattr(target.catalog.organization.contacts, kind.lower())
        if contact is not None:
            yield kind, contact


def _difference(found: Contact | None, wanted: Contact) -> str:
    """Say what is wrong with a contact, without its values; nothing where it is as wanted."""
    if found is None:
        return "there is none"
    fields = [name for name in Contact.model_fields if getattr(found, name) != getattr(wanted, name)]
    return f"differs in {', '.join(fields)}" if fields else ""
