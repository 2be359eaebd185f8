"""API Gateway's front: serves the REST APIs that are deployed in the emulator (moto stores them only)."""

from avm_emulator.context import Emulator
from avm_emulator.front import rest_apis
from avm_emulator.front.application import PREFIX, ExecuteApi

__all__ = ["PREFIX", "ExecuteApi", "install"]


def install(emulator: Emulator) -> None:
    """Make moto's API Gateway remember what it deploys, and serve it at ``PREFIX``."""
    rest_apis.install()
    emulator.mounts[PREFIX] = ExecuteApi(emulator)
