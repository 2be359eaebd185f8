"""Account types: what the accounts of one kind have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from avm.domain.account_request import Access, Budget, Region
from avm.domain.catalog_model import CatalogModel, Name, Names, Text, each_once
from avm.domain.remediation import Mode


class AccountType(CatalogModel):
    """One kind of account that can be asked for."""

    name: Name = Field(description="Name of the type, and of its file; what a request gives as `type`.")
    description: Text = Field(description="What such accounts are for; shown to those who ask for one.")
    ou: Text = Field(description="OU of `organization.yaml` in which its accounts stand.")
    approval: bool = Field(description="Whether somebody must approve a request before an account is created.")
    budget: Budget = Field(description="Budget of an account whose request names none.")
    assignments: Annotated[tuple[Access, ...], AfterValidator(each_once), Field(min_length=1)] = Field(
        description="Who gets which permission set in every account of the type."
    )
    allowed_permission_sets: Names = Field(
        default=(), description="Permission sets that a request may give in `access`; without them, none."
    )
    regions: Annotated[tuple[Region, ...], AfterValidator(each_once), Field(min_length=1)] | None = Field(
        default=None, description="Regions that a request may name for workload baseline; default: all allowed ones."
    )
    controls: Annotated[Mapping[Name, Mapping[str, Any]], Field(min_length=1)] = Field(
        description="What must be true of every account of the type: names of controls, each with its parameters, "
        "`{}` where it takes none."
    )
    modes: Mapping[Name, Mode] = Field(
        default_factory=dict,
        description="What is done about drift of a control, where not what the control itself says: `observe`, "
        "`propose` or `enforce`.",
    )
    scps: Names = Field(default=(), description="SCPs on each account itself, beside those of its OU.")
    singleton: bool = Field(
        default=False, description="Whether the organization has exactly one such account. Not acted on yet."
    )
