"""A credential changes between deliver and confirm."""

from __future__ import annotations

from tests.unit.tasks.confirm.conftest import ConfirmStep
from tests.unit.tasks.deliver.sftp_partner import SftpPartner

NEW = "another-Passw0rd"


def test_the_file_is_read_back_with_the_version_that_the_partner_takes(step: ConfirmStep, bank: SftpPartner) -> None:
    step.delivered()
    step.world.put_secret("bank", password=NEW)
    assert step()["confirmed"]["bank"]["sha256"]
    bank.passwords = {NEW}
    step.delivered()
    assert step("token-2")["confirmed"]["bank"]["sha256"]
    assert bank.logins.count("password refused") == 1
