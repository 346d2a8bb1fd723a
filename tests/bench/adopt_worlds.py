"""Two trackers that a team filled for years before anybody kept them in step, for `bench_adopt` and its tests.

Written without a look at the matcher: the words, the tools' habits and the mistakes are those of teams. A share of the
items exists on both sides, mirrored by hand or by a tool; half of those were edited since on one side. The rest exists
on one side only. Some titles mislead: the same words stand for something else on the other side.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

FIRST_DAY = datetime(2023, 1, 9, 8, 0, tzinfo=UTC)

THINGS = (
    "checkout", "refund", "invoice", "payout", "ledger", "webhook", "settlement", "chargeback", "card form", "wallet",
    "retry queue", "fraud score", "exchange rate", "tax line", "receipt mail", "bank statement", "merchant page",
    "payment link", "subscription", "dunning job", "report export", "audit log", "rate limiter", "login page",
    "session cookie", "password reset", "address book", "coupon", "gift card", "price list", "stock counter",
    "search index", "image upload", "notification", "calendar feed", "mobile app", "admin console", "staging server",
    "deploy script", "database migration", "health check", "metrics dashboard", "api gateway", "token refresh",
    "csv import", "pdf renderer", "mail queue", "translation file", "feature flag", "cache layer",
)  # fmt: skip
FAULTS = (
    "fails", "hangs", "shows the wrong amount", "is slow", "times out", "returns 500", "loses its state", "is missing",
    "is empty", "crashes", "is sent twice", "ignores the time zone", "rounds down", "breaks in Safari",
    "does not scroll", "cannot be cancelled", "leaks memory", "stays pending", "rejects umlauts",
    "forgets the currency",
)  # fmt: skip
WHEN = (
    "for Visa cards", "for guests", "on Android", "after midnight", "with two currencies", "behind a proxy",
    "in dark mode", "for large orders", "when the cart is empty", "after an upgrade", "with a coupon",
    "for Swiss merchants", "under load", "with 3-D Secure", "on slow networks", "during failover", "for old accounts",
    "when retried", "in the sandbox", "with more than 100 rows",
)  # fmt: skip
WISHES = ("Add", "Support", "Document", "Remove", "Rework", "Speed up", "Test", "Move", "Rename", "Monitor")
ASKS = (
    "so that support can answer without us", "as the auditors asked", "before the autumn release",
    "for the new merchants", "to save a request", "so that it can be tried alone", "as agreed in the review",
)  # fmt: skip
SENTENCES = (
    "We saw this {n} times since {day}.", "The log says {error} in {file}.", "It began with build {build}.",
    "Customer {customer} reported it.", "Only {percent} percent of requests are affected.",
    "The {thing} and the {other} share that code.", "A restart helps for about {n} minutes.",
    "Expected: the {thing} answers within {n} seconds.", "Actual: {error}, then nothing.",
    "{person} has a fix on a branch called {branch}.", "See the dashboard of the {thing}.",
    "It does not happen locally.",
    "The order was {order}.", "We should also look at the {other}.", "The table {table} grows by {n} rows a day.",
    "A workaround is to clear the {other} by hand.", "Decided with {person}: we do it after the {other}.",
)  # fmt: skip
REMARKS = (
    "Reproduced on {branch} with order {order}.", "Fixed in build {build}, please check.", "Same as {error} last week?",
    "{customer} asks again.", "I moved the change to {branch}.", "Not before the {thing} is done.",
    "Logs attached, look for {error}.", "Works for me with {n} rows.",
)  # fmt: skip
PEOPLE = (
    ("Li Wei", "li.wei", "liwei"), ("Mia Braun", "mia.braun", "miab"), ("Jonas Roth", "jonas.roth", "jroth"),
    ("Amira Saleh", "amira.saleh", "amiras"), ("Chen Jing", "chen.jing", "cjing"), ("Ola Nowak", "ola.nowak", "onowak"),
)  # fmt: skip
CUSTOMERS = ("Nordwind", "Kiosk 24", "Blumenhaus", "Riverbank", "Taco Lane", "Hafen AG", "Sunfield", "Ostrich & Co")
CHINESE = (
    "退款超时",
    "发票金额错误",
    "登录页面空白",
    "对账单缺少一行",
    "优惠券无法使用",
    "导出的报表乱码",
    "推送通知重复发送",
)


@dataclass(frozen=True)
class Remark:
    """A comment."""

    by: int
    """A place in `PEOPLE`."""
    text: str
    at: datetime


@dataclass(frozen=True)
class Issue:
    """An issue as its tracker shows it. Texts are plain paragraphs with links as `[words](address)`."""

    key: str
    url: str
    title: str
    body: str
    by: int
    at: datetime
    labels: tuple[str, ...] = ()
    closed: bool = False
    remarks: tuple[Remark, ...] = ()
    web_links: tuple[str, ...] = ()
    """Addresses that are kept with it, outside of its text."""
    reference: str = ""
    """What stands in the field that is meant for the other tracker."""


@dataclass
class Trackers:
    """Both sides, and which of their issues are one."""

    left: list[Issue] = field(default_factory=list)
    right: list[Issue] = field(default_factory=list)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    """The keys of both sides of what is one."""
    habits: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Addresses:
    """What keys and pages of both sides look like."""

    left_key: Callable[[int], str] = lambda number: f"PAY-{number}"
    right_key: Callable[[int], str] = lambda number: f"acme/pay#{number}"
    left_url: Callable[[int], str] = lambda number: f"https://acme.example/browse/PAY-{number}"
    right_url: Callable[[int], str] = lambda number: f"https://code.example/acme/pay/issues/{number}"


class Writer:
    """Writes issues as people do."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def issue(self) -> Issue:
        """An issue of nowhere yet."""
        chance = self.random
        title = self._title()
        body = "\n\n".join(" ".join(self._sentences()) for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3))))
        by, at = chance.randrange(len(PEOPLE)), FIRST_DAY + timedelta(minutes=chance.randrange(1_500_000))
        remarks = tuple(
            Remark(chance.randrange(len(PEOPLE)), self._fill(chance.choice(REMARKS)), at + timedelta(hours=3 + 7 * n))
            for n in range(chance.choice((0, 0, 0, 1, 1, 2, 4)))
        )
        labels = tuple(sorted(chance.sample(("backend", "ui", "ops", "urgent", "docs"), chance.choice((0, 0, 1, 2)))))
        return Issue("", "", title, body, by, at, labels, chance.random() < 0.6, remarks)

    def _title(self) -> str:
        chance = self.random
        style = chance.random()
        if style < 0.05:
            return f"{chance.choice(CHINESE)}：{chance.choice(CUSTOMERS)} {chance.randrange(1000, 9999)}"
        if style < 0.45:
            return f"{chance.choice(THINGS).capitalize()} {chance.choice(FAULTS)} {chance.choice(WHEN)}"
        if style < 0.75:
            return f"{chance.choice(WISHES)} {chance.choice(THINGS)} {chance.choice(WHEN)}"
        if style < 0.9:
            return f"{chance.choice(WISHES)} {chance.choice(THINGS)} and {chance.choice(THINGS)}"
        return f"{chance.choice(THINGS).capitalize()}: {chance.choice(ASKS)}"

    def _sentences(self) -> Iterator[str]:
        for template in self.random.sample(SENTENCES, self.random.choice((1, 2, 2, 3, 4))):
            yield self._fill(template)

    def _fill(self, template: str) -> str:
        chance = self.random
        return template.format(
            n=chance.randrange(2, 90), day=f"{chance.randrange(1, 28)} {chance.choice(('March', 'May', 'July'))}",
            error=f"{chance.choice(('E', 'ERR-', 'PX'))}{chance.randrange(100, 9999)}",
            file=f"src/{chance.choice(THINGS).split()[0]}/{chance.choice(('main', 'queue', 'http', 'store'))}.py",
            build=f"{chance.randrange(2, 9)}.{chance.randrange(0, 40)}.{chance.randrange(0, 9)}",
            customer=chance.choice(CUSTOMERS), percent=chance.randrange(1, 40), thing=chance.choice(THINGS),
            other=chance.choice(THINGS), person=PEOPLE[chance.randrange(len(PEOPLE))][0],
            branch=f"fix/{chance.choice(THINGS).replace(' ', '-')}-{chance.randrange(99)}",
            order=f"{chance.randrange(10**7, 10**8)}",
            table=f"{chance.choice(THINGS).replace(' ', '_')}_{chance.choice(('log', 'rows'))}",
        )  # fmt: skip

    def edited(self, issue: Issue) -> Issue:
        """The issue after somebody went on with it on one side only."""
        chance = self.random
        how = chance.random()
        if how < 0.35:
            words = issue.title.split(" ")
            at = chance.randrange(len(words))
            words[at : at + 1] = chance.choice(([], [words[at], chance.choice(THINGS)], ["still", words[at]]))
            issue = replace(issue, title=" ".join(words) or issue.title)
        if how > 0.2:
            added = " ".join(self._sentences())
            body = f"{issue.body}\n\nUpdate: {added}" if chance.random() < 0.7 else f"{added}\n\n{issue.body}"
            issue = replace(issue, body=body.strip())
        if how > 0.7:
            issue = replace(issue, closed=not issue.closed, labels=(*issue.labels, "triaged"))
        if how > 0.85:
            remark = Remark(0, self._fill(chance.choice(REMARKS)), issue.at + timedelta(days=40))
            issue = replace(issue, remarks=(*issue.remarks, remark))
        return issue

    def misleading(self, issue: Issue) -> Issue:
        """Another issue with (almost) the same title: people use the same words for different things."""
        other = self.issue()
        title = issue.title if self.random.random() < 0.6 else f"{issue.title} again"
        return replace(other, title=title)


# --- how teams mirror: each takes the original and says what both sides look like


@dataclass(frozen=True)
class Mirrored:
    """An original and its copy, still without keys: what names the other's key or page does so by `{key}`, `{url}`."""

    original: Issue
    copy: Issue


def key_in_title(issue: Issue, chance: random.Random) -> Mirrored:
    """By hand: the key before or behind the title, the text copied."""
    title = chance.choice(("[{key}] " + issue.title, "{key}: " + issue.title, issue.title + " ({key})"))
    late = timedelta(minutes=chance.randrange(1, 600))
    return Mirrored(
        issue, replace(issue, title=title, at=issue.at + late, remarks=(), by=chance.randrange(len(PEOPLE)))
    )


def jirahub(issue: Issue, _: random.Random) -> Mirrored:
    """A line above the text that names the original, and one above each comment."""
    who = PEOPLE[issue.by][0]
    body = f"_Issue [{{key}}]({{url}}) was created on JIRA by [{who}](https://acme.example/people/{issue.by}):_"
    remarks = tuple(
        replace(
            one, text=f"_Comment by [{PEOPLE[one.by][0]}](https://acme.example/p) on [JIRA]({{url}}):_\n\n{one.text}"
        )
        for one in issue.remarks
    )
    copy = replace(issue, body=f"{body}\n\n{issue.body}", at=issue.at + timedelta(minutes=4), remarks=remarks, by=-1)
    return Mirrored(issue, copy)


def sync2jira(issue: Issue, _: random.Random) -> Mirrored:
    """A remote link, and an address below the text."""
    who = PEOPLE[issue.by][0]
    body = f"[77] Upstream Reporter: {who}\n\nUpstream description: {issue.body}\n\nUpstream URL: {{url}}"
    remarks = tuple(
        replace(one, text=f"[8] Upstream, {PEOPLE[one.by][0]} wrote [Tue Mar 3]:\n\n{one.text}")
        for one in issue.remarks
    )
    copy = replace(issue, body=body, at=issue.at + timedelta(minutes=9), web_links=("{url}",), remarks=remarks, by=-1)
    return Mirrored(issue, copy)


def unito(issue: Issue, _: random.Random) -> Mirrored:
    """A line below the text with a link."""
    body = f"{issue.body}\n\n┆Issue is synchronized with this [Task]({{url}}) by [Unito](https://www.unito.io)"
    remarks = tuple(replace(one, text=f"➤ {PEOPLE[one.by][0]} commented:\n\n{one.text}") for one in issue.remarks)
    return Mirrored(issue, replace(issue, body=body, at=issue.at + timedelta(minutes=2), remarks=remarks, by=-1))


def linked_only(issue: Issue, chance: random.Random) -> Mirrored:
    """A web link beside a copy whose text was written anew."""
    body = f"As discussed with {PEOPLE[chance.randrange(len(PEOPLE))][0]}. {issue.body[: chance.randrange(20, 60)]}"
    late = timedelta(hours=chance.randrange(1, 200))
    return Mirrored(issue, replace(issue, body=body, web_links=("{url}",), at=issue.at + late, remarks=()))


def address_in_text(issue: Issue, chance: random.Random) -> Mirrored:
    """By hand: the address on a line of its own."""
    line = chance.choice(("{url}", "Other side: {url}", "Tracked in {key}", "{key}"))
    body = chance.choice((f"{line}\n\n{issue.body}", f"{issue.body}\n\n{line}"))
    late = timedelta(minutes=chance.randrange(5, 3000))
    return Mirrored(issue, replace(issue, body=body, at=issue.at + late, remarks=()))


def label(issue: Issue, _: random.Random) -> Mirrored:
    """A label with the key."""
    labels = (*issue.labels, "{key}")
    return Mirrored(issue, replace(issue, labels=labels, at=issue.at + timedelta(hours=2), remarks=()))


def typed_twice(issue: Issue, chance: random.Random) -> Mirrored:
    """Nothing but the same words, with a copied comment here and there."""
    late = timedelta(minutes=chance.randrange(1, 45))
    kept = issue.remarks if chance.random() < 0.5 else ()
    return Mirrored(issue, replace(issue, at=issue.at + late, remarks=kept))


Habit = Callable[[Issue, random.Random], Mirrored]
"""What a team does with an issue that is to be on both sides."""

HABITS: Sequence[tuple[float, Habit]] = (
    (0.22, key_in_title), (0.14, jirahub), (0.12, sync2jira), (0.14, unito), (0.08, linked_only),
    (0.14, address_in_text), (0.06, label), (0.10, typed_twice),
)  # fmt: skip


def grown(
    seed: int,
    *,
    size: int = 2_000,
    mirrored: float = 0.6,
    edited: float = 0.5,
    misleading: float = 0.1,
    habits: Sequence[tuple[float, Habit]] = HABITS,
    addresses: Addresses = Addresses(),
) -> Trackers:
    """Two trackers of `size` issues each."""
    writer, made = Writer(seed), Trackers()
    chance = writer.random
    both = [writer.issue() for _ in range(round(size * mirrored))]
    # Who has nothing but the words has some: an empty issue typed twice is nobody's to tell.
    pairs = [_mirror(issue, chance, habits) for issue in both]
    models = both or [writer.issue() for _ in range(size)]
    sides: tuple[list[tuple[Issue, int]], list[tuple[Issue, int]]] = ([], [])
    for at, (habit, pair) in enumerate(pairs):
        original, copy = pair.original, pair.copy
        if chance.random() < edited:
            if chance.random() < 0.5:
                original = writer.edited(original)
            else:
                copy = writer.edited(copy)
        left_first = habit == "jirahub" or (habit not in {"sync2jira", "linked_only"} and chance.random() < 0.5)
        sides[0].append((original if left_first else copy, at))
        sides[1].append((copy if left_first else original, at))
    for side in sides:
        decoys = [writer.misleading(chance.choice(models)) for _ in range(round(size * misleading))]
        alone = [writer.issue() for _ in range(size - len(side) - len(decoys))]
        side += [(issue, -1) for issue in (*decoys, *alone)]
    _number(made, sides, [habit for habit, _ in pairs], addresses)
    _relate(made, chance)
    return made


def _mirror(issue: Issue, chance: random.Random, habits: Sequence[tuple[float, Habit]]) -> tuple[str, Mirrored]:
    ways = [habit for _, habit in habits]
    habit = chance.choices(ways, [share for share, _ in habits])[0]
    if habit is typed_twice and len(issue.body) < 40:
        habit = key_in_title
    return habit.__name__, habit(issue, chance)


def _number(
    made: Trackers,
    sides: tuple[list[tuple[Issue, int]], list[tuple[Issue, int]]],
    habits: Sequence[str],
    addresses: Addresses,
) -> None:
    """Gives keys in the order of creation, and writes them where the other side is named."""
    places: tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]] = ({}, {})
    ordered = [sorted(side, key=lambda one: one[0].at) for side in sides]
    ways = ((addresses.left_key, addresses.left_url), (addresses.right_key, addresses.right_url))
    for side, order in enumerate(ordered):
        for number, (_, pair) in enumerate(order, start=1):
            if pair >= 0:
                places[side][pair] = (ways[side][0](number), ways[side][1](number))
    for side, order in enumerate(ordered):
        target = made.left if side == 0 else made.right
        for number, (issue, pair) in enumerate(order, start=1):
            key, url = places[1 - side].get(pair, ("", ""))
            target.append(_named(issue, key, url, ways[side][0](number), ways[side][1](number)))
    for pair, (key, _) in places[0].items():
        made.pairs.add((key, places[1][pair][0]))
        made.habits[key, places[1][pair][0]] = habits[pair]


def _named(issue: Issue, key: str, url: str, own_key: str, own_url: str) -> Issue:
    def filled(text: str) -> str:
        return text.replace("{key}", key).replace("{url}", url)

    return replace(
        issue, key=own_key, url=own_url, title=filled(issue.title), body=filled(issue.body),
        labels=tuple(map(filled, issue.labels)), web_links=tuple(map(filled, issue.web_links)),
        remarks=tuple(replace(one, text=filled(one.text)) for one in issue.remarks),
    )  # fmt: skip


# --- what makes it harder: one side alone has copies, quotes and chores that look like the other side's


def harder(made: Trackers, seed: int, *, share: float = 0.1) -> Trackers:
    """The same trackers with look-alikes that are nobody's partner, as many of each sort as a share of the pairs."""
    writer = Writer(seed)
    chance = writer.random
    count = round(share * len(made.pairs))
    by_key = {issue.key: issue for side in (made.left, made.right) for issue in side}
    models = chance.sample(sorted(made.pairs), min(len(made.pairs), 2 * count))
    extra: tuple[list[Issue], list[Issue]] = ([], [])
    for left, right in models[:count]:
        side = chance.randrange(2)
        extra[side].append(_cloned(by_key[(left, right)[side]], chance))
    alone = [issue for side in (made.left, made.right) for issue in side
             if not any(issue.key in pair for pair in made.pairs) and len(issue.body) > 80]  # fmt: skip
    for issue in chance.sample(alone, min(count, len(alone))):
        side = 1 if issue in made.left else 0
        extra[side].append(_quoting(issue, writer))
    for week in range(count):
        for side in extra:
            side.append(_chore(week, chance))
    for number, (side, new) in enumerate(zip((made.left, made.right), extra, strict=True)):
        prefix = ("PAY-9", "acme/pay#9")[number]
        side += [
            replace(one, key=f"{prefix}{at:05}", url=f"https://elsewhere.example/{prefix}{at:05}")
            for at, one in enumerate(new)
        ]
        side.sort(key=lambda one: one.at)
    return made


def _cloned(issue: Issue, chance: random.Random) -> Issue:
    """A copy on the same side, for the next customer or as a second part: the text is the same, and stays so."""
    title = chance.choice((f"CLONE - {issue.title}", issue.title, f"{issue.title} (part 2)"))
    late = timedelta(minutes=chance.randrange(10, 20_000))
    return replace(issue, title=title, at=issue.at + late, remarks=(), web_links=(), labels=())


def _quoting(issue: Issue, writer: Writer) -> Issue:
    """An issue of the other side that quotes a whole text, about something that follows from it."""
    chance, other = writer.random, writer.issue()
    body = f"They wrote over there:\n\n{issue.body}\n\n{other.body or 'What do we do about it?'}"
    return replace(other, body=body, at=issue.at + timedelta(hours=chance.randrange(1, 72)))


CHORE = "Check the backups, the certificates and the disk space of each host, and write down what was found in the log."


def _chore(week: int, chance: random.Random) -> Issue:
    """What each team does every week by itself, from a form."""
    at = FIRST_DAY + timedelta(days=7 * week, minutes=chance.randrange(300))
    by = chance.randrange(len(PEOPLE))
    return Issue("", "", "Weekly rounds", f"{CHORE}\n\nWeek of {at:%d %B %Y}.", by, at, (), True)


def _relate(made: Trackers, chance: random.Random) -> None:
    """Some issues name issues of the other side that they are not: blockers, things to see, follow-ups."""
    for mine, others in ((made.left, made.right), (made.right, made.left)):
        for at, issue in enumerate(mine):
            if chance.random() < 0.06:
                other = chance.choice(others)
                words = chance.choice(
                    (
                        "Blocked by {}.",
                        "See also {} for the other half.",
                        "Similar to {}, but not here.",
                        "Once {} is done we can go on.",
                    )
                )
                mine[at] = replace(issue, body=f"{issue.body}\n\n{words.format(chance.choice((other.key, other.url)))}")
