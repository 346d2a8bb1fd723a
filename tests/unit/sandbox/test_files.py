"""Pictures and files in both trackers of the sandbox, as the real ones hand them out."""

from __future__ import annotations

import re
from typing import Literal

import pytest
import requests

from syncer.sandbox.github.pages import upload
from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World
from tests.unit.sandbox.jira_world import served

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_a_picture_of_a_public_repository_is_found_through_a_signed_address(world: World) -> None:
    address = upload(world.box.github, PUBLIC, "receipt.png", PICTURE)
    first = world.call("GET", address, user=None)
    assert first.status_code == 302
    assert "X-Amz-Signature=" in first.headers["location"]
    assert world.call("GET", first.headers["location"], user=None).content == PICTURE
    world.wait(301)
    assert world.call("GET", first.headers["location"], user=None).status_code == 403


def test_a_picture_of_a_private_repository_opens_only_at_the_address_in_the_html(world: World) -> None:
    address = upload(world.box.github, PRIVATE, "receipt.png", PICTURE)
    assert world.call("GET", address).status_code == 404
    world.json("POST", f"/repos/{PRIVATE}/issues", {"title": "A", "body": f"![x]({address})"})
    world.json("POST", f"/repos/{PRIVATE}/issues/1/comments", {"body": f"![y]({address})"})
    full = {"Accept": "application/vnd.github.full+json"}
    issue = world.call("GET", f"/repos/{PRIVATE}/issues/1", headers=full).json()
    comments = world.json("GET", f"/repos/{PRIVATE}/issues/1/comments")
    comment = world.call("GET", comments[0]["url"], headers=full).json()
    assert "body_html" not in comments[0]
    for shown in (issue, comment):
        (signed,) = re.findall(r'src="([^"]+)"', shown["body_html"])
        assert world.call("GET", signed, user=None).content == PICTURE
    world.wait(301)
    assert world.call("GET", signed, user=None).status_code == 403


def test_a_file_of_a_private_repository_opens_for_no_token(world: World) -> None:
    address = upload(world.box.github, PRIVATE, "plan 1.pdf", b"%PDF-1.7", "application/pdf")
    assert address.endswith("/plan%201.pdf")
    assert world.call("GET", address).status_code == 404


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_an_attachment_opens_by_its_page_and_on_cloud_through_the_media_service(
    deployment: Literal["cloud", "datacenter"],
) -> None:
    with served(deployment) as world, world.session() as session:
        key = world.create()
        answer = session.post(
            f"{world.api}/issue/{key}/attachments",
            files={"file": ("shot.png", PICTURE, "image/png")},
            headers={"X-Atlassian-Token": "no-check"},
        )
        (attachment,) = answer.json()
        page = f"{world.box.jira_url}/secure/attachment/{attachment['id']}/shot.png"
        assert session.get(page).content == PICTURE
        shown = session.get(attachment["content"], allow_redirects=False)
        assert shown.status_code == (303 if deployment == "cloud" else 200)
        if deployment == "cloud":
            assert requests.get(shown.headers["location"], timeout=10).content == PICTURE
            assert session.get(attachment["content"], params={"redirect": "false"}).content == PICTURE


def test_cloud_shows_only_files_of_the_issue() -> None:
    with served("cloud") as world, world.session() as session:
        key, other = world.create(), world.create()
        attachment = session.post(
            f"{world.api}/issue/{other}/attachments",
            files={"file": ("shot.png", PICTURE, "image/png")},
            headers={"X-Atlassian-Token": "no-check"},
        ).json()[0]
        location = session.get(attachment["content"], allow_redirects=False).headers["location"]
        media = location.split("/file/")[1].split("/")[0]
        node = {"type": "media", "attrs": {"type": "file", "id": media, "collection": ""}}
        single = {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [node]}
        body = {"fields": {"description": {"version": 1, "type": "doc", "content": [single]}}}
        refused = session.put(f"{world.api}/issue/{key}", json=body)
        assert refused.json()["errors"] == {"description": "ATTACHMENT_VALIDATION_ERROR"}
        assert session.put(f"{world.api}/issue/{other}", json=body).ok


def test_a_file_can_be_made_to_lead_elsewhere(world: World) -> None:
    address = upload(world.box.github, PUBLIC, "receipt.png", PICTURE, leads_to="http://169.254.169.254/latest/")
    assert world.call("GET", address, user=None).headers["location"] == "http://169.254.169.254/latest/"
