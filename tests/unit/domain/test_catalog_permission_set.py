from avm.domain.catalog import Catalog


def test_managed_policies_have_arns_of_the_partition(catalog: Catalog) -> None:
    read_only = catalog.permission_sets["ReadOnlyAccess"]
    assert read_only.managed_policy_arns("aws") == ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
    assert read_only.managed_policy_arns("aws-cn") == ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess",)
