"""For each control one public call of AWS after which it is untrue.

Whoever makes it has the rights; that guardrails keep others from it has its tests in ``tests/policy``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.end_to_end.account_breakers import (
    bound_a_vending_role,
    bring_a_default_vpc_back,
    call_it_otherwise,
    forget_a_contact,
    hush_the_events,
    leave_volumes_in_the_clear,
    let_instances_tell,
    let_passwords_be_short,
    make_a_user,
    make_a_vpc,
    name_it_otherwise,
    open_buckets,
    open_images,
    open_snapshots,
    open_the_bootstrap_role,
    stop_the_recorder,
    widen_a_vending_role,
)
from tests.end_to_end.log_breakers import (
    encrypt_with_another_key,
    leave_log_files_unproven,
    lend_the_key,
    let_logs_be_deleted,
    log_everything,
    log_reads_alone,
    stop_the_trail,
    unlock_what_the_trail_delivers,
)
from tests.end_to_end.organization_breakers import (
    analyze_again,
    analyze_nothing,
    attach_a_strange_guardrail,
    change_a_tag,
    collect_again,
    collect_nothing,
    give_the_ou_its_guardrail_back,
    judge_by_all_packs,
    judge_by_one_pack_less,
    leave_guardduty,
    leave_security_hub,
    move_the_account,
    recover_the_root_password,
    remove_an_assignment,
    switch_a_plan_off,
    take_a_guardrail_from_the_ou,
    tell_nobody_of_costs,
)
from tests.end_to_end.place import Place

BREAKERS: Mapping[str, Callable[[Place], None]] = {
    "access-analyzer": analyze_nothing,
    "access-assignments": remove_an_assignment,
    "account-alias": name_it_otherwise,
    "account-guardrails": attach_a_strange_guardrail,
    "account-name": call_it_otherwise,
    "account-tags": change_a_tag,
    "alternate-contacts": forget_a_contact,
    "bootstrap-restricted": open_the_bootstrap_role,
    "budget": tell_nobody_of_costs,
    "config-aggregation": collect_nothing,
    "config-recorder": stop_the_recorder,
    "conformance-packs": judge_by_one_pack_less,
    "default-vpc-removed": bring_a_default_vpc_back,
    "drift-events": hush_the_events,
    "ebs-encryption": leave_volumes_in_the_clear,
    "guardduty-member": leave_guardduty,
    "guardduty-protection": switch_a_plan_off,
    "image-public-access-block": open_images,
    "instance-metadata-defaults": let_instances_tell,
    "no-iam-users": make_a_user,
    "organization-trail": stop_the_trail,
    "ou-guardrails": take_a_guardrail_from_the_ou,
    "password-policy": let_passwords_be_short,
    "placement": move_the_account,
    "root-credentials": recover_the_root_password,
    "s3-public-access-block": open_buckets,
    "security-hub-member": leave_security_hub,
    "snapshot-public-access-block": open_snapshots,
    "vending-roles": widen_a_vending_role,
    "vpc-flow-logs": make_a_vpc,
}
"""Control -> what makes it untrue. A control without one fails the walk."""


OTHER_WAYS: Sequence[tuple[str, Callable[[Place], None]]] = (
    ("organization-trail", log_reads_alone),
    ("vending-roles", bound_a_vending_role),
)
"""What makes them untrue, too."""


ARCHIVE_BREAKERS: Sequence[Callable[[Place], None]] = (
    unlock_what_the_trail_delivers,
    let_logs_be_deleted,
    lend_the_key,
)
"""What makes log-archive-stores untrue; ``Place``: the log archive."""


TRAIL_BREAKERS: Sequence[Callable[[Place], None]] = (
    stop_the_trail,
    leave_log_files_unproven,
    log_reads_alone,
    encrypt_with_another_key,
)
"""What the foundation finds and mends of its trail."""


MENDED_BY_FOUNDATION: Mapping[str, Callable[[Place], None]] = {
    "access-analyzer": analyze_again,
    "config-aggregation": collect_again,
    "conformance-packs": judge_by_all_packs,
    "organization-trail": log_everything,
    "ou-guardrails": give_the_ou_its_guardrail_back,
}
"""Controls that a repair only tells of, and what the foundation would do."""
