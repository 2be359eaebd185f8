"""The report on an account: what each of its controls was found to be, at one time (interfaces.md, "Report")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.finding import Verdict

_Time = Annotated[str, Field(description="ISO 8601, UTC.")]


class ReportRow(BaseModel):
    """One control, in one place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control: str
    scope: str = Field(description="`account`, or the Region that the row is about.")
    status: Verdict
    evidence: Mapping[str, Any] = Field(description="What AWS showed, by the API's operation; else why it did not.")
    observed_at: _Time


class Report(BaseModel):
    """All controls of one account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    request_id: str
    catalog_version: str
    time: _Time
    observation_id: str = Field(description="What the observation was started as; the answer to its post names it.")
    ready: bool = Field(description="Whether every control is as the account may be ready with.")
    controls: tuple[ReportRow, ...]

    def compliance(self) -> dict[str, int]:
        """Return how many rows have each status."""
        return dict(sorted(Counter(row.status for row in self.controls).items()))

    def drift(self) -> dict[str, Any]:
        """Return the report with those rows alone that are not as they should be."""
        document = self.model_dump(mode="json")
        untrue = [row for row in document["controls"] if row["status"] in {"violated", "pending", "unknown"}]
        return {**document, "controls": untrue}
