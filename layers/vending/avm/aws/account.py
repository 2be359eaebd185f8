"""AWS Account Management: the account's name, and whom AWS turns to beside its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from avm.aws.errors import translated, unless
from avm.domain.account_request import Contact

if TYPE_CHECKING:
    from mypy_boto3_account import AccountClient

ContactType = Literal["SECURITY", "BILLING", "OPERATIONS"]


class AlternateContacts:
    """The alternate contacts of the account that the client's session is in.

    From inside neither trusted access nor a permission in the management account is needed, which a call with
    ``AccountId`` would (botocore: PutAlternateContact; aws-semantics 6).
    """

    def __init__(self, client: AccountClient) -> None:
        """``client``: with the credentials of a session in the account."""
        self._client = client

    def contact(self, kind: ContactType) -> Contact | None:
        """Return the contact of a kind; None where there is none."""
        with translated(), unless("ResourceNotFoundException"):
            found: Any = self._client.get_alternate_contact(AlternateContactType=kind)["AlternateContact"]
            # what somebody else has put there need not be as requests must be
            return Contact.model_construct(
                name=found.get("Name", ""),
                title=found.get("Title", ""),
                email=found.get("EmailAddress", ""),
                phone=found.get("PhoneNumber", ""),
            )
        return None

    def put(self, kind: ContactType, contact: Contact) -> None:
        """Set the contact of a kind; it replaces one that is there."""
        with translated():
            self._client.put_alternate_contact(
                AlternateContactType=kind,
                Name=contact.name,
                Title=contact.title,
                EmailAddress=contact.email,
                PhoneNumber=contact.phone,
            )


class AccountName:
    """The name of the account that the client's session is in."""

    def __init__(self, client: AccountClient) -> None:
        """``client``: with the credentials of a session in the account."""
        self._client = client

    def name(self) -> str:
        """Return the account's name."""
        with translated():
            return self._client.get_account_information()["AccountName"]

    def put(self, name: str) -> None:
        """Give the account another name; AWS Organizations shows it, too (botocore: PutAccountName)."""
        with translated():
            self._client.put_account_name(AccountName=name)
