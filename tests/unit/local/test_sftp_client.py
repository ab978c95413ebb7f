"""Batches for OpenSSH's sftp."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.sftp_client import Upload, UploadFailed, batch, quoted


def test_folders_are_made_once_and_before_their_files() -> None:
    uploads = [Upload(Path("/t/a"), "x/y/a"), Upload(Path("/t/b"), "x/b"), Upload(Path("/t/c"), "c")]
    assert batch(uploads).splitlines() == [
        '-mkdir "x"',
        '-mkdir "x/y"',
        'put "/t/a" "x/y/a"',
        'put "/t/b" "x/b"',
        'put "/t/c" "c"',
    ]


def test_quotes_and_backslashes_stay_part_of_the_name() -> None:
    assert quoted('a "b" \\ %41 ü.csv') == '"a \\"b\\" \\\\ %41 ü.csv"'


def test_a_name_that_a_batch_cannot_express_is_refused() -> None:
    with pytest.raises(UploadFailed, match="line break"):
        quoted("a\nrm *")
