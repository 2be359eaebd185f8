"""The functions that Step Functions adds to JSONata: $partition, $range, $hash, $random, $uuid, $parse.

They and JSONata's own clock functions are bound to every evaluation; ``$eval`` is taken away, as on AWS (developer
guide, "Transforming data with JSONata in Step Functions"). ``None`` is JSONata's undefined here: an undefined argument
makes an undefined result.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Mapping
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.utils import Utils

from avm_emulator.workflows import running

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class StepFunctionsLibrary:
    """The implementations; the names of JSONata stand in ``BINDINGS``."""

    @staticmethod
    def partition(array: list[Any] | None, size: float | None) -> list[list[Any]] | None:
        """Split ``array`` into chunks of ``size``; nothing for an empty array or a size below one."""
        length = 0 if size is None else int(size)
        if not array or length < 1:
            return None
        return [list(array[start : start + length]) for start in range(0, len(array), length)]

    @staticmethod
    def range(first: float | None, last: float | None, step: float | None) -> list[int] | None:
        """Return the numbers from ``first`` to ``last``, both included; nothing when ``step`` leads away."""
        if first is None or last is None or step is None or int(step) == 0:
            return None
        stride = int(step)
        numbers = range(int(first), int(last) + (1 if stride > 0 else -1), stride)
        sequence: list[int] = Utils.create_sequence_from_iter(numbers)
        return sequence

    @staticmethod
    def hash(data: str | None, algorithm: str | None) -> str | None:
        """Return the hexadecimal digest; raise ValueError for an algorithm that Step Functions does not have."""
        if data is None or algorithm is None:
            return None
        if algorithm not in _ALGORITHMS:
            message = f"$hash knows {', '.join(_ALGORITHMS)}, not {algorithm}"
            raise ValueError(message)
        return hashlib.new(_ALGORITHMS[algorithm], data.encode()).hexdigest()

    @staticmethod
    def random(seed: float | None) -> float:
        """Return a number in [0, 1), the same one for the same seed."""
        source = random if seed is None else random.Random(int(seed))  # noqa: S311  no cryptography on AWS either
        return source.random()

    @staticmethod
    def uuid() -> str:
        """Return a random UUID (version 4)."""
        return str(uuid.uuid4())

    @staticmethod
    def parse(text: str | None) -> Any:
        """Return the value of a JSON text."""
        if text is None:
            return None
        value = json.loads(text)
        return Utils.NULL_VALUE if value is None else value

    @staticmethod
    def millis() -> int:
        """Return the AWS time in milliseconds since the epoch."""
        return int(running.clock().now() * 1000)

    @staticmethod
    def now(picture: str | None, timezone: str | None) -> Any:
        """Return the AWS time as text."""
        return Functions.datetime_from_millis(StepFunctionsLibrary.millis(), picture, timezone)


def _function(name: str, signature: str) -> Any:
    return Jsonata.function(name, signature, StepFunctionsLibrary, name)


BINDINGS: Mapping[str, Any] = {
    "partition": _function("partition", "<an:a>"),
    "range": _function("range", "<nnn?:a>"),
    "hash": _function("hash", "<ss?:s>"),
    "random": _function("random", "<n?:n>"),
    "uuid": _function("uuid", "<:s>"),
    "parse": _function("parse", "<s:x>"),
    "millis": _function("millis", "<:n>"),
    "now": _function("now", "<s?s?:s>"),
    "eval": None,
}
"""What every expression sees besides JSONata's own functions; names without the ``$``."""
