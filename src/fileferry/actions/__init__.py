"""What people and machines do to jobs: cancel, retry, redrive, replay, release, reject; one or many at once."""
