"""A report with its signature: what shows to somebody who was not there that the machine has written it so.

Signed is the SHA-256 of the report's exact bytes, so a report is kept, sent and verified as the text that it was.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ALGORITHM: Literal["ECDSA_SHA_256"] = "ECDSA_SHA_256"
"""ECDSA on NIST P-256 with SHA-256 (KMS developer guide, "Asymmetric key specs")."""


class Signature(BaseModel):
    """The signature of one report, by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str = Field(description="ARN of the KMS key that has signed.")
    algorithm: Literal["ECDSA_SHA_256"]
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the report's bytes, in hex.")
    signature: str = Field(description="Of the digest: DER, in base64.")


class SignedReport(BaseModel):
    """A report, its signature, and the public key that verifies it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    observation_id: str
    report: str = Field(description="The report's JSON; its UTF-8 bytes are what is signed.")
    signature: Signature
    public_key: str = Field(description="The public key, PEM.")


def digest_of(report: str) -> str:
    """Return the SHA-256 of a report's bytes, in hex."""
    return hashlib.sha256(report.encode()).hexdigest()


def key_file(key_id: str) -> str:
    """Return the name of the file that keeps the public key of the key with this ARN: ``UUID.pem``."""
    return f"{key_id.rpartition('/')[2]}.pem"
