"""What moto keeps for the life of its process, forgotten between two emulators."""

from __future__ import annotations

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.model_instances import reset_model_data


def forget() -> None:
    """Forget all resources of all accounts, and close their files.

    moto makes every backend anew, of each account and Region, default VPC and all, before it drops it.
    """
    make_anew = BaseBackend.reset
    BaseBackend.reset = _leave
    try:
        BackendDict.reset()
    finally:
        BaseBackend.reset = make_anew
    reset_model_data()


def _leave(_: BaseBackend) -> None:
    """Stand in for the base class; what a service adds (S3 closes files, Batch ends jobs) happens."""
