"""``avm bulk``: how rows are read, what is refused before anything is sent, and what is told of each row."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from avm_cli.bulk_file import read_rows, request_id_of
from avm_cli.bulk_run import Item
from avm_cli.bulk_view import LiveTable, watcher_on
from avm_cli.errors import BadInput
from tests.cli.fakes import Avm, FakeApi, FakeClock, RequestBuilder

HEADER = "name,type,owner,cost_center,purpose"
FIELDS = "sandbox,jane.doe@example.com,CC-1042,Trying"
FOUND = {
    "request_id": "x",
    "status": None,
    "name": "x",
    "type": "sandbox",
    "ou": "Sandbox",
    "email": "aws+x@example.com",
    "regions": ["eu-west-1"],
    "approval": False,
}
CONFLICT = (409, {"code": "NameTaken", "status": 409, "detail": "the account name is taken", "hint": "another name"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where results may be written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_file(folder: Path, *names: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join([HEADER, *(f"{name},{FIELDS}" for name in names)]))
    return path


def sent(api: FakeApi) -> list[str]:
    return [f"{call.method} {call.path}" for call in api.calls]


def results(file: Path) -> Iterator[tuple[str, str, str]]:
    with file.open(newline="") as opened:
        for row in csv.DictReader(opened):
            yield row["name"], row["status"], row["account_id"]


def test_a_csv_has_columns_of_nested_fields_and_leaves_out_empty_cells(folder: Path) -> None:
    path = folder / "a.csv"
    access = "group:web team:DeveloperAccess; user:j@example.com:ReadOnlyAccess"
    path.write_text(
        f"name,regions,access,budget.monthly_usd,contacts.security.phone,tags.team,email\n"
        f"one,eu-west-1;eu-central-1,{access},12.5,+4930,0012,\n\n"
    )
    (row,) = read_rows(path)
    assert row.place == "a.csv:2"
    assert row.body == {
        "name": "one",
        "regions": ["eu-west-1", "eu-central-1"],
        "access": [
            {"group": "web team", "permission_set": "DeveloperAccess"},
            {"user": "j@example.com", "permission_set": "ReadOnlyAccess"},
        ],
        "budget": {"monthly_usd": 12.5},
        "contacts": {"security": {"phone": "+4930"}},
        "tags": {"team": "0012"},
    }


def test_rows_of_a_folder_and_of_a_list_are_requests_with_their_place(folder: Path) -> None:
    (folder / "in" / "deep").mkdir(parents=True)
    (folder / "in" / "deep" / "b.json").write_text('{"name": "b"}')
    (folder / "in" / "a.yaml").write_text("name: a\nrequest_id: R1\ncost_center: 0012\n")
    (folder / "in" / "readme.md").write_text("no request")
    (folder / "in" / "wrong.yml").write_text("name: [")
    first, second, third = read_rows(folder / "in")
    assert (first.name, first.request_id, first.body["cost_center"]) == ("a", "R1", "0012")
    assert (second.name, second.request_id) == ("b", request_id_of({"name": "b"}))
    assert [row.place for row in (first, second, third)] == ["a.yaml", "deep/b.json", "wrong.yml"]
    assert "wrong.yml" in third.problems[0]["reason"]
    (folder / "list.yaml").write_text("- {name: x, budget: {monthly_usd: 5}}\n- just text\n")
    listed = read_rows(folder / "list.yaml")
    assert [row.place for row in listed] == ["list.yaml[1]", "list.yaml[2]"]
    assert listed[0].body["budget"] == {"monthly_usd": 5}
    assert listed[1].problems


def test_the_id_of_a_row_is_that_of_its_content_whatever_the_order() -> None:
    body = {"name": "a", "type": "sandbox"}
    assert request_id_of(body) == request_id_of(dict(reversed(body.items())))
    assert request_id_of(body) != request_id_of({**body, "type": "test"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,name\na,b\n", ":1: each column"),
        ("budget,budget.monthly_usd\na,b\n", "'budget' cannot have a column"),
        ('name\n"a', ":2: "),
        ("name\n", "holds no account request"),
        ("", "holds no account request"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_its_line(folder: Path, text: str, message: str) -> None:
    path = folder / "a.csv"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_rows(path)
    assert message in str(caught.value)


def test_all_problems_of_all_rows_are_one_table_and_nothing_is_sent(avm: Avm, api: FakeApi, folder: Path) -> None:
    (folder / ("deep" * 40)).mkdir()  # however long the path is, a row is found by its line
    path = folder / ("deep" * 40) / "rows.csv"
    path.write_text(f"{HEADER},access\none,{FIELDS},\none,{FIELDS},nobody\ntwo,{FIELDS},,too many\nthree,{FIELDS},\n")
    problem = {"field": "type", "reason": "there is no account type", "hint": "one of: …"}
    invalid = (400, {"code": "InvalidRequest", "status": 400, "errors": [problem]})
    api.script((200, FOUND), (200, FOUND), invalid, CONFLICT)
    result = avm("bulk", str(path))
    assert result.exit_code == 2
    for text in (
        "rows.csv:3",
        "asked for by",
        "names nobody",
        "has 7 cells",
        "no account type",
        "name is taken",
        "3 of 4",
        "nothing was",
    ):
        assert text in result.stderr, text
    assert sent(api) == ["POST /v1/requests/preflight"] * 4
    assert not list(folder.glob("*.result.csv"))


def test_an_empty_request_is_asked_about_and_what_could_not_be_read_is_not(
    avm: Avm, api: FakeApi, folder: Path
) -> None:
    (folder / "list.yaml").write_text("- {}\n- text\n")
    api.script((400, {"code": "InvalidRequest", "status": 400, "detail": "name: is required", "hint": "…"}))
    result = avm("bulk", str(folder / "list.yaml"), "--partial")
    assert result.exit_code == 2
    assert "2 of 2; nothing was sent" in result.stderr
    assert sent(api) == ["POST /v1/requests/preflight"]


def test_partial_sends_what_is_sound_and_the_result_names_every_row(
    avm: Avm, api: FakeApi, clock: FakeClock, folder: Path, request_object: RequestBuilder
) -> None:
    api.script(
        (200, FOUND),
        CONFLICT,
        (200, {**FOUND, "status": "READY"}),
        (202, request_object("IN_PROGRESS", name="one")),
        (200, request_object(name="three")),
        (200, request_object("IN_PROGRESS", name="one")),
        (200, request_object(name="one")),
    )
    result = avm("bulk", str(rows_file(folder, "one", "two", "three")), "--partial", "--json")
    assert result.exit_code == 2, "a row was refused"
    first = request_id_of({"name": "one", **dict(zip(HEADER.split(",")[1:], FIELDS.split(","), strict=True))})
    assert sent(api)[3:5] == ["POST /v1/requests"] * 2
    assert api.calls[3].headers["idempotency-key"] == first
    assert sent(api)[5:] == [f"GET /v1/requests/{first}"] * 2
    assert clock.sleeps == [5.0, 5.0]
    assert list(results(folder / "rows.csv.result.csv")) == [
        ("one", "READY", "210987654321"),
        ("two", "REFUSED", ""),
        ("three", "READY", "210987654321"),
    ]
    items = json.loads(result.stdout)["items"]
    assert [item["status"] for item in items] == ["READY", "REFUSED", "READY"]
    assert "READY 2, REFUSED 1" in result.stderr


def test_a_plan_shows_what_would_be_asked_for_and_sends_nothing(avm: Avm, api: FakeApi, folder: Path) -> None:
    api.script((200, {**FOUND, "approval": True}), (200, {**FOUND, "status": "READY"}))
    result = avm("bulk", "--plan", str(rows_file(folder, "one", "two")))
    assert result.exit_code == 0
    for text in ("Sandbox", "needed", "new", "READY", "aws+x@example.com"):
        assert text in result.stdout
    assert sent(api) == ["POST /v1/requests/preflight"] * 2
    assert not list(folder.glob("*.result.csv"))


@pytest.mark.parametrize(
    ("ends", "code"), [(("READY", "PARKED"), 1), (("READY", "REJECTED"), 3), (("READY", "READY"), 0)]
)
def test_the_exit_code_is_that_of_the_worst_row(
    avm: Avm, api: FakeApi, folder: Path, request_object: RequestBuilder, *, ends: tuple[str, str], code: int
) -> None:
    api.script((200, FOUND), (200, FOUND), *((202, request_object(end)) for end in ends))
    assert avm("bulk", str(rows_file(folder, "one", "two"))).exit_code == code


def test_what_is_open_at_the_time_out_goes_on(
    avm: Avm, api: FakeApi, folder: Path, request_object: RequestBuilder
) -> None:
    api.script((200, FOUND), (202, request_object("QUEUED", steps=[], queue_position=3)))
    result = avm("bulk", str(rows_file(folder, "one")), "--timeout", "12", "--result", "out.csv")
    assert result.exit_code == 4
    assert "position 3 in the queue" in result.stderr
    assert list(results(folder / "out.csv")) == [("one", "QUEUED", "")]
    api.calls.clear()
    api.answers.clear()
    api.script((200, FOUND), (202, request_object("QUEUED")))
    assert avm("bulk", str(rows_file(folder, "one")), "--no-wait").exit_code == 0
    assert sent(api) == ["POST /v1/requests/preflight", "POST /v1/requests"]


def test_who_stops_the_command_is_told_how_to_go_on_and_has_the_result(
    avm: Avm, api: FakeApi, clock: FakeClock, folder: Path, request_object: RequestBuilder
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.on_sleep = interrupt
    api.script((200, FOUND), (202, request_object("IN_PROGRESS")))
    result = avm("bulk", str(rows_file(folder, "one")))
    assert result.exit_code == 130
    assert "the same command again" in result.stderr
    assert list(results(folder / "rows.csv.result.csv")) == [("one", "IN_PROGRESS", "")]


def test_an_answer_that_is_about_no_row_ends_the_command(avm: Avm, api: FakeApi, folder: Path) -> None:
    api.script((403, {"message": "User is not authorized"}))
    result = avm("bulk", str(rows_file(folder, "one", "two")))
    assert result.exit_code == 1
    assert len(api.calls) == 1


def test_a_terminal_has_one_table_of_all_rows(request_object: RequestBuilder, folder: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, markup=False)
    items = [Item(row) for row in read_rows(rows_file(folder, "one", "two"))]
    watcher: Any = watcher_on(console, items)
    assert isinstance(watcher, LiveTable)
    with watcher:
        items[0].request = request_object("IN_PROGRESS")
        watcher.update(items[0])
        items[0].request = request_object()
        watcher.update(items[0])
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(text in shown for text in ("one", "two", "CreateAccount", "210987654321", "NEW 1, READY 1"))
