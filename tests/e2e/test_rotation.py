"""Keys and credentials change in the middle of traffic on the running system, and no job fails.

A sender sends a file every half second while the change is made from both sides, in either order.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import asyncssh
import pytest

from fileferry.model.job import JobStatus
from local.api import ApiRefused
from local.demo.keys import login_key, public_file
from local.demo.sending import login
from local.sftp_client import Login, Upload, UploadFailed, upload_by_openssh
from tests.trials import SENDER, TENANT, Trials, unique
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner, sftp_partner
from tests.waiting import until

TENANT_PATH = f"/v1/tenants/{TENANT}"
NEW_PASSWORD = "another-Passw0rd"


class Traffic:
    """Files that are sent one after the other to `folder/`; `sender` may change in between."""

    def __init__(self, trials: Trials, folder: str, sender: Login) -> None:
        self._trials = trials
        self._folder = folder
        self.sender = sender
        self.sent: list[str] = []
        self.refused: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for number in itertools.count():
            if self._over.wait(0.5):
                return
            path = f"{self._folder}/{unique('file.csv')}"
            local = self._trials.system.workspace.samples / "rotation" / path
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_text(f"content {number}\n")
            try:
                upload_by_openssh(self.sender, [Upload(local, path)])
            except UploadFailed as error:
                self.refused.append(str(error))
            else:
                self.sent.append(path)

    @contextmanager
    def running(self) -> Iterator[Traffic]:
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join()

    def more(self, files: int = 2) -> None:
        """Wait until so many files more were sent."""
        goal = len(self.sent) + files
        until(lambda: len(self.sent) >= goal, 60, f"no {files} files more were sent: {self.refused}")

    def settled(self) -> None:
        """Wait until every file that was sent is delivered: whatever was under way has met the credential."""
        for path in list(self.sent):
            job = self._trials.ended(path)
            assert job.status is JobStatus.SUCCEEDED, self._trials.run(job)


def _tried(partner: SftpPartner, since: int, login_tried: str) -> bool:
    return login_tried in partner.logins[since:]


@pytest.fixture
def partner(trials: Trials, tmp_path: Path) -> Iterator[SftpPartner]:
    """A partner whose credential the API keeps, as the destination of the route `rotating`."""
    with sftp_partner(tmp_path) as server:
        target = {name: value for name, value in server.target("").items() if name != "secret"}
        trials.write_destination("rotating", target)
        trials.api.call("PUT", f"{TENANT_PATH}/destinations/rotating/credential", {"password": PASSWORD})
        trials.write_route("rotating", "rotating")
        yield server


def test_a_destinations_credential_changes_whoever_changes_first(trials: Trials, partner: SftpPartner) -> None:
    credential = f"{TENANT_PATH}/destinations/rotating/credential"

    def met(*logins: str) -> None:
        """Wait until deliveries under way have tried these logins, one after the other, since now."""
        before = len(partner.logins)
        for login_tried in logins:
            until(partial(_tried, partner, before, login_tried), 90, f"no {login_tried}: {partner.logins}")

    with Traffic(trials, "rotating", trials.login()).running() as traffic:
        met("password taken")
        trials.api.call("PUT", credential, {"password": NEW_PASSWORD})  # we first
        met("password refused", "password taken")
        partner.passwords = {NEW_PASSWORD}
        met("password taken")
        made = trials.api.call("POST", f"{credential}/keys")
        partner.public_keys = [made["credential"]["pending"]["public_key"]]
        partner.passwords = set()  # the partner first
        met("password refused", "key taken")
        trials.api.call("POST", f"{credential}/activate")
        met("key taken")
    traffic.settled()
    assert traffic.refused == []
    assert {path.name for path in partner.folder.iterdir()} == {path.rpartition("/")[2] for path in traffic.sent}
    report = trials.api.call("POST", f"{TENANT_PATH}/destinations/rotating/test")
    assert report["ok"], report
    everything = trials.everything_about(trials.ended(traffic.sent[0])) + str(report)
    assert PASSWORD not in everything and NEW_PASSWORD not in everything


def test_a_users_keys_overlap_and_no_login_is_refused(trials: Trials) -> None:
    user = f"{TENANT_PATH}/users/{SENDER}"
    old = login(trials.system.workspace, trials.stack, SENDER)
    second = login_key(trials.system.workspace.keys, f"{SENDER}-second")
    new = replace(old, key=second)
    keys = [
        {"label": label, "key": public_file(file).read_text().strip()}
        for label, file in (("old", old.key), ("new", second))
    ]
    write: Callable[..., object] = lambda *which: trials.api.call("PUT", user, {"public_keys": list(which)})  # noqa: E731
    try:
        with Traffic(trials, "plain", old).running() as traffic:
            traffic.more()
            write(*keys)
            traffic.more()
            traffic.sender = new
            traffic.more()
            write(keys[1])
            traffic.more()
            assert traffic.refused == []
            traffic.sender = old
            until(lambda: bool(traffic.refused), 60, "the key that was taken away still opens a session")
    finally:
        write(keys[0])
    traffic.settled()


def test_destinations_of_each_kind_are_tried_with_the_functions_own_rights(trials: Trials) -> None:
    for name in ("partner-sftp", "partner-bucket", "partner-https"):
        report = trials.api.call("POST", f"/v1/tenants/acme/destinations/{name}/test")
        assert report["ok"], report
    assert trials.api.call("POST", f"{TENANT_PATH}/destinations/inbox/test")["host_key"]["pinned"]
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    target = {name: value for name, value in trials.inbox.target("").items() if name != "secret"}
    trials.write_destination("stranger", {**target, "host_keys": [stranger]})
    trials.api.call("PUT", f"{TENANT_PATH}/destinations/stranger/credential", {"password": PASSWORD})
    report = trials.api.call("POST", f"{TENANT_PATH}/destinations/stranger/test")
    assert [step["step"] for step in report["steps"] if step["status"] == "failed"] == ["host_key"]
    assert report["host_key"]["key"] == trials.inbox.host_key


def test_a_draft_is_tried_on_past_files_and_then_takes_new_ones(trials: Trials) -> None:
    trials.write_route("drafted")
    path = f"drafted/{unique('past.csv')}"
    trials.send({path: b"past\n"})
    past = trials.ended(path)
    route = f"{TENANT_PATH}/routes/drafted"
    spec = {"match": {"glob": "drafted/*.xml"}, "deliver": {"destinations": ["inbox"]}, "comment": "xml only"}
    draft = trials.api.call("POST", f"{route}/revisions", spec)
    tried = trials.api.call("POST", f"{route}/dry-run", {"revision": draft["revision"], "job_ids": [past.job_id]})
    (file,) = tried["files"]
    assert (file["matches"], file["takes_now"]["route"], file["taken_by"]) == (False, "drafted", None)
    trials.api.call("POST", f"{route}/revisions/{draft['revision']}/activate")
    states = {item["revision"]: item["state"] for item in trials.api.items(f"{route}/revisions")}
    assert states[draft["revision"]] == "active"
    with pytest.raises(ApiRefused, match="changed since"):
        trials.api.call("POST", f"{route}/revisions/1/activate", headers={"if-match": '"old"'})
