"""Routes of users and of the host."""

from __future__ import annotations

from syncer.sandbox.github.api.http import Answer, Call
from syncer.sandbox.github.limits import Standing
from syncer.sandbox.github.problems import Problem, not_found
from syncer.sandbox.github.rendering import own_account_json, public_account_json


def read_self(call: Call) -> Answer:
    """Answer the caller's own profile; an installation has none."""
    account = call.caller.required_account()
    if account.kind == "Bot":
        raise Problem(403, "Resource not accessible by integration")
    return Answer(200, own_account_json(call.github, account))


def read_user(call: Call) -> Answer:
    """Answer someone's public profile."""
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None:
        raise not_found()
    return Answer(200, public_account_json(call.github, account))


def read_user_by_id(call: Call) -> Answer:
    """Answer the public profile of the account with a numeric id, whatever its login is now."""
    wanted = call.params["account_id"]
    account = next((each for each in call.github.accounts.values() if each.id == wanted), None)
    if account is None:
        raise not_found()
    return Answer(200, public_account_json(call.github, account))


def rate_limit(call: Call) -> Answer:
    """Answer how the caller stands against the primary limit; asking is free. 404 when there is no limit."""
    now = call.github.clock.now()
    standing = call.github.limits.standing(call.caller.counted_as, now)
    if standing is None:
        raise Problem(404, "Rate limiting is not enabled.")
    core = standing.as_json()
    search = Standing(30, 0, standing.reset).as_json()
    return Answer(200, {"resources": {"core": core, "search": search, "graphql": core}, "rate": core})


def meta(call: Call) -> Answer:
    """Answer what is known about the host; an Enterprise Server tells which version it is."""
    installed = call.github.behaviour.enterprise_version
    return Answer(
        200, {"verifiable_password_authentication": False, **({"installed_version": installed} if installed else {})}
    )


def versions(call: Call) -> Answer:
    """Answer the versions of the interface that are served."""
    return Answer(200, list(call.github.behaviour.api_versions))
