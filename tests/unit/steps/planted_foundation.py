"""Foundation controls of a test's own, an organization that nobody has to ask AWS for, and where reports are kept."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.contracts.foundation_report import FoundationReport
from avm.domain.catalog import Catalog
from avm.domain.errors import VendingError
from avm.domain.foundation import Foundation, FoundationPart
from avm.foundation.control import FoundationControl, FoundationDuty, FoundationReach, FoundationTarget, Look, Step
from avm.steps import foundation_rounds, observe_foundation, plan_foundation
from avm.steps.foundation_findings import Shown

TIME = "2026-11-25T10:00:00Z"


class Planted(FoundationControl):
    """A control that lacks things; each of its steps brings one, or fails."""

    promise = "What the test says."

    def __init__(
        self,
        name: str,
        *lacks: str | VendingError,
        duty: FoundationDuty = "shape_organization",
        needs: tuple[str, ...] = (),
        foundation: tuple[FoundationPart, ...] = (),
        unseen: VendingError | None = None,
        **facts: tuple[str, ...],
    ) -> None:
        self.name = name  # type: ignore[misc]  # a class of its own for each would say the same
        self.duty = duty  # type: ignore[misc]
        self.needs = needs  # type: ignore[misc]
        self.foundation = foundation  # type: ignore[misc]
        self.lacks = list(lacks)
        self.unseen = unseen
        self.facts = facts

    def look(self, _: FoundationTarget, __: FoundationReach) -> Look:
        if self.unseen is not None:
            raise self.unseen
        steps = [Step("iam:MakeThing", str(lack), self._bring(lack), after=str(lack)) for lack in self.lacks]
        return Look({"ListThings": len(self.lacks)}, tuple(steps), **self.facts)

    def _bring(self, lack: str | VendingError) -> Callable[[], None]:
        def bring() -> None:
            if isinstance(lack, VendingError):
                raise lack
            self.lacks.remove(lack)

        return bring


class Stage:
    """What the steps of the foundation are given."""

    def __init__(self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
        self.catalog = catalog
        self.reports = self.events = self
        self.kept: list[FoundationReport] = []
        self.told: list[tuple[dict[str, Any], bool]] = []
        """Of which looks Security Hub was told: control -> status, and whether new findings were opened."""
        self.shown = Shown()
        """What becomes of the findings."""
        self._patch = monkeypatch
        monkeypatch.setattr(observe_foundation, "show_findings", self._show)
        self.organization(None)

    def put_foundation(self, report: FoundationReport) -> None:
        self.kept.append(report)

    def _show(self, *arguments: Any, is_opening: bool, cause: Any) -> Shown:
        assert self.kept, "the report is kept first"
        assert cause is None
        self.told.append(({each.control: each.status for each in arguments[3]}, is_opening))
        return self.shown

    def publish(self, name: str, **details: Any) -> None:
        assert (name, details["request_id"]) == ("DriftDetected", None)

    def plant(self, *controls: Planted) -> None:
        named: Mapping[str, FoundationControl] = {control.name: control for control in controls}
        for module in (foundation_rounds, observe_foundation, plan_foundation):
            self._patch.setattr(module, "all_foundation_controls", lambda: named)

    def organization(self, error: VendingError | None) -> None:
        """Let the organization be described, or the error be raised."""

        def describe(*_: Any) -> FoundationTarget:
            if error is not None:
                raise error
            foundation = Foundation(
                partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id="123456789012"
            )
            return FoundationTarget(
                self.catalog, OrganizationDescription("o-1", "123456789012", "ALL"), foundation, "111122223333"
            )

        for module in (foundation_rounds, observe_foundation, plan_foundation):
            self._patch.setattr(module, "organization", describe)

    def run(self, step: ModuleType, **fields: Any) -> Any:
        document = {"observation_id": "apply-1", "time": TIME, **fields}
        return step.run(step.Input.model_validate(document), self)


@pytest.fixture
def stage(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(catalog, monkeypatch)
