"""``python -m davit_operator``: run the operator until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import sys

from kubernetes.aio.config import ConfigException

from davit_operator.effects.connect import connected
from davit_operator.effects.errors import ApiError, Unreachable
from davit_operator.handlers.replica import Replica
from davit_operator.handlers.server_check import UnfitServerError
from davit_operator.settings import Settings, SettingsError, settings_from


async def _run(settings: Settings) -> None:
    async with connected() as connection:
        await Replica(settings, connection).run()


def main() -> int:
    """Run; return the exit code. What a user can mend is one sentence, not a traceback."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
    # At DEBUG kopf prints whole objects; at INFO it says that every handler succeeded.
    logging.getLogger("kopf").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    try:
        asyncio.run(_run(settings_from()))
    except (SettingsError, UnfitServerError, ConfigException, ApiError, Unreachable) as error:
        sys.stderr.write(f"davit-operator cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
