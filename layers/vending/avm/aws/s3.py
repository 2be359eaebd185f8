"""S3: the bucket that keeps reports and plans. Its versioning keeps the earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from avm.aws.errors import translated
from avm.contracts.account_plan import AccountPlan
from avm.contracts.adoption_plan import AdoptionPlan
from avm.contracts.foundation_report import FoundationReport
from avm.contracts.report import Report
from avm.contracts.sweep import BatchResult, SweepPlan, SweepReport
from avm.domain.errors import RecordInconsistent, ReportNotFound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


FOUNDATION = "foundation/report.json"
LATEST_SWEEP = "sweeps/report.json"

_Kept = TypeVar("_Kept", bound=BaseModel)


class Reports:
    """The reports on each account, and on the foundation: the latest, and that of each run.

    Whoever waits for a run asks for its own report: the latest may soon be that of another run.
    """

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        """``bucket_name``: of the stack's report bucket, which encrypts by default."""
        self._client = client
        self._bucket = bucket_name

    def put(self, report: Report) -> None:
        """Keep a report, also as the latest on its account."""
        self._put(_run(report.account_id, report.observation_id), report)
        self._put(_key(report.account_id), report)

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
        with translated():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=report.model_dump_json().encode(),
                ContentType="application/json",
            )

    def _latest(self, key: str, kind: type[_Kept], subject: str) -> _Kept:
        missing = f"{subject} has not been observed yet"
        with translated(NoSuchKey=lambda _: ReportNotFound(missing)):
            text = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return kind.model_validate_json(text)
        except ValidationError as error:
            message = f"the report on {subject} cannot be read: {error}"
            raise RecordInconsistent(message) from error


def _sweep(sweep_id: str) -> str:
    return f"sweeps/{sweep_id}"


def _run(subject: str, observation_id: str) -> str:
    return f"observations/{subject}/{observation_id}.json"


def _key(account_id: str) -> str:
    return f"accounts/{account_id}/report.json"


def _plan_key(account_id: str) -> str:
    return f"accounts/{account_id}/adoption.json"
