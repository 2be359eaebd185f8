"""What the roles that controls work in may do: the union of what the controls declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from avm.controls.control import Control, Grant, Plane
from avm.domain.trust import Document


def observe_policy(controls: Iterable[Control], plane: Plane, *, partition: str, account_id: str) -> Document:
    """Return the policy of the role in which controls of ``plane`` look; ``account_id``: whose role it is."""
    return _policy(_of_plane(plane, ((control, control.observe_grants) for control in controls)), partition, account_id)


def enforce_policy(
    controls: Iterable[Control], plane: Plane, more: Iterable[Grant] = (), /, *, partition: str, account_id: str
) -> Document:
    """Return the policy of the role in which controls of ``plane`` make things true, with the looks of that.

    ``more``: what else the role may do.
    """
    grants = ((control, (*_looks_of_a_change(control), *control.enforce_grants)) for control in controls)
    return _policy((*_of_plane(plane, grants), *more), partition, account_id)


def _looks_of_a_change(control: Control) -> Iterator[Grant]:
    return (grant for grant in control.observe_grants if not grant.observing_only)


def _of_plane(plane: Plane, grants: Iterable[tuple[Control, Iterable[Grant]]]) -> Iterable[Grant]:
    """Return the grants that the role of a plane needs: those of its controls, and what others need there."""
    return (grant for control, each in grants for grant in each if (grant.plane or control.plane) == plane)


def _policy(grants: Iterable[Grant], partition: str, account_id: str) -> Document:
    """Return one statement for each set of resources; a role serves all Regions, so ``{region}`` is any."""
    actions: dict[tuple[str, ...], set[str]] = {}
    for grant in grants:
        resources = tuple(
            sorted(resource.format(partition=partition, account=account_id, region="*") for resource in grant.resources)
        )
        actions.setdefault(resources, set()).update(grant.actions)
    statements = [
        {"Effect": "Allow", "Action": sorted(named), "Resource": list(resources)}
        for resources, named in sorted(actions.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}
