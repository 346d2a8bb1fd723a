"""Puts an evaluation into words and lays it out: page, mail, text, Markdown, JSON, CSV, XLSX, iCalendar. Pure.

`content` makes every sentence and number once; the formats only arrange them.
"""

from syncer.report.render.agenda import as_ics, as_todos
from syncer.report.render.chat import chat
from syncer.report.render.content import ReportContent, content
from syncer.report.render.graphs import Graph, GraphId
from syncer.report.render.language import LANGUAGES, Language, language
from syncer.report.render.machine import as_csv, as_json, json_file, report_object
from syncer.report.render.mail import Attachment, Envelope, address, mail_html, message
from syncer.report.render.markdown import markdown
from syncer.report.render.page import page
from syncer.report.render.plain import plain
from syncer.report.render.posted import posted
from syncer.report.render.schema import schema, schema_text
from syncer.report.render.workbook import as_xlsx

__all__ = [
    "LANGUAGES",
    "Attachment",
    "Envelope",
    "Graph",
    "GraphId",
    "Language",
    "ReportContent",
    "address",
    "as_csv",
    "as_ics",
    "as_json",
    "as_todos",
    "as_xlsx",
    "chat",
    "content",
    "json_file",
    "language",
    "mail_html",
    "markdown",
    "message",
    "page",
    "plain",
    "posted",
    "report_object",
    "schema",
    "schema_text",
]
