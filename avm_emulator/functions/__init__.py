"""Lambda: functions run in real processes of the managed runtime; asynchronous invocations and SQS event sources.

``install(emulator)`` puts it onto moto. Code comes from zips or, quicker, from ``artefacts.link(directory)``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from avm_emulator.errors import EmulatorError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

RUNTIME_PYTHON = Path(__file__).resolve().parents[2] / ".venv-runtime" / "bin" / "python"
"""Interpreter of the virtual environment that holds what the managed runtime holds (requirements/runtime.txt)."""


def install(emulator: Emulator) -> None:
    """Run the functions of moto's Lambda; ``emulator.functions`` is the service.

    Raises:
        EmulatorError: the runtime's virtual environment is missing.
    """
    # moto takes a second to import, and its parts must be imported in the engine's order.
    from moto.awslambda.models import LambdaBackend, LambdaFunction  # noqa: PLC0415
    from moto.sqs.models import Queue, SQSBackend  # noqa: PLC0415

    from avm_emulator.functions import moto_seam, sqs_seam, sqs_sending  # noqa: PLC0415
    from avm_emulator.functions.asynchronous import AsynchronousInvocations  # noqa: PLC0415
    from avm_emulator.functions.service import Functions  # noqa: PLC0415
    from avm_emulator.functions.sessions import ChainedSessions  # noqa: PLC0415

    if not RUNTIME_PYTHON.exists():
        message = f"No Lambda runtime at {RUNTIME_PYTHON.parents[1]}: run `make setup`"
        raise EmulatorError(message)
    emulator.functions = functions = Functions(emulator, RUNTIME_PYTHON)
    restore_on_stop(emulator, LambdaBackend, LambdaFunction, Queue, SQSBackend)
    moto_seam.install(functions, AsynchronousInvocations(functions))
    sqs_seam.install(functions)
    emulator.boundary.interceptors.append(sqs_sending.refuse_texts)
    emulator.boundary.wrappers.append(sqs_sending.note_sender)
    emulator.boundary.wrappers.append(ChainedSessions(emulator).note)
    # before moto's own functions are back: it would run in Docker what is under way
    emulator.on_stop.append(functions.pool.close)
