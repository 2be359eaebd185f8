"""Names that this application makes: e-mails, ids, executions. Functions of the request, so that they never change."""

from __future__ import annotations

import hashlib
import re
import unicodedata

EMAIL_MAX = 64
"""CreateAccount takes 6 to 64 characters (aws-semantics 1.1)."""


def short_id(request_id: str) -> str:
    """Return eight hex digits that stand for a request id."""
    return hashlib.sha256(request_id.encode()).hexdigest()[:8]


def slug(name: str) -> str:
    """Return an account name as lower-case letters, digits and single hyphens; ``account`` where none are left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "account"


def email_from_pattern(pattern: str, name: str, request_id: str) -> str:
    """Return the e-mail that ``pattern`` (``aws+{slug}-{short_id}@domain``) gives; the slug is cut so that it fits."""
    fixed = len(pattern.format(slug="", short_id=short_id(request_id)))
    return pattern.format(slug=slug(name)[: EMAIL_MAX - fixed].rstrip("-"), short_id=short_id(request_id))


def execution_name(request_id: str, attempt: int) -> str:
    """Return the execution's name; StartExecution is idempotent by it for 90 days (aws-semantics 8)."""
    return f"{request_id}-{attempt}"


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(epoch_ms: int, randomness: int) -> str:
    """Return a ULID: 48 bits of time and 80 of ``randomness`` as 26 characters that sort by time (ulid spec)."""
    number = (epoch_ms & (1 << 48) - 1) << 80 | randomness & (1 << 80) - 1
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
