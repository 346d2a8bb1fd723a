"""The configuration of the demonstration, as a person would write it: a TOML file, and tokens in private files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from syncer.demo.people import token_of
from syncer.demo.planning import BOARD, POINTS_ID, RISK, SPRINT_ID, has_boards
from syncer.demo.seed import EPIC_LINK, FLAGGED, START_DATE
from syncer.demo.stage import Stage
from syncer.demo.story import BOT, CAST, PAIR, PROJECT, REPOSITORY, TIME_ZONE, YEAR
from syncer.publish.files import make_folder, write_file
from syncer.sandbox import Sandbox

FILE_NAME = "syncer.toml"

STOPPED = """\
# Written by `syncer demo`. The two trackers it names ran on this machine only and have stopped;
# commands that read the state still work: syncer conflicts --all, syncer explain, syncer report.
"""
RUNNING = """\
# Written by `syncer sandbox`. The two trackers it names run on this machine, until that command ends.
"""

_TEMPLATE = """\
state = "state"

[trackers.jira]
kind = "jira"
url = "{jira_url}"
allow-http = true                 # they are on the loopback interface
deployment = "{deployment}"
{jira_user}{gateway}token-file = "secrets/jira-token"
start-date = "{start_date}"
flagged = "{flagged}"
{epic_link}
[trackers.github]
kind = "github"
url = "{github_url}"
token-file = "secrets/github-token"
creates-per-minute = 0            # GitHub's own limits are off: this is a sandbox
creates-per-hour = 0
writes-per-second = 0
code = true                       # pull requests and releases are read for the report

{people}
[[pairs]]
name = "{pair}"
left = {{ tracker = "jira", project = "{project}", transition-fields = {{ Done = {{ resolution = "Done" }} }} }}
right = {{ tracker = "github", repository = "{repository}" }}
schedule = "*/5 * * * *"
attachments = true                # pictures that texts on GitHub refer to are shown in Jira
pull-requests = true              # an issue in Jira links to the pull requests of its partner

[pairs.fields.status]
map = [
  ["To Do", "open"],
  ["In Progress", "open", "status: in progress"],
  ["In Review", "open", "status: in review"],
  ["Done", "closed:completed"],
  ["Won't Do", "closed:not_planned"],
]

[pairs.fields.priority]
map = [
  ["Highest", "label:priority: highest"],
  ["High", "label:priority: high"],
  ["Medium", "label:priority: medium"],
  ["Low", "label:priority: low"],
]

[pairs.fields.type]
map = [["Epic", "label:epic"], ["Story", "label:story"], ["Task", "label:task"], ["Bug", "label:bug"]]

{custom}[report]
timezone = "{time_zone}"
responsibilities = "responsibilities.toml"
"""

_CUSTOM = """\
[[pairs.custom]]                  # fields of the teams' own: in Jira, and on a board of GitHub
name = "story points"
left = "{points}"
right = {{ project = {board}, field = "Estimate", add = true }}
means = "points"

[[pairs.custom]]
name = "sprint"
left = "{sprint}"
right = {{ project = {board}, field = "Sprint", add = true }}
means = "sprint"

[[pairs.custom]]
name = "risk"
left = "{risk}"
right = {{ project = {board}, field = "{risk}", add = true }}

[[pairs.custom]]
name = "due"                      # GitHub has none of its own
right = {{ project = {board}, field = "Target", add = true }}

"""

RESPONSIBILITIES = "responsibilities.toml"

_AGREED = """\
# Who is responsible for what, as the people of the story agreed it: see with `syncer responsibilities`.
# Nobody is written down for the checkout: who answers for the project does. Hannah has not agreed yet: that is a gap.

[[people]]
name = "Lin Mei 林梅"
wip-limit = 3

[[people]]
name = "Li Wei 李伟"
wip-limit = 2

[[people]]
name = "Chen Jing 陈静"
wip-limit = 3
leaves = [{{ from = {away_from}, to = {away_to} }}]

[[people]]
name = "Hannah Price"
wip-limit = 3

[[people]]
name = "Sofia Marin"
party = "client"

[[responsibilities]]
scope = "project"
person = "Grace Turner"
raci = "A"
role = "project-manager"
duties = ["plans each week with the bank"]
authority = ["decide_scope", "decide_date", "assign", "close"]
agreed-by = ["Grace Turner", "Sofia Marin"]
agreed-at = {agreed}

[[responsibilities]]
scope = "project"
person = "Sofia Marin"
raci = "CI"
role = "client"
duties = ["accepts what is delivered"]
authority = ["accept"]
agreed-by = ["Grace Turner", "Sofia Marin"]
agreed-at = {agreed}

[[responsibilities]]
scope = "component: ledger"
person = "Li Wei 李伟"
raci = "AR"
duties = ["keeps the ledger correct"]
agreed-by = ["Li Wei 李伟", "Grace Turner"]
agreed-at = {agreed}

[[responsibilities]]
scope = "component: checkout"
person = "Hannah Price"
raci = "R"
"""


_AGREED_ON, _AWAY = date(YEAR, 10, 5), (date(YEAR, 11, 25), date(YEAR, 11, 27))


def write_configuration(box: Sandbox, directory: Path, told: str = STOPPED, later: timedelta = timedelta()) -> Path:
    """Writes configuration and tokens; the path of the configuration. Raises OSError.

    `told` are its first lines, `later` is that of the stage. All of it can be read by its owner alone.
    """
    stage = Stage(box, later)
    secrets = directory / "secrets"
    make_folder(secrets)
    for tracker in ("jira", "github"):
        write_file(secrets / f"{tracker}-token", token_of(BOT, tracker) + "\n")
    away_from, away_to = map(stage.day, _AWAY)
    agreed = _AGREED.format(agreed=stage.day(_AGREED_ON), away_from=away_from, away_to=away_to)
    write_file(directory / RESPONSIBILITIES, agreed)
    return write_file(directory / FILE_NAME, told + _configuration(box))


def _configuration(box: Sandbox) -> str:
    cloud = box.jira.is_cloud
    return _TEMPLATE.format(
        jira_url=box.jira_url,
        github_url=box.github_url,
        deployment="cloud" if cloud else "datacenter",
        jira_user=f'user = "{BOT.jira}@acme.example"\n' if cloud else "",
        gateway=f'api-url = "{box.gateway_url}"\n' if box.behind_gateway else "",
        epic_link="" if cloud else f'epic-link = "{EPIC_LINK}"\n',
        start_date=START_DATE,
        flagged=FLAGGED,
        people=_people(),
        pair=PAIR,
        project=PROJECT,
        repository=REPOSITORY,
        time_zone=TIME_ZONE,
        custom=_CUSTOM.format(board=BOARD, points=POINTS_ID, sprint=SPRINT_ID, risk=RISK) if has_boards(box) else "",
    )


def _people() -> str:
    tables = []
    for member in CAST:
        accounts = {"jira": member.jira, "github": member.github}
        pairs = ", ".join(f'{tracker} = "{account}"' for tracker, account in accounts.items() if account)
        tables.append(f'[[people]]\nname = "{member.name}"\naccounts = {{ {pairs} }}\n')
    return "\n".join(tables)
