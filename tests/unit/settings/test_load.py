"""One valid configuration, every way to spoil it, and everything said at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncer.contract.model import Audience, Field, Side
from syncer.core.relation import MapCell, MapRow
from syncer.core.rules import Direction, Mode, Policy
from syncer.settings import Misconfigured, locate
from tests.unit.settings.fakes import SECRET, TOKENS, VALID, load_text, problems


def test_the_smallest_configuration_has_the_documented_defaults(tmp_path: Path) -> None:
    settings = load_text(tmp_path, VALID)
    [pair] = settings.pairs
    assert (pair.create, pair.publish, pair.footer, pair.sweep_every) == (Direction.BOTH, (), True, timedelta(hours=24))
    assert pair.left.scope.repository == "acme/pay"
    assert settings.trackers["acme-left"].settings.token.get_secret_value() == SECRET
    assert settings.state == str(tmp_path / ".local/state/syncer")


def test_every_key_of_a_pair_arrives(tmp_path: Path) -> None:
    text = VALID.replace(
        'left = { tracker = "acme-left", repository', 'left = { audience = "public", tracker = "acme-left", repository'
    )
    pair = load_text(
        tmp_path,
        text
        + """
schedule = "*/5 * * * 1-5"
publish = ["title", "comments"]
create = "left-to-right"
component-prefix = "area: "
mention-people = true
footer = false
sweep-every = "90m"
default-type = { left = "Story" }
labels = { only = ["team-*"], except = ["team-x"] }
comments = { direction = "off", on-conflict = "newest" }
milestones = { direction = "right-to-left" }
guard = { closes-at-least = 3, updates-share = 0.2 }

[pairs.fields.status]
direction = "both"
on-conflict = "left"
map = [["To Do", "open"], ["In Review", "open", "status: review"], ["Done", "closed:completed"]]

[pairs.fields.priority]
map = [["High", "label:priority: high"]]
""",
    ).pairs[0]
    assert pair.left.declared_audience is Audience.PUBLIC
    assert pair.right.declared_audience is None
    assert (pair.schedule, pair.publish, pair.create) == (
        "*/5 * * * 1-5",
        ("title", "comments"),
        Direction.LEFT_TO_RIGHT,
    )
    assert (pair.component_prefix, pair.mention_people, pair.footer) == ("area: ", True, False)
    assert (pair.sweep_every, pair.default_type.left, pair.default_type.right) == (timedelta(minutes=90), "Story", None)
    assert (pair.labels.only, pair.labels.except_) == (("team-*",), ("team-x",))
    assert (pair.comments.direction, pair.milestones.direction) == (Direction.OFF, Direction.RIGHT_TO_LEFT)
    assert (pair.guard.limits.closes_at_least, pair.guard.limits.updates_share) == (3, 0.2)
    assert pair.fields[Field.STATUS].on_conflict is Policy.LEFT
    assert pair.fields[Field.STATUS].relation.rows == (
        MapRow(MapCell("To Do"), MapCell("open")),
        MapRow(MapCell("In Review"), MapCell("open", label="status: review")),
        MapRow(MapCell("Done"), MapCell("closed", "completed")),
    )
    assert pair.fields[Field.PRIORITY].relation.rows == (MapRow(MapCell("High"), MapCell(label="priority: high")),)
    assert pair.address(Side.LEFT, load_text(tmp_path, VALID).trackers) == "https://left.example acme/pay"


def test_several_pairs_may_share_trackers(tmp_path: Path) -> None:
    second = VALID[VALID.index("[[pairs]]") :].replace("payments", "ledger").replace("acme/pay", "acme/ledger")
    assert [pair.name for pair in load_text(tmp_path, VALID + second).pairs] == ["payments", "ledger"]


SPOILED = {
    "an unknown key at the top": ('stat = "x"\n' + VALID, 'syncer.toml:1: stat: unknown key: did you mean "state"?'),
    "an unknown kind": (
        VALID.replace('kind = "fake"', 'kind = "fakke"', 1),
        'syncer.toml:2: trackers.acme-left.kind: "fakke" is not installed; installed kinds: fake, other: '
        'did you mean "fake"?',
    ),
    "no kind": (
        VALID.replace('kind = "fake"\n', "", 1),
        "syncer.toml:1: trackers.acme-left.kind: is required; installed kinds: fake, other",
    ),
    "a misspelt key of a tracker": (
        VALID.replace("[trackers.right]", "[trackers.right]\nread-tires = 3"),
        'syncer.toml:6: trackers.right.read-tires: unknown key: did you mean "read-tries"?',
    ),
    "a snake-case key": (
        VALID + "sweep_every = '1h'\n",
        'syncer.toml:13: pairs[0].sweep_every: unknown key: did you mean "sweep-every"?',
    ),
    "a wrong type in a tracker": (
        VALID.replace("[trackers.right]", '[trackers.right]\nread-tries = "many"'),
        "syncer.toml:6: trackers.right.read-tries: should be a whole number",
    ),
    "a misspelt key of a scope": (
        VALID.replace('tracker = "right", repository', 'tracker = "right", filtr = "x", repository'),
        'syncer.toml:12: pairs[0].right.filtr: unknown key: did you mean "filter"?',
    ),
    "a missing key of a scope": (
        VALID.replace('tracker = "right", repository = "acme/pay"', 'tracker = "right"'),
        "syncer.toml:12: pairs[0].right.repository: is required",
    ),
    "an unknown tracker": (
        VALID.replace('tracker = "right"', 'tracker = "rihgt"'),
        'syncer.toml:12: pairs[0].right.tracker: there is no tracker "rihgt": did you mean "right"?',
    ),
    "no tracker": (
        VALID.replace('tracker = "right", ', ""),
        "syncer.toml:12: pairs[0].right.tracker: is required: one of acme-left, right",
    ),
    "a wrong policy": (
        VALID + '[pairs.fields.status]\non-conflict = "newst"\n',
        'syncer.toml:14: pairs[0].fields.status.on-conflict: "newst" is not one of newest, left, right, ask: '
        'did you mean "newest"?',
    ),
    "a wrong direction": (
        VALID + 'create = "left_to_right"\n',
        'syncer.toml:13: pairs[0].create: "left_to_right" is not one of both, left-to-right, right-to-left, off: '
        'did you mean "left-to-right"?',
    ),
    "a field that is none": (
        VALID + "[pairs.fields.statsu]\n",
        'syncer.toml:13: pairs[0].fields.statsu: "statsu" is not one of title, body, status, labels, components, '
        "assignees, priority, type, milestones, start, due, parent, blocked-by, relates, duplicates, clones: "
        'did you mean "status"?',
    ),
    "a published name that is none": (
        VALID + 'publish = ["title", "comment"]\n',
        'syncer.toml:13: pairs[0].publish[1]: "comment" is not one of title, body, status, labels, components, '
        "assignees, priority, type, milestones, start, due, parent, blocked-by, relates, duplicates, clones, comments, "
        'attachments, pull-requests, releases: did you mean "comments"?',
    ),
    "pull requests of which no side tells": (
        VALID + "pull-requests = true\n",
        "syncer.toml:13: pairs[0].pull-requests: neither side tells of pull requests: one does with code = true in"
        " [trackers.NAME] (acme-left and right)",
    ),
    "pull requests of a pair that writes nothing": (
        VALID + 'mode = "watch"\npull-requests = true\n',
        'syncer.toml:14: pairs[0].pull-requests: "payments" only watches (mode = "watch"): no task is shown anything',
    ),
    "pull requests for a side that cannot show them": (
        VALID.replace('"https://left.example"', '"https://left.example"\ncode = true') + "pull-requests = true\n",
        "syncer.toml:14: pairs[0].pull-requests: the other side has nowhere to show pull requests",
    ),
    "releases of which no side tells": (
        VALID + 'releases = "mark"\n',
        "syncer.toml:13: pairs[0].releases: neither side tells of releases: one does with code = true in"
        " [trackers.NAME] (acme-left and right)",
    ),
    "releases of a pair that writes nothing": (
        VALID + 'mode = "watch"\nreleases = "mark"\n',
        'syncer.toml:14: pairs[0].releases: "payments" only watches (mode = "watch"): no version is marked',
    ),
    "releases for a side that has no versions": (
        VALID.replace('"https://left.example"', '"https://left.example"\ncode = true') + 'releases = "mark"\n',
        "syncer.toml:14: pairs[0].releases: the other side has no versions to mark",
    ),
    "a short row": (
        VALID + '[pairs.fields.status]\nmap = [\n  ["a", "b"],\n  ["c"],\n]\n',
        "syncer.toml:16: pairs[0].fields.status.map[1]: a row is [left, right] or [left, right, label-on-the-right]",
    ),
    "a map where there is none": (
        VALID + '[pairs.fields.title]\nmap = [["a", "b"]]\n',
        "syncer.toml:14: pairs[0].fields.title.map: only status, priority, type have a map; title is carried as it is",
    ),
    "a map of a type where there is none": (
        VALID + '[pairs.fields.type]\nmap = [["a", "b"]]\ntypes.Bug.map = [["a", "b"]]\n',
        "syncer.toml:15: pairs[0].fields.type.types: only status and priority have maps of single types",
    ),
    "a short row of a type": (
        VALID + '[pairs.fields.status]\ntypes.Bug.map = [["a"]]\n',
        "syncer.toml:14: pairs[0].fields.status.types.Bug.map[0]: a row is [left, right]"
        " or [left, right, label-on-the-right]",
    ),
    "a field of the file among those that every pair has": (
        VALID + '[[pairs.custom]]\nname = "labels"\nleft = "Labels"\nright = { issue-field = "Labels" }\n',
        'syncer.toml:14: pairs[0].custom[0].name: "labels" is a field that every pair has; of those only status, start,'
        " due, priority can be declared",
    ),
    "a status in a field of a tracker whose projects have statuses of their own": (
        VALID + '[[pairs.custom]]\nname = "status"\nleft = "Stage"\n',
        "syncer.toml:15: pairs[0].custom[0].left: every scope of this tracker has statuses of its own: leave it out",
    ),
    "options of a project whose field is not declared": (
        VALID + '[pairs.fields.status]\nmap = [["To Do", "open + option:Todo"]]\n',
        "syncer.toml:14: pairs[0].fields.status.map: names options on the right: write [[pairs.custom]] with"
        ' name = "status" and their field',
    ),
    "options of a project for a priority": (
        VALID + '[pairs.fields.priority]\nmap = [["High", "label:high + option:High"]]\n',
        "syncer.toml:14: pairs[0].fields.priority.map: only a status has options of a project",
    ),
    "a declared field called like something else that is published": (
        VALID + '[[pairs.custom]]\nname = "Comments"\nleft = "Line"\nright = { issue-field = "Line" }\n',
        'syncer.toml:14: pairs[0].custom[0].name: "Comments" is a name that `publish` or a command has for another'
        " thing",
    ),
    "a declared field without a place": (
        VALID + '[[pairs.custom]]\nname = "points"\nright = { issue-field = "Effort" }\n',
        "syncer.toml:13: pairs[0].custom[0].left: is required: where the field is on this side",
    ),
    "a priority without a map": (
        VALID + "[pairs.fields.priority]\n",
        "syncer.toml:13: pairs[0].fields.priority: priority is carried only with a map",
    ),
    "a cron expression of four fields": (
        VALID + 'schedule = "*/5 * * *"\n',
        "syncer.toml:13: pairs[0].schedule: '*/5 * * *' is not a cron expression: five fields are needed, "
        "minute hour day month weekday",
    ),
    "a duration that is none": (
        VALID + 'sweep-every = "1 day"\n',
        'syncer.toml:13: pairs[0].sweep-every: write a duration like "90s", "30m", "24h" or "7d"',
    ),
    "a share over one": (
        VALID + "guard = { closes-share = 10 }\n",
        "syncer.toml:13: pairs[0].guard.closes-share: should be less than or equal to 1",
    ),
    "two pairs of one name": (
        VALID + VALID[VALID.index("[[pairs]]") :].replace("acme/pay", "acme/other"),
        'syncer.toml:14: pairs[1].name: "payments" is already the name of pairs[0]',
    ),
    "two pairs of the same scopes, turned round": (
        VALID
        + '[[pairs]]\nname = "again"\nleft = { tracker = "right", repository = "acme/pay" }\n'
        + 'right = { tracker = "acme-left", repository = "acme/pay" }\n',
        "syncer.toml:13: pairs[1]: the same two scopes as pairs[0] (payments)",
    ),
    "both sides the same": (
        VALID.replace('tracker = "right"', 'tracker = "acme-left"'),
        "syncer.toml:9: pairs[0]: left and right are the same scope",
    ),
    "an account of an unknown tracker": (
        VALID + '[[people]]\nname = "Li Wei"\naccounts = { rigt = "liwei" }\n',
        'syncer.toml:15: people[0].accounts.rigt: there is no tracker "rigt": did you mean "right"?',
    ),
    "an account of two people": (
        VALID
        + '[[people]]\nname = "Li Wei"\naccounts = { right = "liwei" }\n'
        + '[[people]]\nname = "李伟"\naccounts = { right = "LiWei" }\n',
        "syncer.toml:18: people[1].accounts.right: this account already belongs to people[0]",
    ),
    "a time zone that is none": (
        VALID + '[report]\ntimezone = "Peking"\n',
        'syncer.toml:14: report.timezone: "Peking" is not a time zone; write one like Europe/Berlin or Asia/Shanghai',
    ),
    "a post in a pair that is none": (
        VALID + '[[report.posts]]\nname = "client"\npair = "payment"\nside = "right"\n',
        'syncer.toml:15: report.posts[0].pair: there is no pair "payment": did you mean "payments"?',
    ),
    "two posts of one name": (
        VALID + '[[report.posts]]\nname = "client"\npair = "payments"\nside = "right"\n' * 2,
        'syncer.toml:18: report.posts[1].name: "client" is the name of another post',
    ),
    "the name of a pair with a blank": (
        VALID.replace('name = "payments"', 'name = "pay ments"'),
        'syncer.toml:10: pairs[0].name: "pay ments" has a blank or a sign that a name may not have; '
        "use letters, digits, . _ -",
    ),
    "a map written as a table": (
        VALID + '[pairs.fields.status]\nmap = { "To Do" = "open" }\n',
        "syncer.toml:14: pairs[0].fields.status.map: should be a list: "
        '[["To Do", "open"], ["Done", "closed:completed"]]',
    ),
    "attachments as a word": (
        VALID + 'attachments = "yes"\n',
        "syncer.toml:13: pairs[0].attachments: should be true, false, or a table such as { largest-mb = 20 }",
    ),
    "the filter by the name of its language": (
        VALID.replace('tracker = "right", repository', 'tracker = "right", jql = "x", repository'),
        'syncer.toml:12: pairs[0].right.jql: unknown key: did you mean "filter"?',
    ),
    "the recipients as in a mail": (
        VALID + '[report]\nto = ["lead@acme.example"]\n',
        'syncer.toml:14: report.to: unknown key: did you mean "recipients"?',
    ),
    "the mail inside the report": (
        VALID + '[report]\nmail = { host = "x" }\n',
        "syncer.toml:14: report.mail: unknown key: it is a table of its own, [mail]",
    ),
    "a recipient that is no address": (
        VALID + '[report]\nrecipients = [\n  "lead@acme.example",\n  "li wei@acme.example",\n]\n',
        'syncer.toml:16: report.recipients[1].address: "li wei@acme.example" has a blank in the address; '
        "write name@host, or Name <name@host>",
    ),
    "recipients that are no list": (
        VALID + '[report]\nrecipients = "lead@acme.example"\n',
        'syncer.toml:14: report.recipients: should be a list: ["lead@acme.example"]',
    ),
    "no pairs": (
        VALID[: VALID.index("[[pairs]]")],
        "syncer.toml: pairs: at least one [[pairs]] or [[routes]] table is needed",
    ),
}


@pytest.mark.parametrize(("text", "line"), SPOILED.values(), ids=SPOILED.keys())
def test_each_mistake_is_one_line_with_its_place_and_what_is_right(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, text) == [line]


@pytest.mark.parametrize("line", [line for _, line in SPOILED.values()])
def test_no_message_speaks_the_language_of_the_validator(line: str) -> None:
    assert not any(word in line for word in ("Value error", "valid tuple", "valid dictionary", "instance of", "^["))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("# nothing yet\n", "is empty"),
        ('{"trackers": {}}\n', "is JSON"),
        ("---\ntrackers:\n  jira:\n", "is YAML"),
        ("trackers:\n  jira:\n", "is YAML"),
    ],
)
def test_a_file_that_is_something_else_is_told_with_the_way_to_begin(
    tmp_path: Path, content: str, message: str
) -> None:
    [line] = problems(tmp_path, content)
    assert message in line
    assert "`syncer init` writes one" in line


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_text(tmp_path, "\ufeff" + VALID).pairs[0].name == "payments"


def test_a_folder_in_the_place_of_the_file_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is a folder: name the file in it"):
        locate(tmp_path, {}, tmp_path)


def test_the_file_alone_needs_no_secret(tmp_path: Path) -> None:
    from syncer.settings import load
    from tests.unit.settings.fakes import KINDS

    file = tmp_path / "syncer.toml"
    text = VALID.replace("[trackers.right]", '[trackers.right]\ntoken-file = "/run/secrets/right"')
    file.write_text(text, "utf-8")
    environment = {"HOME": str(tmp_path)}
    assert load(file, environment=environment, kinds=KINDS, alone=True).pairs[0].name == "payments"
    with pytest.raises(Misconfigured) as missing:
        load(file, environment=environment, kinds=KINDS)
    assert len(missing.value.problems) == 2
    file.write_text(text + "sweep = 1\n", "utf-8")
    with pytest.raises(Misconfigured, match="unknown key"):
        load(file, environment=environment, kinds=KINDS, alone=True)


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = 'stat = "x"\n' + VALID.replace('tracker = "right"', 'tracker = "rihgt"') + 'create = "no"\nsweep-every = 3\n'
    lines = problems(tmp_path, text, {**TOKENS, "SYNCER_INTERVALL": "5"})
    assert [line.split(":")[1] for line in lines if line.startswith("syncer.toml")] == ["1", "13", "14", "15"]
    assert sum(line.startswith("environment") for line in lines) == 1


def test_toml_that_is_none_is_told_with_line_and_column(tmp_path: Path) -> None:
    [line] = problems(tmp_path, "[trackers\n")
    assert line.startswith("syncer.toml:1: is not TOML:")
    assert "column" in line


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    from syncer.settings import load
    from tests.unit.settings.fakes import KINDS

    (tmp_path / "syncer.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="is not UTF-8 text"):
        load(tmp_path / "syncer.toml", environment={}, kinds=KINDS)


def test_the_file_is_found_by_option_variable_folder_and_home(tmp_path: Path) -> None:
    here, home = tmp_path / "here", tmp_path / "home" / "syncer"
    for folder in (here, home):
        folder.mkdir(parents=True)
        (folder / "syncer.toml").write_text("")
    named = tmp_path / "named.toml"
    named.write_text("")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    assert locate(named, environment, here) == named
    assert locate(None, {**environment, "SYNCER_CONFIG": str(named)}, here) == named
    assert locate(None, environment, here) == here / "syncer.toml"
    assert locate(None, environment, tmp_path) == home / "syncer.toml"
    with pytest.raises(Misconfigured, match="syncer init"):
        locate(tmp_path / "absent.toml", environment, here)


def test_the_state_is_chosen_by_option_variable_file_and_default(tmp_path: Path) -> None:
    written = 'state = "mine"\n' + VALID
    assert load_text(tmp_path, written).state == str(tmp_path / "mine")
    assert load_text(tmp_path, written, {**TOKENS, "SYNCER_STATE": "/srv/b"}).state == "/srv/b"
    assert load_text(tmp_path, written, {**TOKENS, "SYNCER_STATE": "/srv/b"}, state="/srv/a").state == "/srv/a"
    assert load_text(tmp_path, VALID, {**TOKENS, "XDG_STATE_HOME": "/srv/x"}).state == "/srv/x/syncer"
    assert load_text(tmp_path, VALID, state="postgresql://db/syncer").state == "postgresql://db/syncer"


def test_the_mode_of_report_files_is_written_as_people_write_modes(tmp_path: Path) -> None:
    assert load_text(tmp_path, VALID).report.file_mode == 0o600
    assert load_text(tmp_path, VALID + '[report]\nfile-mode = "0640"\n').report.file_mode == 0o640


@pytest.mark.parametrize("value", ["420", '"0777"', '"0622"', '"0400"', '"private"'])
def test_a_mode_that_would_let_others_write_or_keep_the_owner_out_is_a_mistake(tmp_path: Path, value: str) -> None:
    assert problems(tmp_path, VALID + f"[report]\nfile-mode = {value}\n") == [
        'syncer.toml:14: report.file-mode: write "0600", "0640" or "0644": who besides its owner can read a file'
    ]


def test_a_pair_that_watches_has_no_post(tmp_path: Path) -> None:
    watching = VALID + '\nmode = "watch"\n'
    assert load_text(tmp_path, watching).pairs[0].mode is Mode.WATCH
    name = load_text(tmp_path, VALID).pairs[0].name
    post = f'\n[[report.posts]]\nname = "client"\npair = "{name}"\nside = "right"\n'
    assert load_text(tmp_path, VALID + post).report.posts
    (told,) = problems(tmp_path, watching + post)
    assert "only watches" in str(told)


MISPLACED = {
    "may-link in a pair": ("may-link = true", "pairs[0].may-link: unknown key: it stands in [[routes]]"),
    "commands in notify": ("[notify]\ncommands = {}", "notify.commands: unknown key: it stands in [[pairs]]"),
    "recipients in a pair": ('recipients = ["a"]', "pairs[0].recipients: unknown key: it stands in [report]"),
    "quiet-hours in report": ("[report]\nquiet-hours = 1", "report.quiet-hours: unknown key: it stands in [notify]"),
    "a slip stays a slip": ("command = 3", 'pairs[0].command: unknown key: did you mean "commands"?'),
}


@pytest.mark.parametrize(("text", "line"), MISPLACED.values(), ids=MISPLACED.keys())
def test_a_key_in_a_wrong_table_is_told_with_the_one_it_belongs_to(tmp_path: Path, text: str, line: str) -> None:
    (told,) = problems(tmp_path, f"{VALID}{text}\n")
    assert told.endswith(line)


def test_what_a_mistake_hides_is_told_with_it(tmp_path: Path) -> None:
    wrong = (
        'sweep-every = "x"\nowner = "Nobody"\nshares-with = ["other"]\n[notify]\nchannels = ["none"]\non = ["rain"]\n'
    )
    told = [line.split(": ", 1)[1] for line in problems(tmp_path, VALID + wrong)]
    assert [line.split(": ")[0] for line in told] == [
        "pairs[0].sweep-every", "pairs[0].owner", "pairs[0].shares-with[0]", "notify.channels[0]", "notify.on[0]"
    ]  # fmt: skip


def test_a_mistake_is_told_once_and_what_follows_from_it_is_not(tmp_path: Path) -> None:
    assert len(problems(tmp_path, f"{VALID}[pairs.fields.priority]\nmap = 5\n")) == 1
    assert len(problems(tmp_path, f"{VALID}name = 5\n".replace('name = "payments"\n', ""))) == 1


def test_times_that_hold_while_webhooks_arrive_stand_in_the_place_of_a_schedule(tmp_path: Path) -> None:
    told = problems(tmp_path, VALID + '\nschedule-with-hooks = "0 * * * *"\n')
    assert ["schedule-with-hooks" in one and "the pair needs one" in one for one in told] == [True]
    [pair] = load_text(tmp_path, VALID + '\nschedule = "*/5 * * * *"\nschedule-with-hooks = "0 * * * *"\n').pairs
    assert pair.schedule_with_hooks == "0 * * * *"
