"""The configuration of the demonstration, as a person would write it: a TOML file, and tokens in private files."""

from __future__ import annotations

from pathlib import Path

from syncer.demo.people import token_of
from syncer.demo.stage import EPIC_LINK, FLAGGED, START_DATE
from syncer.demo.story import BOT, CAST, PAIR, PROJECT, REPOSITORY, TIME_ZONE
from syncer.sandbox import Sandbox

FILE_NAME = "syncer.toml"

_TEMPLATE = """\
# Written by `syncer demo`. The two trackers it names ran on this machine only and have stopped;
# commands that read the state still work: syncer conflicts, syncer explain, syncer report.
state = "state"

[trackers.jira]
kind = "jira"
url = "{jira_url}"
allow-http = true                 # it ran on the loopback interface
deployment = "{deployment}"
{jira_user}token-file = "secrets/jira-token"
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

{people}
[[pairs]]
name = "{pair}"
left = {{ tracker = "jira", project = "{project}", transition-fields = {{ Done = {{ resolution = "Done" }} }} }}
right = {{ tracker = "github", repository = "{repository}" }}
schedule = "*/5 * * * *"
attachments = true                # pictures that texts on GitHub refer to are shown in Jira

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

[report]
timezone = "{time_zone}"
responsibilities = "responsibilities.toml"
"""

RESPONSIBILITIES = "responsibilities.toml"

_AGREED = """\
# Who is responsible for what, as the people of the story agreed it: see with `syncer responsibilities`.
# Nobody is written down for the checkout, and Hannah has not agreed yet: both are told as gaps.

[[people]]
name = "Lin Mei 林梅"
wip-limit = 3

[[people]]
name = "Li Wei 李伟"
wip-limit = 2

[[people]]
name = "Chen Jing 陈静"
wip-limit = 3
leaves = [{ from = 2025-11-25, to = 2025-11-27 }]

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
agreed-at = 2025-10-05

[[responsibilities]]
scope = "project"
person = "Sofia Marin"
raci = "CI"
role = "client"
duties = ["accepts what is delivered"]
authority = ["accept"]
agreed-by = ["Grace Turner", "Sofia Marin"]
agreed-at = 2025-10-05

[[responsibilities]]
scope = "component: ledger"
person = "Li Wei 李伟"
raci = "AR"
duties = ["keeps the ledger correct"]
agreed-by = ["Li Wei 李伟", "Grace Turner"]
agreed-at = 2025-10-05

[[responsibilities]]
scope = "component: checkout"
person = "Hannah Price"
raci = "R"
"""


def write_configuration(box: Sandbox, directory: Path) -> Path:
    """Writes configuration and tokens; the path of the configuration. Raises OSError."""
    secrets = directory / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for tracker in ("jira", "github"):
        file = secrets / f"{tracker}-token"
        file.touch(mode=0o600)
        file.write_text(token_of(BOT, tracker) + "\n", encoding="utf-8")
    (directory / RESPONSIBILITIES).write_text(_AGREED, encoding="utf-8")
    cloud = box.jira.is_cloud
    path = directory / FILE_NAME
    path.write_text(
        _TEMPLATE.format(
            jira_url=box.jira_url,
            github_url=box.github_url,
            deployment="cloud" if cloud else "datacenter",
            jira_user=f'user = "{BOT.jira}@acme.example"\n' if cloud else "",
            epic_link="" if cloud else f'epic-link = "{EPIC_LINK}"\n',
            start_date=START_DATE,
            flagged=FLAGGED,
            people=_people(),
            pair=PAIR,
            project=PROJECT,
            repository=REPOSITORY,
            time_zone=TIME_ZONE,
        ),
        encoding="utf-8",
    )
    return path


def _people() -> str:
    tables = []
    for member in CAST:
        accounts = {"jira": member.jira, "github": member.github}
        pairs = ", ".join(f'{tracker} = "{account}"' for tracker, account in accounts.items() if account)
        tables.append(f'[[people]]\nname = "{member.name}"\naccounts = {{ {pairs} }}\n')
    return "\n".join(tables)
