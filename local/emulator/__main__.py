"""The emulator's own process: `python -m local.emulator`, settings from FERRY_HOME, FERRY_PORT, FERRY_SFTP_PORT,
FERRY_REGION.
"""

import os

from .process import EmulatorSettings


def main() -> None:
    """Set MiniStack's environment, which it reads at import; close its gaps; serve until SIGTERM."""
    settings = EmulatorSettings.from_environment(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # the caller's real credentials and endpoint are none of the emulator's business
    os.environ.update(settings.ministack_environment())

    from . import gaps

    gaps.close_all(settings)

    from ministack import app

    app.main()


if __name__ == "__main__":
    main()
