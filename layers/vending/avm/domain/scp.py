"""Service control policies: what no one in an account may do, whatever their own permissions say."""

from __future__ import annotations

from typing import ClassVar

from avm.domain.guardrail import Guardrail, GuardrailKind

QUARANTINE = "avm-quarantine"
"""The SCP that a vend attaches to an account before anything else; every catalog has it."""

FULL_ACCESS = GuardrailKind.SCP.full_access

SLOTS_TAKEN_ON_ACCOUNT = 2
"""SCPs on an account beside those of the catalog: FullAWSAccess, and the quarantine until it is released."""


class Scp(Guardrail):
    """One SCP."""

    kind: ClassVar[GuardrailKind] = GuardrailKind.SCP
