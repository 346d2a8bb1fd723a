"""A fixed collaboration: two goals in trouble, one reached, one without dates; English and Chinese; nasty titles."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from syncer.contract.model import Side
from syncer.report.model.collaboration import (
    Aim,
    Collaboration,
    Comment,
    Criterion,
    Goal,
    GoalKind,
    HeldItem,
    Impediment,
    PairHealth,
    Person,
    Place,
    Task,
    WaitingConflict,
)
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.timeline import Cause, Standing, StandingChange
from syncer.report.model.window import Window

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
WINDOW = Window(2026, 47, ZONE)

NASTY_TITLE = "=SUM(A1) | <script>alert(1)</script> @octocat fixes #12 PAY-9"


def moment(day: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def jira(number: int) -> Place:
    return Place(Side.LEFT, f"PAY-{number}", f"https://acme.example/browse/PAY-{number}")


def github(number: int) -> Place:
    return Place(Side.RIGHT, f"acme/pay#{number}", f"https://github.example/acme/pay/issues/{number}")


def task(number: int, title: str, standing: Standing = Standing.TODO, **changes: object) -> Task:
    values: dict[str, object] = {
        "id": f"payments/left/{number}",
        "pair": "payments",
        "title": title,
        "places": (jira(number), github(number + 100)),
        "origin": Side.LEFT,
        "standing": standing,
        "status": {"todo": "To Do", "doing": "In Progress", "done": "Done", "cancelled": "Won't Do"}[standing.value],
        "created": moment(5, month=10),
        "owners": ("mei",),
        "goals": ("launch",),
    }
    values.update(changes)
    return Task(**values)  # type: ignore[arg-type]


def done(number: int, title: str, at: datetime, **changes: object) -> Task:
    steps = (StandingChange(moment(5, month=10), Standing.TODO), StandingChange(at, Standing.DONE))
    return task(number, title, Standing.DONE, finished=at, transitions=steps, **changes)


def collaboration() -> Collaboration:
    blocked = (Impediment(Cause.DEPENDENCY, None, ("PAY-4",)), Impediment(Cause.LABEL, "external"))
    tasks = (
        done(1, "Accept cards in checkout", moment(17)),
        done(2, "退款接口：部分退款与全额退款", moment(18), owners=("liwei",), due=date(2026, 11, 17)),
        done(3, "Rotate the signing keys", moment(12), goals=("security",), due=date(2026, 11, 14)),
        task(4, "Acquirer certificate for production", Standing.DOING, owners=("jonas",), due=date(2026, 11, 13)),
        task(5, "Three-domain authentication in the browser", impediments=blocked),
        task(6, "对账文件每日自动生成", Standing.DOING, owners=("liwei", "mei"), due=date(2026, 11, 27)),
        task(7, "Load test at 400 payments a second", owners=(), due=date(2026, 11, 18)),
        task(8, NASTY_TITLE, owners=(), goals=(), created=moment(17), places=(github(8),), origin=Side.RIGHT),
        task(9, "Penetration test findings", Standing.DOING, owners=("sofia",), goals=("security",), restricted=True,
             impediments=(Impediment(Cause.FLAG),)),
        task(10, "Old terminal support", Standing.CANCELLED, goals=("launch",)),
        done(11, "Write the runbook", moment(19), goals=("handover",), places=(jira(11),)),
        task(12, "Explain chargebacks to the client", goals=("ideas",), owners=("sofia",)),
    )  # fmt: skip
    return Collaboration(
        name="Payments",
        pairs=(
            PairHealth(
                "payments",
                ("acme.example PAY", "github.example acme/pay"),
                (
                    SyncRun(moment(20, 16), moment(20, 16), "clean", 0),
                    SyncRun(moment(20, 12), moment(20, 12), "clean", 14),
                    SyncRun(moment(18), moment(18), "failed", 0, "the tracker answered with a page"),
                ),
                linked_tasks=10,
                unsettled_writes=0,
                carry_delays=(timedelta(minutes=4), timedelta(minutes=9), timedelta(minutes=31)),
            ),
        ),
        people=(
            Person("mei", "Mei Lin 林梅"),
            Person("liwei", "Li Wei 李伟"),
            Person("jonas", "Jonas Weber"),
            Person("sofia", "Sofia <b>Marin</b>"),
            Person("bot", "ci", bot=True),
        ),
        goals=(
            Goal("launch", "payments", GoalKind.EPIC, "Card payments live", (jira(20),), ("mei",),
                 date(2026, 10, 5), True, date(2026, 11, 30),
                 criteria=(Criterion("cards", True), Criterion("wallets", False), Criterion("refunds", True)),
                 aim=Aim("Abandoned checkouts", "%", 38.0, 25.0, 33.5, date(2026, 11, 18), ("until: soon",))),
            Goal("security", "payments", GoalKind.MILESTONE, "安全审计通过", (github(2),), (),
                 date(2026, 10, 1), False, date(2026, 11, 16)),
            Goal("handover", "payments", GoalKind.EPIC, "Handover to operations", (jira(22),), ("jonas",),
                 date(2026, 11, 1), True, date(2026, 12, 11)),
            Goal("ideas", "payments", GoalKind.EPIC, "Ideas for spring", (jira(23),), ("sofia",)),
        ),
        tasks=tasks,
        comments=(
            Comment("payments/left/4", "jonas", moment(17)),
            Comment("payments/left/4", "mei", moment(18)),
            Comment("payments/left/5", "sofia", moment(12)),
            Comment("payments/left/5", "bot", moment(18)),
        ),
        conflicts=(
            WaitingConflict(3, "payments", "Load test at 400 payments a second", (jira(7), github(107)), "title",
                            "Load test at 400 payments a second", "负载测试：每秒 400 笔", moment(20, 12)),
        ),
        settled_conflicts=(moment(18),),
        held=(HeldItem("payments", "Terminal firmware", (jira(30),), "the text is longer than the other side allows"),),
    )  # fmt: skip
