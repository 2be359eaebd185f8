"""Everything that can go wrong, as one tree.

::

    VendingError
    ├── Rejected            the requester must change something; never retried
    │   ├── InvalidRequest        fields that cannot be accepted, all of them at once
    │   ├── RequestConflict       the request id was used before with another body
    │   ├── RequestNotFound       no request has this id
    │   ├── RequestTooLarge       a body that no call needs
    │   ├── AccountNotAdoptable   an account that cannot be brought under the machine as it is
    │   ├── AccountNotFound       no account of this machine has this id
    │   ├── ReportNotFound        the account, or the foundation, has not been observed yet
    │   ├── CallNotAllowed        a call that the caller's role at the API does not have
    │   ├── DeadLetterNotFound    no dead-letter queue holds this message
    │   ├── NameTaken             another request holds this account name
    │   ├── EmailTaken            another request or account holds this e-mail
    │   ├── ApprovalRefused       somebody decided against the request
    │   ├── ApprovalExpired       nobody decided about the request in time
    │   ├── ApprovalNotPending    a decision about a request that waits for none
    │   ├── RequestCancelled      the request was cancelled before an account was created
    │   ├── RequestNotCancellable an account is being created, or the request is over
    │   ├── RequestNotRetryable   the vend is under way, or there is nothing to try again
    │   ├── InvalidCursor         a page is asked for with a cursor that is not ours
    │   ├── SignatureInvalid      a webhook that its source has not signed, or not just now
    │   └── StackNotWaiting       a stack of Service Catalog that waits for no account
    ├── Transient           will pass; the workflow retries
    │   ├── Throttled             AWS asks for fewer calls
    │   ├── ConcurrentChange      somebody else changes the same thing right now
    │   ├── ServiceUnavailable    AWS or the connection to it failed
    │   └── NotYetVisible         AWS does not show yet what it has just made
    └── NeedsOperator       parks the account
        ├── AccessDenied          a permission is missing
        ├── AccountCreationFailed AWS gave a reason why it made no account
        ├── AccountLimitExceeded  the organization may hold no more accounts
        ├── AssignmentFailed      Identity Center could not give somebody access
        ├── BucketNameTaken       somebody else has a bucket of a name that the log archive needs
        ├── CatalogInvalid        the catalog contradicts itself
        ├── EventNotDelivered     the event bus refused an event
        ├── FoundationBehind      something the foundation provides is not there
        ├── ManagedElsewhere      a policy of the organization holds a setting otherwise
        ├── PrincipalNotFound     a group or user does not exist in Identity Center
        ├── ProvisioningNotTold   Service Catalog does not take what becomes of its record
        ├── RecordInconsistent    the table says something that cannot be
        ├── ReportNotArchived     the log archive does not take a report
        ├── ReportNotSigned       the key for reports does not sign
        ├── RequestOutdated       the catalog no longer admits a request that has an account
        ├── StackNotTold          CloudFormation cannot be answered
        ├── StillPending          an operation did not end in the time it is given
        ├── TicketNotTold         a ticketing system does not take what becomes of its request
        ├── UnexpectedAwsError    AWS answered with a code that nobody has classified
        ├── UnexpectedError       the application itself failed
        ├── UnexpectedParent      the account stands in an OU where nobody put it
        ├── VendInterrupted       the vend's execution ended without recording why
        ├── VendStuck             the vend has not got on for hours
        └── VerificationFailed    what was made is not what AWS shows

The class name is the error's code: state machines match it, the API shows it, ``docs/runbook.md`` has a heading for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from avm.domain.catalog_problem import CatalogProblem


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field of a request: where, why, and what to do."""

    field: str
    reason: str
    hint: str


class VendingError(Exception):
    """Base of all errors of this application; ``str()`` is a sentence for people."""

    hint: ClassVar[str] = "Read the cause; the runbook has a chapter for each code."

    def __init__(self, message: str, **details: str | int | None) -> None:
        """``message`` names the true cause; ``details`` hold nothing secret."""
        super().__init__(message)
        self.details: Mapping[str, str | int | None] = details

    @property
    def code(self) -> str:
        """Return the error's stable code: its class name."""
        return type(self).__name__


class Rejected(VendingError):
    """The requester must change something."""


class Transient(VendingError):
    """Will pass by itself."""

    hint = "Nothing to do: the workflow tries again. If the account is parked with this code, retry the request."


class NeedsOperator(VendingError):
    """Somebody who runs the machine must act."""


class InvalidRequest(Rejected):
    """Fields of a request that cannot be accepted."""

    hint = "Correct what 'errors' names and send it again; nothing was created or changed."

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        """``problems``: all of them, at least one."""
        super().__init__("; ".join(f"{each.field}: {each.reason}" if each.field else each.reason for each in problems))
        self.problems = tuple(problems)

    def errors(self) -> list[dict[str, str]]:
        """Return the problems in the shape of the API's ``errors``."""
        return [asdict(problem) for problem in self.problems]


class RequestConflict(Rejected):
    """The request id was used before, with another body."""

    hint = "A request id stands for one request for ever: use a new id for a new request."


class RequestNotFound(Rejected):
    """No request has this id."""

    hint = "Look the id up with 'avm list'."


class RequestTooLarge(Rejected):
    """A body that no call needs."""

    hint = "What a call takes fits 64 KiB many times over: send one thing a call."


class AccountNotAdoptable(Rejected):
    """An account that cannot be brought under the machine as it is."""

    hint = (
        "Nothing was changed in it. Settle what the message names; 'avm adopt ACCOUNT --plan' shows beforehand whether "
        "an adoption would begin. A request that was rejected is tried again with 'avm retry'."
    )


class AccountNotFound(Rejected):
    """No account of this machine has this id."""

    hint = "Look the account up with 'avm list'."


class ReportNotFound(Rejected):
    """The account, or the foundation, has not been observed yet."""

    hint = (
        "Start an observation with 'avm drift ACCOUNT', of the foundation with 'avm foundation plan', or wait until "
        "the account's vend has verified it."
    )


class CallNotAllowed(Rejected):
    """The caller's role at the API does not have this call, or not for this request."""

    hint = (
        "Whoever keeps the catalog maps roles to requester, approver, auditor and operator: api_roles in "
        "organization.yaml. docs/api.md says which calls each has."
    )


class DeadLetterNotFound(Rejected):
    """No dead-letter queue holds a message with this id."""

    hint = "Look the message up with 'avm dead-letters list'; one that was replayed is there no more."


class NameTaken(Rejected):
    """Another request holds the account name."""

    hint = "Choose another name; names are compared without regard to case."


class EmailTaken(Rejected):
    """Another request or AWS account holds the e-mail address."""

    hint = "Leave 'email' out to have one made, or choose another; addresses of closed accounts stay taken for ever."


class ApprovalRefused(Rejected):
    """Somebody who may decide about the request decided against it."""

    hint = "Talk to whom the message names; a new request needs a new request id."


class ApprovalExpired(Rejected):
    """Nobody decided about the request in time."""

    hint = "Retry the request, and tell those who approve."


class ApprovalNotPending(Rejected):
    """A decision about a request that waits for none."""

    hint = "'avm status' shows where the request is; 'avm audit' who decided what."


class RequestCancelled(Rejected):
    """The request was cancelled before an account was created for it."""

    hint = "Nothing to do: name and e-mail are free again."


class RequestNotCancellable(Rejected):
    """An account is being created for the request, or the request is over."""

    hint = "An account is never closed by a cancellation: let the vend end, then decide about the account."


class RequestNotRetryable(Rejected):
    """The request's vend is under way, or there is nothing to try again."""

    hint = "Only parked and rejected requests can be retried; 'avm status' shows where this one is."


class InvalidCursor(Rejected):
    """A page is asked for with a cursor that this API did not hand out."""

    hint = "Start again without 'cursor'."


class SignatureInvalid(Rejected):
    """A webhook that its source has not signed, or not within the last minutes."""

    hint = (
        "Sign the exact bytes of the body with the source's secret in Secrets Manager, as its file in the catalog "
        "says; docs/api.md shows how. Nothing was read or created."
    )


class StackNotWaiting(Rejected):
    """A stack of Service Catalog that waits for no account, or is not there any more."""

    hint = "Terminate the provisioned product and launch the product again; nothing was created."


class Throttled(Transient):
    """AWS asks for fewer calls."""


class ConcurrentChange(Transient):
    """Somebody else changes the same thing right now."""


class ServiceUnavailable(Transient):
    """AWS, or the connection to it, failed."""


class NotYetVisible(Transient):
    """AWS does not show yet what it has just made."""


class AccessDenied(NeedsOperator):
    """A permission is missing."""

    hint = "Grant the action to the role that the message names, or lift the SCP that denies it; then retry."


class AccountCreationFailed(NeedsOperator):
    """AWS gave a reason why it made no account."""

    hint = "Settle the reason that AWS gives (billing and identity are settled in the management account), then retry."


class AccountLimitExceeded(NeedsOperator):
    """The organization may hold no more accounts; closed ones count until they are gone."""

    hint = "Raise 'Default maximum number of accounts' in Service Quotas of the management account, then retry."


class AssignmentFailed(NeedsOperator):
    """Identity Center could not give somebody access."""

    hint = "Settle the reason that Identity Center gives, then retry."


class BucketNameTaken(NeedsOperator):
    """Somebody else has a bucket of a name that the log archive needs; names are unique in the whole partition."""

    hint = (
        "Give the log archive's buckets other names: write 'log_archive: {bucket_suffix: ...}' into organization.yaml, "
        "deploy it, then retry. The bucket is not yours: no log may go there."
    )


class CatalogInvalid(NeedsOperator):
    """The catalog contradicts itself."""

    hint = "Correct the lines named; 'avm catalog validate' shows them all."

    def __init__(self, problems: Sequence[CatalogProblem]) -> None:
        """``problems``: all of them, at least one."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class EventNotDelivered(NeedsOperator):
    """The event bus refused an event."""

    hint = "Look at the bus and its policy, then retry."


class FoundationBehind(NeedsOperator):
    """Something that the foundation provides is not there."""

    hint = (
        "Bring the foundation up to the catalog with 'avm foundation apply' ('plan' shows what is missing), then retry."
    )


class ManagedElsewhere(NeedsOperator):
    """A policy of the organization holds a setting otherwise than the catalog promises it."""

    hint = (
        "Let the organization's policy that the message names say what the catalog promises, or take the control out "
        "of the account type; the machine does not fight it. Then retry."
    )


class PrincipalNotFound(NeedsOperator):
    """A group or user does not exist in Identity Center."""

    hint = "Create the group or user (or wait until your identity provider has sent it), then retry."


class ProvisioningNotTold(NeedsOperator):
    """Service Catalog does not take what becomes of its record."""

    hint = "Look at the record in Service Catalog: if it is still in progress, settle what AWS names, then replay."


class RecordInconsistent(NeedsOperator):
    """The table says something that cannot be."""

    hint = "Compare the request's record with the account in AWS Organizations before anything else is done with it."


class ReportNotArchived(NeedsOperator):
    """The log archive does not take a report: its bucket is not there, or does not admit the machine."""

    hint = (
        "Run 'avm repair LOG-ARCHIVE-ACCOUNT log-archive-stores', which gives the bucket what it lacks, then retry the "
        "request or look again with 'avm drift ACCOUNT'. The report itself is kept: 'avm report ACCOUNT'."
    )


class ReportNotSigned(NeedsOperator):
    """The key that signs reports does not sign: it is disabled, deleted, or of another kind."""

    hint = (
        "Enable the key again, or cancel its deletion, or deploy with another one as ReportKeyArn; then retry the "
        "request or look again with 'avm drift ACCOUNT'. No report is kept that is not signed."
    )


class RequestOutdated(NeedsOperator):
    """The catalog no longer admits a request for which an account exists already."""

    hint = "Put back into the catalog what the message names (type, Region, permission set …), then retry."


class StackNotTold(NeedsOperator):
    """CloudFormation cannot be answered: the address that a message gives is not its own, or takes nothing."""

    hint = (
        "Look at the stack: if it still waits, it fails by itself when its time is over. Launch the product again; a "
        "request that was accepted goes on, 'avm list' shows it."
    )


class StillPending(NeedsOperator):
    """An operation of AWS did not end in the time that it is given."""

    hint = "Look at the operation named in the message in AWS; when it has ended, retry."


class TicketNotTold(NeedsOperator):
    """A ticketing system does not take what becomes of its request."""

    hint = "Settle what the message names (address, secret, what the receiver asks for), then replay the dead letter."


class UnexpectedAwsError(NeedsOperator):
    """AWS answered with a code that nobody has classified."""

    hint = "Read AWS's message; with its request id AWS Support finds the call. Then retry."


class UnexpectedError(NeedsOperator):
    """The application itself failed."""

    hint = "A defect: the log of the function named has the stack trace. Retry after it is mended."


class UnexpectedParent(NeedsOperator):
    """The account stands in an OU where nobody of ours put it."""

    hint = "Find out who moved the account; move it back to the root or to its OU, then retry."


class VendInterrupted(NeedsOperator):
    """The vend's execution ended without recording why, again and again."""

    hint = "The execution named shows what stopped it (table, key, permissions); mend that, then retry."


class VendStuck(NeedsOperator):
    """The vend has not got on for hours; it still runs."""

    hint = "Look at the state named; if nothing will bring it on, stop the execution: the watchdog starts it again."


class VerificationFailed(NeedsOperator):
    """What was made is not what AWS shows."""

    hint = "Compare the account with the message, mend or find what changes it, then retry."


def _walk(base: type[VendingError]) -> list[type[VendingError]]:
    return [found for child in base.__subclasses__() for found in (child, *_walk(child))]


ERRORS: Mapping[str, type[VendingError]] = {found.__name__: found for found in _walk(VendingError)}
"""Every error by its code."""


def problem_details(code: str, message: str) -> dict[str, Any]:
    """Return ``{code, message, hint}`` as records and the API show an error; unknown codes get the general hint."""
    return {"code": code, "message": message, "hint": ERRORS.get(code, UnexpectedError).hint}
