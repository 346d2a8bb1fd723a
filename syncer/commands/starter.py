"""The first configuration of a user: few keys, each with the reason it is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class InitAnswers:
    """What `syncer init` has to know."""

    jira_url: str
    deployment: str
    """`cloud` or `datacenter`."""
    jira_user: str
    """E-mail address of the account behind the token; only Jira Cloud needs it."""
    project: str
    repository: str
    github_url: str = ""
    """Of the REST interface of an Enterprise Server; empty for github.com."""
    name: str = ""
    """Of the pair; empty takes the project's key."""

    @property
    def pair(self) -> str:
        """The name of the pair."""
        return self.name or self.project.lower()


def deployment_of(url: str) -> str:
    """The deployment that a Jira address suggests."""
    host = urlsplit(url).hostname or ""
    return "cloud" if host.endswith((".atlassian.net", ".jira.com")) else "datacenter"


def variables(answers: InitAnswers) -> tuple[tuple[str, str], ...]:
    """The variables that hold the secrets, each with what to put there."""
    jira = "an API token of that account" if answers.deployment == "cloud" else "a personal access token"
    return (
        ("SYNCER_TRACKERS__JIRA__TOKEN", jira),
        (
            "SYNCER_TRACKERS__GITHUB__TOKEN",
            "a fine-grained token: Issues read and write, Metadata read, this repository only",
        ),
    )


def starter(answers: InitAnswers) -> str:
    """An annotated configuration without secrets."""
    secrets = "\n".join(f"#   {name}  {meaning}" for name, meaning in variables(answers))
    jira = [f"url = {_quoted(answers.jira_url)}", f"deployment = {_quoted(answers.deployment)}"]
    if answers.jira_user:
        jira.append(f"user = {_quoted(answers.jira_user)}")
    if urlsplit(answers.jira_url).scheme == "http":
        jira.append("allow-http = true                # only for loopback and private networks")
    github = f"url = {_quoted(answers.github_url)}\n" if answers.github_url else ""
    return f"""\
# Configuration of syncer. Every key: config/syncer.toml in its repository. After each change: syncer check
# No secret belongs in here. Set these variables, or use `token-file` with a file that only you can read:
{secrets}

[trackers.jira]
kind = "jira"
{chr(10).join(jira)}

[trackers.github]
kind = "github"
{github}
[[pairs]]
name = {_quoted(answers.pair)}
left = {{ tracker = "jira", project = {_quoted(answers.project)} }}
right = {{ tracker = "github", repository = {_quoted(answers.repository)} }}

# What may go from the narrower to the wider audience, for example from a private project to a public repository.
# Empty: nothing does. `syncer check` says which side is wider.
publish = []

# Which way new tasks are created: both, left-to-right, right-to-left, off.
create = "both"

# When `syncer daemon` runs this pair. Not needed when cron calls `syncer sync`.
schedule = "*/5 * * * *"

# A status on the left, its counterpart on the right, and a label there that keeps several apart.
# The first row that fits is taken. `syncer check` lists the statuses that no row names.
[pairs.fields.status]
map = [
  ["To Do", "open"],
  ["In Progress", "open", "status: in progress"],
  ["Done", "closed:completed"],
  ["Won't Do", "closed:not_planned"],
]

# One table for each person, so that assignments are carried. Jira Cloud wants the accountId, Data Center the user name.
# [[people]]
# name = "Li Wei"
# accounts = {{ jira = "5b10a2844c20165700ede21g", github = "liwei" }}
"""


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
