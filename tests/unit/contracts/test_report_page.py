"""The page of a report shows what the report says, loads nothing and runs nothing."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from pydantic import ValidationError

from avm.contracts.report import Report, ReportRow
from avm.contracts.report_page import page_of
from avm.contracts.signed_report import ALGORITHM, Signature, digest_of
from avm.domain.finding import Verdict

VERDICTS: tuple[Verdict, ...] = ("compliant", "violated", "pending", "unknown", "deferred", "suppressed")
HOSTILE = "</pre><script>alert('x')</script><img src=https://example.com/x onerror=alert(1)> $key_id ${digest} &amp;"


def row(control: str, status: Verdict, **evidence: object) -> ReportRow:
    return ReportRow(
        control=control, scope="eu-west-1", status=status, evidence=evidence, observed_at="2026-11-26T10:00:00Z"
    )


def report_of(*rows: ReportRow, ready: bool = False) -> str:
    return Report(
        account_id="111122223333",
        request_id="R1",
        catalog_version="0123456789ab",
        time="2026-11-26T10:00:00Z",
        observation_id="vend-R1-1",
        ready=ready,
        controls=rows,
    ).model_dump_json()


def signature_of(report: str) -> Signature:
    key_id = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return Signature(key_id=key_id, algorithm=ALGORITHM, digest=digest_of(report), signature="MEQ=")


class Read(HTMLParser):
    """A page as a browser takes it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.evidence: list[str] = []
        self.open_tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open_tags.append(tag)
        if tag == "td":
            self.cells.append("")
        if tag == "pre":
            self.evidence.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag, "every element ends where it has to"

    def handle_data(self, data: str) -> None:
        if "pre" in self.open_tags:
            self.evidence[-1] += data
        elif "td" in self.open_tags:
            self.cells[-1] += data


def test_every_row_is_there_with_its_status_and_all_of_its_evidence() -> None:
    rows = [row(f"control-{verdict}", verdict, GetThing={"a": [1, None]}) for verdict in VERDICTS]
    text = report_of(*rows)
    page = Read(page_of(text, signature_of(text)))
    assert page.open_tags == []
    lines = [page.cells[at : at + 4] for at in range(0, len(page.cells), 5)]
    assert lines == [[each.control, each.scope, each.status, each.observed_at] for each in rows]
    assert [json.loads(shown) for shown in page.evidence] == [each.evidence for each in rows]
    assert page.attributes.count(("open", None)) == 2, "what somebody must do something about is open"


@pytest.mark.parametrize(("ready", "said"), [(True, ">ready<"), (False, ">not ready<")])
def test_it_says_whose_it_is_whether_he_is_ready_and_which_json_is_signed(said: str, *, ready: bool) -> None:
    text = report_of(row("placement", "compliant", ListParents="r-1"), ready=ready)
    signature = signature_of(text)
    page = page_of(text, signature)
    for fact in ("111122223333", "R1", "vend-R1-1", "0123456789ab", signature.digest, signature.key_id, said):
        assert fact in page
    assert page == page_of(text, signature.model_copy(update={"signature": "MEU="})), "signed again it is the same page"


def test_it_loads_nothing_and_runs_nothing_whatever_the_evidence_says() -> None:
    text = report_of(row(HOSTILE, "violated", **{HOSTILE: HOSTILE}), row("unseen", "unknown", code=HOSTILE))
    page = Read(page_of(text, signature_of(text)))
    assert not {"script", "img", "link", "iframe", "object", "a", "form"} & set(page.tags)
    assert not {name for name, _ in page.attributes} & {"src", "href", "srcset", "action", "style", "onerror"}
    assert page.cells[0] == HOSTILE
    assert json.loads(page.evidence[0]) == {HOSTILE: HOSTILE}
    (policy,) = (value for name, value in page.attributes if name == "content" and "default-src" in str(value))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "url(" not in page_of(text, signature_of(text))
    assert "@import" not in page_of(text, signature_of(text))


def test_what_is_no_report_has_no_page() -> None:
    with pytest.raises(ValidationError):
        page_of("{}", signature_of("{}"))
