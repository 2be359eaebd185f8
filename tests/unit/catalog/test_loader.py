"""How the loader finds and reports problems, beyond the table of planted faults."""

import pytest

from avm.catalog import CatalogInvalid, load_built_catalog, load_catalog
from tests.unit.catalog.catalog_copy import CatalogCopy

ORGANIZATION = "organization.yaml"
SANDBOX = "account_types/sandbox.yaml"
DEVELOPER = "permission_sets/DeveloperAccess.yaml"
LEAVE = "scps/avm-deny-leave.yaml"


def test_all_faults_of_all_files_come_out_at_once(copy: CatalogCopy) -> None:
    copy.replace(ORGANIZATION, "^CC-[0-9]{4,8}$", "^CC-[0-9")
    copy.replace(ORGANIZATION, "  Suspended:\n", "  Suspended:\n    parent: Attic\n")
    copy.replace(SANDBOX, "approval: false", "approval: false\naproval: true")
    copy.replace(SANDBOX, "ou: Sandbox", "ou: Sandbocks")
    copy.replace(LEAVE, "Effect: Deny", "Effect: deny")
    copy.replace(DEVELOPER, "name:", "nom:")
    assert [(problem.file, problem.field) for problem in copy.problems()] == [
        (SANDBOX, "ou"),
        (SANDBOX, "aproval"),
        (ORGANIZATION, "cost_center_pattern"),
        (ORGANIZATION, "ous.Suspended.parent"),
        (DEVELOPER, "name"),
        (DEVELOPER, "nom"),
        (LEAVE, "policy.Statement[0].Effect"),
    ]


def test_a_circle_of_ous_is_named_at_each_of_them(copy: CatalogCopy) -> None:
    copy.replace(ORGANIZATION, "  Suspended:\n", "  A: {parent: B}\n  B: {parent: A}\n  C: {parent: A}\n  Suspended:\n")
    assert [problem.field for problem in copy.problems()] == ["ous.A.parent", "ous.B.parent"]


def test_an_ou_with_too_many_scps_is_a_problem(copy: CatalogCopy) -> None:
    copy.replace(ORGANIZATION, "scps_per_target: 10", "scps_per_target: 7")
    problems = copy.problems()
    assert [problem.field for problem in problems] == ["ous.Sandbox.scps", "ous.Dev.scps", "ous.Test.scps"]
    assert problems[0].line == copy.line(ORGANIZATION, "  Sandbox:") + 1
    assert problems[0].reason == "has 6 SCPs, 5 fit"
    assert "of 7 slots FullAWSAccess takes one, 1 must stay free" in problems[0].hint


def test_an_account_type_with_too_many_scps_is_a_problem(copy: CatalogCopy) -> None:
    """The slots of an account: FullAWSAccess, the quarantine, one free; seven are left."""
    names = [f"avm-deny-{n}" for n in range(8)]
    for name in names:
        text = (copy.directory / LEAVE).read_text().replace("name: avm-deny-leave", f"name: {name}")
        (copy.directory / f"scps/{name}.yaml").write_text(text)
    copy.replace(SANDBOX, "approval: false", f"approval: false\nscps: [{', '.join(names)}]")
    (problem,) = copy.problems()
    assert (problem.file, problem.line, problem.field) == (SANDBOX, copy.line(SANDBOX, "scps: ["), "scps")
    assert problem.reason == "has 8 SCPs, 7 fit"


def test_a_misspelt_name_is_answered_with_the_near_one(copy: CatalogCopy) -> None:
    copy.replace(SANDBOX, "ou: Sandbox", "ou: Sandbocks")
    assert copy.problems()[0].hint == "did you mean 'Sandbox'?"


def test_a_name_like_no_other_is_answered_with_all(copy: CatalogCopy) -> None:
    copy.replace(SANDBOX, "permission_set: BillingAccess", "permission_set: Zzz")
    assert "AdministratorAccess, BillingAccess, BreakGlass" in copy.problems()[0].hint


def test_a_file_that_cannot_be_read_spoils_no_other(copy: CatalogCopy) -> None:
    (copy.directory / LEAVE).write_text("name: [")
    assert [problem.file for problem in copy.problems()] == [LEAVE]


@pytest.mark.parametrize("content", [b"", b"# nothing but a comment\n", b"null\n"])
def test_an_empty_file_is_a_problem(copy: CatalogCopy, content: bytes) -> None:
    (copy.directory / SANDBOX).write_bytes(content)
    (problem,) = copy.problems()
    assert (problem.file, problem.line, problem.reason) == (SANDBOX, 1, "is empty")


def test_a_file_that_is_not_utf_8_is_a_problem_on_its_line(copy: CatalogCopy) -> None:
    path = copy.directory / SANDBOX
    path.write_bytes(path.read_bytes().replace(b"Sandbox", b"S\xe4ndbox"))
    (problem,) = copy.problems()
    assert (problem.file, problem.line, problem.reason) == (SANDBOX, 4, "is not UTF-8 text")


def test_two_documents_in_a_file_are_a_problem(copy: CatalogCopy) -> None:
    path = copy.directory / SANDBOX
    path.write_text(path.read_text() + "---\nname: second\n")
    (problem,) = copy.problems()
    assert (problem.file, problem.reason.partition(":")[0]) == (SANDBOX, "is not YAML")


@pytest.mark.parametrize("data", ["just a text", "[a, list]", "7"])
def test_a_file_that_holds_no_fields_is_a_problem(copy: CatalogCopy, data: str) -> None:
    for file in (ORGANIZATION, SANDBOX):
        (copy.directory / file).write_text(data)
    assert [(problem.file, problem.line) for problem in copy.problems()] == [(SANDBOX, 1), (ORGANIZATION, 1)]


@pytest.mark.parametrize("name", ["sandbox2.yml", "notes.txt", "folder.yaml"])
def test_a_file_that_would_be_ignored_is_a_problem(copy: CatalogCopy, name: str) -> None:
    path = copy.directory / "account_types" / name
    path.mkdir() if name == "folder.yaml" else path.touch()
    (problem,) = copy.problems()
    assert (problem.file, problem.reason) == (f"account_types/{name}", "is not read")


def test_hidden_files_are_left_alone(copy: CatalogCopy) -> None:
    (copy.directory / "scps" / ".DS_Store").touch()
    load_catalog(copy.directory)


def test_an_empty_folder_is_a_problem(copy: CatalogCopy) -> None:
    for path in (copy.directory / "account_types").iterdir():
        path.unlink()
    (problem,) = copy.problems()
    assert (problem.file, problem.reason) == ("account_types", "holds no file")


def test_a_catalog_without_organization_says_where_it_looked(copy: CatalogCopy) -> None:
    (copy.directory / ORGANIZATION).unlink()
    (problem,) = copy.problems()
    assert (problem.file, problem.reason) == (ORGANIZATION, "cannot be read: No such file or directory")
    assert str(copy.directory) in problem.hint


def test_a_catalog_without_quarantine_is_refused(copy: CatalogCopy) -> None:
    (copy.directory / "scps/avm-quarantine.yaml").unlink()
    copy.replace(ORGANIZATION, "[avm-quarantine, avm-protect-baseline, ", "[avm-protect-baseline, ")
    (problem,) = copy.problems()
    assert (problem.file, problem.reason) == ("scps/avm-quarantine.yaml", "is missing")


@pytest.mark.parametrize(
    ("deep", "line"),
    [
        ("[" * 100_000, 5),
        ("[" * 40 + "]" * 40, 5),
        ("- " * 40 + "x", 5),
        ("".join("\n" + " " * level + "x:" for level in range(1, 40)), 37),
    ],
)
def test_a_file_that_is_nested_too_deeply_is_a_problem(copy: CatalogCopy, deep: str, line: int) -> None:
    copy.replace(SANDBOX, "approval: false", f"regions:\n  {deep}" if deep.startswith("- ") else f"regions: {deep}")
    (problem,) = copy.problems()
    expected = line + deep.startswith("- ")
    assert (problem.file, problem.line, problem.reason) == (SANDBOX, expected, "is nested more than 32 levels deep")


def test_the_size_of_an_scp_is_that_of_the_text_that_aws_gets(copy: CatalogCopy) -> None:
    """Of one that is not ASCII: each escape has six characters, whoever counts, and however."""
    copy.replace(LEAVE, 'Resource: "*"', f'Resource: "arn:*:s3:::{"é" * 1_900}"')
    (problem,) = copy.problems()
    assert problem.file == LEAVE
    assert int(problem.reason.split()[1]) > 6 * 1_900
    assert problem.reason.endswith("characters without white space, 10240 fit")
    copy.replace(LEAVE, "é" * 1_900, "é" * 1_600)
    scp = load_catalog(copy.directory).scps["avm-deny-leave"]
    assert len(scp.content) == len(scp.content.encode()) > 6 * 1_600


def test_what_the_build_has_checked_is_the_same_catalog_without_a_second_check(copy: CatalogCopy) -> None:
    assert load_built_catalog(copy.directory) == load_catalog(copy.directory)
    copy.replace(ORGANIZATION, "  Suspended:\n", "  Suspended:\n    parent: Attic\n")
    assert [problem.field for problem in copy.problems()] == ["ous.Suspended.parent"]
    load_built_catalog(copy.directory)


def test_a_file_that_is_no_model_is_refused_after_the_build_too(copy: CatalogCopy) -> None:
    copy.replace(SANDBOX, "approval: false", "approval: perhaps")
    with pytest.raises(CatalogInvalid) as caught:
        load_built_catalog(copy.directory)
    assert [problem.field for problem in caught.value.problems] == ["approval"]
