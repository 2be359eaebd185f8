"""A report is signed, kept, and put into the log archive, in this order."""

from __future__ import annotations

from avm.contracts.report import Report
from avm.contracts.report_page import page_of
from avm.contracts.signed_report import SignedReport
from avm.domain.foundation import Foundation
from avm.steps.gateways import Gateways


def keep(report: Report, gateways: Gateways) -> SignedReport:
    """Sign a report and keep it, also as the latest on its account.

    A step that is run again has looked again: what it keeps is another report, with a signature of its own.
    """
    text = report.model_dump_json()
    signed = SignedReport(
        account_id=report.account_id,
        observation_id=report.observation_id,
        report=text,
        signature=gateways.report_key.sign(text),
        public_key=gateways.report_key.public_key,
    )
    gateways.reports.put(signed)
    return signed


def archive(signed: SignedReport, foundation: Foundation | None, gateways: Gateways) -> None:
    """Put a report into the log archive, where there is one; raises ReportNotArchived.

    Until there is one, the reports on the first accounts are kept by the machine alone; what is found of them
    afterwards is archived.
    """
    if foundation is None or foundation.log_archive_account_id is None:
        return
    page = page_of(signed.report, signed.signature)
    gateways.report_archive(foundation.reports_bucket, foundation.log_archive_account_id).put(signed, page)
