"""Times as this application writes them: ISO 8601 in UTC, milliseconds, ``Z``.

Time that decides comes from the trigger (a state's EnteredTime, the API request's epoch), never from the process clock
(design, section 5): so it is handed in as text everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Return an aware datetime as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Return the aware datetime that ``text`` (any ISO 8601 form with a zone) says; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = f"'{text}' has no time zone"
        raise ValueError(message)
    return moment


def from_epoch_ms(milliseconds: int) -> str:
    """Return milliseconds since 1970 as text."""
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))
