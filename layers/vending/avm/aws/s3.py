"""S3: the bucket that keeps reports and plans. Its versioning keeps the earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from avm.aws.errors import translated
from avm.aws.public_keys import PublicKeys
from avm.contracts.account_plan import AccountPlan
from avm.contracts.adoption_plan import AdoptionPlan
from avm.contracts.foundation_report import FoundationReport
from avm.contracts.report import Report
from avm.contracts.signed_report import Signature, SignedReport
from avm.contracts.sweep import BatchResult, SweepPlan, SweepReport
from avm.domain.errors import RecordInconsistent, ReportNotFound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


FOUNDATION = "foundation/report.json"
LATEST_SWEEP = "sweeps/report.json"

_SIGNATURE = "signature"
"""Name of the metadata of a report that holds its signature; S3 takes 2 KB of it (user guide, "Object metadata")."""

_Kept = TypeVar("_Kept", bound=BaseModel)


class Reports:
    """The reports on each account, and on the foundation: the latest, and that of each run.

    Whoever waits for a run asks for its own report: the latest may soon be that of another run.
    """

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        """``bucket_name``: of the stack's report bucket, which encrypts by default."""
        self._client = client
        self._bucket = bucket_name
        self._keys = PublicKeys(client, bucket_name)

    def put(self, signed: SignedReport) -> None:
        """Keep a report, also as the latest on its account.

        A report and its signature, which is the object's metadata, are one write: nobody ever sees one without the
        other, or that of another report. The key that verifies it is there before.
        """
        with translated():
            self._keys.put(signed)
        signature = {_SIGNATURE: signed.signature.model_dump_json()}
        for key in (_run(signed.account_id, signed.observation_id), _key(signed.account_id)):
            self._put_text(key, signed.report, signature)

    def signed(self, account_id: str, observation_id: str | None = None) -> SignedReport:
        """Return what a run has found of an account, None: the latest report, as it was signed.

        Raises ReportNotFound where there is none, or none that is signed: it is older than signatures.
        """
        key = _key(account_id) if observation_id is None else _run(account_id, observation_id)
        subject = f"account {account_id}" + (f" by {observation_id}" if observation_id else "")
        text, metadata = self._get(key, subject)
        if _SIGNATURE not in metadata:
            message = f"the report on {subject} was kept before reports were signed"
            raise ReportNotFound(message)
        signature = _parsed(metadata[_SIGNATURE], Signature, f"signature of the report on {subject}")
        report = _parsed(text, Report, f"report on {subject}")
        with translated():
            public_key = self._keys.get(signature.key_id)
        return SignedReport(
            account_id=account_id,
            observation_id=report.observation_id,
            report=text.decode(),
            signature=signature,
            public_key=public_key,
        )

    def latest(self, account_id: str) -> Report:
        """Return the latest report on an account; raises ReportNotFound where it has none."""
        return self._latest(_key(account_id), Report, f"account {account_id}")

    def of_run(self, account_id: str, observation_id: str) -> Report:
        """Return what a run has found of an account; raises ReportNotFound while it has found nothing."""
        return self._latest(_run(account_id, observation_id), Report, f"account {account_id} by {observation_id}")

    def put_foundation(self, report: FoundationReport) -> None:
        """Keep a report, also as the latest on the foundation."""
        self._put(_run("foundation", report.observation_id), report)
        self._put(FOUNDATION, report)

    def latest_foundation(self) -> FoundationReport:
        """Return the latest report on the foundation; raises ReportNotFound where there is none."""
        return self._latest(FOUNDATION, FoundationReport, "the foundation")

    def foundation_of_run(self, observation_id: str) -> FoundationReport:
        """Return what a run has found of the foundation; raises ReportNotFound while it has found nothing."""
        return self._latest(_run("foundation", observation_id), FoundationReport, f"the foundation by {observation_id}")

    def put_adoption_plan(self, plan: AdoptionPlan) -> None:
        """Keep a plan as the latest of the account's adoption."""
        self._put(_plan_key(plan.account_id), plan)

    def adoption_plan(self, account_id: str) -> AdoptionPlan:
        """Return the latest plan of the account's adoption; raises ReportNotFound where there is none."""
        return self._latest(_plan_key(account_id), AdoptionPlan, f"the adoption of account {account_id}")

    def put_plan(self, plan: AccountPlan) -> None:
        """Keep the plan of a vend."""
        self._put(f"plans/{plan.plan_id}.json", plan)

    def plan(self, plan_id: str) -> AccountPlan:
        """Return the plan of a vend; raises ReportNotFound where there is none."""
        return self._latest(f"plans/{plan_id}.json", AccountPlan, f"plan {plan_id}")

    # -- sweeps --------------------------------------------------------------------------------------------------
    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self._bucket

    def put_sweep_plan(self, plan: SweepPlan) -> str:
        """Keep what a sweep works through; return its key."""
        key = f"{_sweep(plan.sweep_id)}/plan.json"
        self._put(key, plan)
        return key

    def sweep_plan(self, sweep_id: str) -> SweepPlan:
        """Return what a sweep works through; raises ReportNotFound."""
        return self._latest(f"{_sweep(sweep_id)}/plan.json", SweepPlan, f"sweep {sweep_id}")

    def put_sweep_batch(self, sweep_id: str, batch: int, result: BatchResult) -> None:
        """Keep what was found in one batch."""
        self._put(f"{_sweep(sweep_id)}/batch-{batch}.json", result)

    def sweep_batch(self, sweep_id: str, batch: int) -> BatchResult:
        """Return what was found in one batch; raises ReportNotFound."""
        return self._latest(f"{_sweep(sweep_id)}/batch-{batch}.json", BatchResult, f"batch {batch} of sweep {sweep_id}")

    def put_sweep(self, report: SweepReport) -> None:
        """Keep what a sweep has found, also as the latest."""
        self._put(f"{_sweep(report.observation_id)}/report.json", report)
        self._put(LATEST_SWEEP, report)

    def sweep(self, sweep_id: str | None) -> SweepReport:
        """Return what a sweep has found, None: the latest; raises ReportNotFound where there is none."""
        key = LATEST_SWEEP if sweep_id is None else f"{_sweep(sweep_id)}/report.json"
        return self._latest(key, SweepReport, "the organization" if sweep_id is None else f"sweep {sweep_id}")

    def _put(self, key: str, report: BaseModel) -> None:
        self._put_text(key, report.model_dump_json(), {})

    def _put_text(self, key: str, text: str, metadata: Mapping[str, str]) -> None:
        with translated():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(),
                ContentType="application/json",
                Metadata=metadata,
            )

    def _latest(self, key: str, kind: type[_Kept], subject: str) -> _Kept:
        text, _ = self._get(key, subject)
        return _parsed(text, kind, f"report on {subject}")

    def _get(self, key: str, subject: str) -> tuple[bytes, Mapping[str, str]]:
        """Return what is kept, and its metadata."""
        missing = f"{subject} has not been observed yet"
        with translated(NoSuchKey=lambda _: ReportNotFound(missing)):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            return answer["Body"].read(), answer["Metadata"]


def _parsed(text: bytes | str, kind: type[_Kept], what: str) -> _Kept:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        message = f"the {what} cannot be read: {error}"
        raise RecordInconsistent(message) from error


def _sweep(sweep_id: str) -> str:
    return f"sweeps/{sweep_id}"


def _run(subject: str, observation_id: str) -> str:
    return f"observations/{subject}/{observation_id}.json"


def _key(account_id: str) -> str:
    return f"accounts/{account_id}/report.json"


def _plan_key(account_id: str) -> str:
    return f"accounts/{account_id}/adoption.json"
