"""EC2's settings for an account in a Region that moto does not have, and what they do.

Instance metadata defaults, and the blocks of public access to snapshots and images.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop
from avm_emulator.operations import Operations

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

UNBLOCKED = "unblocked"
NEW_IMAGES = "block-new-sharing"
NO_PREFERENCE = "no-preference"
_OWN = {"ManagedBy": "account"}
_METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags", "HttpTokensEnforced")

_run_instances = EC2Backend.run_instances


@dataclass
class Settings:
    """Of one account in one Region."""

    metadata: dict[str, Any] = field(default_factory=dict)
    snapshots: str = UNBLOCKED
    images: str = NEW_IMAGES
    images_before: str = NEW_IMAGES
    images_since: float = 0.0
    """When EC2 shows ``images``, in AWS epoch seconds; until then it shows what was before."""

    def images_at(self, time: float) -> str:
        """Return what EC2 shows of images."""
        return self.images if time >= self.images_since else self.images_before


class Ec2Defaults:
    """The settings of all accounts."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with what AWS gives an account that shares nothing."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self._settings: dict[tuple[str, str], Settings] = {}

    def settle(self, call: Call) -> None:
        """Do nothing: what is shown is worked out when somebody looks."""

    def of(self, account: str, region: str) -> Settings:
        """Return the settings of an account in a Region."""
        return self._settings.setdefault((account, region), Settings())

    def set_images(self, call: Call, state: str) -> None:
        """Change the block of images; EC2 shows it later."""
        settings = self.of(call.account, call.region)
        settings.images_before, settings.images = settings.images_at(call.time), state
        wait = self.emulator.latencies.of("ec2:EnableImageBlockPublicAccess", call.account, call.region)
        settings.images_since = call.time + wait

    def refuse_sharing(self, call: Call) -> Response | None:
        """Refuse what the blocks forbid: to give everybody a snapshot or an image (an interceptor)."""
        if call.service != "ec2" or call.operation not in ("ModifyImageAttribute", "ModifySnapshotAttribute"):
            return None
        image = call.operation == "ModifyImageAttribute"
        permission = call.parameters.get("LaunchPermission" if image else "CreateVolumePermission", {})
        added = [*permission.get("Add", ()), *({"Group": name} for name in _added_groups(call.parameters))]
        settings = self.of(call.account, call.region)
        blocked = settings.images_at(call.time) if image else settings.snapshots
        if blocked != UNBLOCKED and any(each.get("Group") == "all" for each in added):
            what = "image" if image else "snapshot"
            message = f"You can't publicly share this {what} because block public access for {what}s is enabled."
            raise AwsError("OperationNotPermitted", message)
        return None


def _added_groups(parameters: dict[str, Any]) -> list[str]:
    """Return the groups in the older form of the parameters."""
    names = parameters.get("GroupNames") or parameters.get("UserGroups") or []
    return list(names) if parameters.get("OperationType") == "add" else []


def get_instance_metadata_defaults(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Return what new instances get; nothing of what nobody has said."""
    return {"AccountLevel": {**defaults.of(call.account, call.region).metadata, **_OWN}}


def modify_instance_metadata_defaults(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Set what is named; ``no-preference``, and -1 for the hop limit, take a setting back (botocore)."""
    metadata = defaults.of(call.account, call.region).metadata
    for name in _METADATA:
        if name in call.parameters:
            metadata[name] = call.parameters[name]
            if metadata[name] in (NO_PREFERENCE, -1):
                del metadata[name]
    return {"Return": True}


def get_snapshot_block_public_access_state(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Return how public access to snapshots is blocked."""
    return {"State": defaults.of(call.account, call.region).snapshots, **_OWN}


def enable_snapshot_block_public_access(defaults: Ec2Defaults, call: Call, *, state: str, **_: Any) -> dict[str, Any]:
    """Block it at once."""
    if state not in ("block-all-sharing", "block-new-sharing"):
        raise AwsError("InvalidParameterValue", f"Value ({state}) for parameter State is invalid.")
    defaults.of(call.account, call.region).snapshots = state
    return {"State": state}


def disable_snapshot_block_public_access(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Block nothing any more."""
    defaults.of(call.account, call.region).snapshots = UNBLOCKED
    return {"State": UNBLOCKED}


def get_image_block_public_access_state(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Return whether public sharing of images is blocked."""
    state = defaults.of(call.account, call.region).images_at(call.time)
    return {"ImageBlockPublicAccessState": state, **_OWN}


def enable_image_block_public_access(
    defaults: Ec2Defaults, call: Call, *, image_block_public_access_state: str, **_: Any
) -> dict[str, Any]:
    """Block it after some minutes."""
    defaults.set_images(call, image_block_public_access_state)
    return {"ImageBlockPublicAccessState": image_block_public_access_state}


def disable_image_block_public_access(defaults: Ec2Defaults, call: Call, **_: Any) -> dict[str, Any]:
    """Block nothing any more, after some minutes."""
    defaults.set_images(call, UNBLOCKED)
    return {"ImageBlockPublicAccessState": UNBLOCKED}


FUNCTIONS = (
    get_instance_metadata_defaults,
    modify_instance_metadata_defaults,
    get_snapshot_block_public_access_state,
    enable_snapshot_block_public_access,
    disable_snapshot_block_public_access,
    get_image_block_public_access_state,
    enable_image_block_public_access,
    disable_image_block_public_access,
)


def install(emulator: Emulator) -> None:
    """Serve the settings, and let them have effect, until ``emulator`` stops."""
    restore_on_stop(emulator, EC2Backend)
    defaults = Ec2Defaults(emulator)

    def run_instances(ec2: EC2Backend, *args: Any, **kwargs: Any) -> Any:
        """Run instances; metadata options that their maker leaves out are the account's."""
        with defaults.lock:
            said = defaults.of(ec2.account_id, ec2.region_name).metadata
            kwargs["metadata_options"] = {**said, **(kwargs.get("metadata_options") or {})}
        return _run_instances(ec2, *args, **kwargs)

    EC2Backend.run_instances = run_instances
    emulator.boundary.interceptors.append(Operations("ec2", defaults, FUNCTIONS).answer)
    emulator.boundary.interceptors.append(defaults.refuse_sharing)
