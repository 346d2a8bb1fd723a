"""The story: a payments project of two teams and a client, as it stands on a Friday in November. All of it is invented.

The ledger team in Hangzhou works in Jira, the checkout team in Berlin on GitHub; the project manager reads both. Half
of the tasks were made on each side. Pure data: `syncer.demo.seed` puts it into the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from syncer.demo.writing import Bullets, Checks, Code, Columns, Decisions, Picture, StoryTable, Text

PROJECT = "PAY"
ORGANISATION = "acme"
REPOSITORY = "acme/pay"
PAIR = "payments"
TIME_ZONE = "Europe/Berlin"
YEAR = 2025

BEGINNING = datetime(YEAR, 10, 6, 7, 0, tzinfo=UTC)
FIRST_SYNC = datetime(YEAR, 11, 21, 8, 0, tzinfo=UTC)
"""A Friday. Before it, neither side knew of the other."""

SECRET = "The second acquirer offers 1.35 percent; the bank must not learn of it before we have signed."  # noqa: S105
"""Text of the restricted comment. It must never be seen outside Jira."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part, with an account in each tracker they work in."""

    key: str
    name: str
    jira: str = ""
    """Account id (Cloud) or user name (Data Center); empty: none."""
    github: str = ""
    """Login; empty: none."""
    admin: bool = False


CAST = (
    Member("grace", "Grace Turner", "grace.turner", "grace-turner", admin=True),
    Member("lin.mei", "Lin Mei 林梅", "lin.mei", "linmei-dev"),
    Member("li.wei", "Li Wei 李伟", "li.wei", "liwei-ledger"),
    Member("chen.jing", "Chen Jing 陈静", "chen.jing", "chenjing-pay"),
    Member("hannah", "Hannah Price", "hannah.price", "hannah-price"),
    Member("tom", "Tom Becker", "tom.becker", "tom-becker"),
    Member("amira", "Amira Saleh", "amira.saleh", "amira-saleh"),
    Member("sofia", "Sofia Marin", "sofia.marin", ""),
)
"""Grace leads the project; Lin Mei, Li Wei and Chen Jing are the ledger team; Hannah, Tom and Amira the checkout team;
Sofia works for the bank that pays for it all and has an account in Jira only."""

BOT = Member("bot", "Sync Bot", "sync-bot", "acme-sync-bot")

LABELS = {
    "epic": "5319e7", "story": "0e8a16", "task": "c5def5", "bug": "d73a4a",
    "priority: highest": "b60205", "priority: high": "d93f0b", "priority: medium": "fef2c0", "priority: low": "c2e0c6",
    "status: in progress": "fbca04", "status: in review": "fef2c0",
    "component: checkout": "bfd4f2", "component: ledger": "bfd4f2",
    "accessibility": "1d76db", "performance": "1d76db", "customer": "e99695", "blocked:decision": "000000",
}  # fmt: skip
"""Labels of the repository, with their colours."""


@dataclass(frozen=True, slots=True)
class Version:
    """A goal with a date: a version in Jira, a milestone on GitHub."""

    title: str
    due: date
    text: str
    start: date | None = None
    made: tuple[int, int] = (10, 6)
    """Month and day."""
    closed: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A task or epic on the side it was made on."""

    id: str
    """Its name in this story only."""
    title: str
    by: str
    made: tuple[int, int]
    """Month and day."""
    text: Text = ()
    type: str = "Task"
    priority: str = "Medium"
    owners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    component: str = ""
    version: str = ""
    epic: str = ""
    start: tuple[int, int] | None = None
    due: tuple[int, int] | None = None
    doing: tuple[int, int] | None = None
    done: tuple[int, int] | None = None
    refused: tuple[int, int] | None = None
    """Closed without being done."""
    waits_for: tuple[str, ...] = ()
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment from before the first sync."""

    on: str
    by: str
    at: tuple[int, int]
    text: Text


def day(month_and_day: tuple[int, int], year: int = YEAR) -> date:
    """A day of the story."""
    return date(year, *month_and_day)


JIRA_VERSIONS = (
    Version("Release 1.0 上线", day((12, 19)), "Cards can be taken in production.", start=day((10, 27))),
    Version("Release 1.1", day((1, 30), YEAR + 1), "退款与争议 Refunds and disputes without a hotline.",
         start=day((11, 10))),
)  # fmt: skip
GITHUB_MILESTONES = (
    Version("Security audit 安全审计", day((11, 19)), "The auditors come back on the 20th.", made=(10, 13)),
    Version("Sample client 示例客户端", day((11, 14)), "What a shop needs on its first day.", closed=(11, 14)),
    Version("Pilot with Nordbank", day((12, 19)), "Forty shops, real money.", made=(11, 3)),
)  # fmt: skip

EPICS = (
    Work("cards", "Card checkout 银行卡支付", "grace", (10, 6), type="Epic", priority="High", owners=("lin.mei",),
         due=(11, 28), text=("Customers pay with a card, in English and in Chinese, without leaving the shop.",)),
    Work("refunds", "Refunds and disputes 退款与争议", "grace", (10, 7), type="Epic", owners=("chen.jing",),
         start=(11, 10), due=(12, 19), text=("A shop gives money back on its own, in full or in part.",)),
    Work("recon", "Nightly reconciliation 每日对账", "grace", (10, 8), type="Epic", priority="High", owners=("li.wei",),
         due=(11, 24), text=("Every morning the books agree with the bank, to the cent.",)),
)  # fmt: skip

_AMOUNTS = StoryTable(
    (
        ("Field", "Meaning", "Example"),
        ("`gross`", "what the customer paid 客户支付", "128.00"),
        ("`fee`", "what the acquirer keeps 手续费", "1.79"),
        ("`net`", "what arrives 到账金额", "126.21"),
    )
)

JIRA_WORK = (
    Work("vault", "Store cards with the vault, never with us", "lin.mei", (10, 7), type="Story", priority="High",
         owners=("lin.mei",), component="ledger", version="Release 1.0 上线", epic="cards", doing=(10, 9),
         done=(10, 24), text=("No card number may touch our disks.",
         Bullets(("the form posts to the vault", "we keep a token", "the token is useless elsewhere")))),
    Work("capture", "Authorise and capture in one call", "li.wei", (10, 8), type="Story", priority="High",
         owners=("li.wei",), component="ledger", version="Release 1.0 上线", epic="cards", doing=(10, 14),
         done=(11, 5), text=("One call for shops that ship at once.",
         Code("http", "POST /v1/payments\nIdempotency-Key: 5f1c\n\n{\"amount\": 12800, \"capture\": true}"))),
    Work("3ds", "收银台支持三域验证 (3-D Secure 2)", "lin.mei", (10, 10), type="Story", priority="Highest",
         owners=("lin.mei",), component="checkout", version="Release 1.0 上线", epic="cards", due=(11, 14),
         doing=(10, 27), text=("银行要求对高风险交易做强客户认证。",
         "The bank asks for strong authentication above 30 euro; {@hannah} knows the frame.")),
    Work("idempotency", "Idempotency keys for every payment request", "li.wei", (10, 13), priority="High",
         owners=("li.wei",), component="ledger", version="Release 1.0 上线", epic="cards", doing=(11, 3),
         done=(11, 12)),
    Work("declines", "Decline reasons in the customer's language", "chen.jing", (10, 15), type="Story",
         owners=("chen.jing",), component="checkout", version="Release 1.0 上线", epic="cards", due=(11, 21),
         doing=(11, 10)),
    Work("twice", "Amount is charged twice when the page reloads", "sofia", (11, 13), type="Bug",
         priority="Highest", owners=("li.wei",), labels=("customer",), component="checkout",
         version="Release 1.0 上线", epic="cards", due=(11, 19), doing=(11, 14),
         text=("Seen three times this week. 本周出现三次。",
         Code("text", "14:02:11 authorise 12800 ok\n14:02:13 authorise 12800 ok"))),
    Work("release", "Release a reservation that is not captured in seven days", "grace", (10, 16),
         component="ledger", version="Release 1.0 上线", epic="cards", due=(11, 17)),
    Work("fallback", "Second acquirer takes over when the first is down", "grace", (10, 17), type="Story",
         owners=("li.wei",), component="ledger", version="Release 1.0 上线", epic="cards", due=(11, 26),
         waits_for=("contract",)),
    Work("contract", "Contract with the second acquirer", "grace", (10, 17), priority="High", owners=("grace",),
         version="Release 1.0 上线", epic="cards", due=(11, 20), doing=(11, 3), flagged=True,
         labels=("blocked:external",), text=("Legal has the draft since the 3rd.",)),
    Work("partial", "Partial refunds 部分退款", "chen.jing", (10, 20), type="Story", priority="High",
         owners=("chen.jing",), component="ledger", version="Release 1.1", epic="refunds", due=(11, 28),
         doing=(11, 17), text=("A shop refunds any part of a payment, several times, never more than the whole.",
         "Open: what happens to the fee?", "Ask the bank before the pilot.")),
    Work("full", "Full refund from the back office", "chen.jing", (10, 21), type="Story", owners=("chen.jing",),
         component="ledger", version="Release 1.1", epic="refunds", due=(11, 19), doing=(11, 6), done=(11, 18)),
    Work("evidence", "Upload evidence for a dispute 争议举证", "chen.jing", (10, 22), type="Story",
         owners=("chen.jing",), version="Release 1.1", epic="refunds", due=(12, 5)),
    Work("notice", "Tell the customer that the money is on its way", "sofia", (10, 23), version="Release 1.1",
         epic="refunds"),
    Work("fees", "Chargeback fees in the ledger", "li.wei", (10, 27), owners=("li.wei",), component="ledger",
         version="Release 1.1", epic="refunds", due=(12, 9)),
    Work("daily", "每日对账文件自动生成", "lin.mei", (10, 9), type="Story", priority="High", owners=("lin.mei",),
         component="ledger", version="Release 1.0 上线", epic="recon", due=(11, 21), doing=(11, 5),
         text=("每天六点前生成对账文件，字段如下。 The file is there before six, with these fields:", _AMOUNTS,
         Columns((("输入：前一天的全部交易。", "In: all payments of the day before."),
         ("输出：一个 CSV 文件。", "Out: one CSV file for the bank."))),
         Decisions(("Amounts in cents, without separators. 金额以分为单位。", "The bank's holidays have no file.")))),
    Work("match", "Match bank statements by reference", "li.wei", (10, 13), owners=("li.wei",), component="ledger",
         version="Release 1.0 上线", epic="recon", doing=(10, 27), done=(11, 7)),
    Work("alert", "Wake somebody when totals differ by more than a cent", "chen.jing", (10, 28),
         owners=("chen.jing",), component="ledger", version="Release 1.0 上线", epic="recon", due=(11, 24),
         waits_for=("daily",)),
    Work("auditors", "Export for the auditors 审计导出", "grace", (10, 29), epic="recon", refused=(11, 10),
         text=("They read the nightly file instead.",)),
    Work("zones", "Settlement dates are one day off in summer time", "lin.mei", (11, 3), type="Bug",
         priority="High", owners=("lin.mei",), component="ledger", version="Release 1.0 上线", epic="recon",
         doing=(11, 12), done=(11, 19)),
    Work("retention", "Delete raw files after 400 days", "grace", (11, 4), priority="Low", epic="recon"),
)  # fmt: skip

GITHUB_WORK = (
    Work("keyboard", "The card form works without a mouse", "hannah", (10, 8), type="Story", owners=("hannah",),
         labels=("accessibility",), component="checkout", version="Sample client 示例客户端", done=(10, 30)),
    Work("load", "Load test at 400 payments a second", "tom", (10, 13), priority="High", owners=("tom",),
         labels=("performance",), component="checkout", version="Pilot with Nordbank",
         text=("What we promised the bank:", StoryTable((("step", "payments a second", "p95"), ("warm-up", "50",
         "300 ms"), ("peak", "400", "800 ms")), tags=True))),
    Work("keys", "Rotate the signing keys every 90 days", "amira", (10, 14), priority="High", owners=("amira",),
         version="Security audit 安全审计", doing=(11, 3), done=(11, 13)),
    Work("pentest", "Penetration test: findings of round two", "amira", (10, 28), priority="Highest",
         owners=("amira",), version="Security audit 安全审计", doing=(11, 10), text=("What is left of the list:",
         Checks((("open redirect after login", True), ("session survives a password change", False),
         ("stack trace in a 500", False))))),
    Work("csp", "Content security policy on the payment page", "hannah", (10, 29), owners=("hannah",),
         component="checkout", version="Security audit 安全审计", doing=(11, 17),
         text=("Start with this and see what breaks:", Code("text", "default-src 'none'; script-src 'self'"),
         "The vault's frame needs an exception.")),
    Work("logs", "Keep secrets out of the build logs", "tom", (10, 20), owners=("tom",),
         version="Security audit 安全审计", done=(11, 6)),
    Work("webhooks", "Webhooks are sent again until they arrive", "tom", (10, 21), type="Story", owners=("tom",),
         component="checkout", version="Pilot with Nordbank", doing=(11, 12),
         text=("1, 5, 25 minutes, then hourly for a day.",
         Code("python", "def waits():\n yield from (60, 300, 1500)\n yield from repeat(3600, 24)"))),
    Work("signature", "Check the webhook signature in the sample client", "hannah", (10, 22), owners=("hannah",),
         version="Sample client 示例客户端", done=(11, 11)),
    Work("receipts", "Receipts in English and Chinese 中英文收据", "hannah", (10, 24), type="Story", owners=("hannah",
         "lin.mei"), component="checkout", version="Pilot with Nordbank", doing=(11, 18),
         text=(Picture("receipt.png", "a receipt in two languages", above="As the designers drew it:"),
         StoryTable((("English", "中文", "Where"), ("Total", "合计", "last line"),
         ("Tax included", "含税", "below it"))),
         Code("python", "def total(lines):\n    return sum(line.net + line.tax for line in lines)"),
         Checks((("English 英文", True), ("简体中文", True), ("printed on thermal paper 热敏纸", False))),
         "{@lin.mei} checks the wording, see `receipts/zh.po`. 措辞请林梅确认。")),
    Work("dark", "The payment page follows the phone's dark mode", "hannah", (10, 27), type="Story", priority="Low"),
    Work("nan", "The total shows NaN for an empty basket", "hannah", (11, 11), type="Bug", priority="High",
         owners=("hannah",), component="checkout", version="Pilot with Nordbank", done=(11, 17)),
    Work("status", "A status page for the pilot", "tom", (11, 3), version="Pilot with Nordbank"),
    Work("sandbox", "Test keys for Nordbank", "tom", (11, 5), owners=("tom",), version="Pilot with Nordbank",
         doing=(11, 17)),
    Work("flags", "Switch features on shop by shop", "tom", (11, 6), type="Story", owners=("tom",),
         version="Pilot with Nordbank"),
    Work("timing", "Measure the time to a shop's first payment", "amira", (11, 6), owners=("amira",),
         labels=("blocked:decision",), version="Pilot with Nordbank",
         text=("What counts as the first payment: a test, or real money?",)),
    Work("runbook", "Runbook: the acquirer is down", "amira", (11, 7), owners=("amira",),
         version="Pilot with Nordbank", done=(11, 20)),
    Work("wallet", "Pay with the phone's wallet", "hannah", (10, 30), type="Story", refused=(11, 12)),
    Work("retry", "Offer another card after a decline", "hannah", (11, 10), type="Story", owners=("hannah",),
         component="checkout"),
    Work("reference", "Reference pages for refunds", "tom", (11, 17), owners=("tom",),
         version="Pilot with Nordbank"),
    Work("cookie", "The cookie banner covers the card form on small screens", "hannah", (11, 18), type="Bug",
         component="checkout", version="Pilot with Nordbank"),
)  # fmt: skip

REMARKS = (
    Remark("3ds", "lin.mei", (11, 14), ("银行的测试环境周五才恢复。 Their test system is back on Friday.",)),
    Remark("twice", "sofia", (11, 17), ("Our customers call us about this. When will it be fixed?",)),
    Remark("twice", "li.wei", (11, 18), ("Found it: the form posts again. {@chen.jing} please look at `retry()`.",)),
    Remark("pentest", "amira", (11, 18), ("Two findings left; I need a day with {@tom}.",)),
    Remark("webhooks", "tom", (11, 19), ("Works against the sample client, not yet against the bank.",)),
    Remark("receipts", "hannah", (11, 20), ("Waiting for the wording.",)),
)  # fmt: skip
