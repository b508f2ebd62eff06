"""Commands and options that an attacker would write where a JobRepository names things.

Those that hold a command would leave the file ``marker`` behind if anything ran it.
"""

from __future__ import annotations

LONG = "a" * 10 * 1024


def commands(marker: str) -> tuple[str, ...]:
    """Return a command in the forms in which one slips into a shell, or past it."""
    touch = f"touch {marker}"
    return (
        touch,
        f"$({touch})",
        f"`{touch}`",
        f";{touch};",
        f"|{touch}",
        f"&&{touch}&&",
        f"x\n{touch}\n",
        f"';{touch};'",
        f'";{touch};"',
        touch.replace(" ", "${IFS}"),
        touch.replace(" ", "%20"),
        f"$(touch${{IFS}}{marker})",
    )


def options(marker: str) -> tuple[str, ...]:
    """Return options of git and ssh that would run a command."""
    return (
        f"--upload-pack=touch {marker}",
        f"--upload-pack=touch${{IFS}}{marker}",
        f"--receive-pack=touch {marker}",
        f"-u touch {marker}",
        f"--exec=touch {marker}",
        f"-ccore.sshCommand=touch {marker}",
        f"--config=core.pager=touch {marker}",
        f"--template={marker}",
        f"--output={marker}",
        f"-oProxyCommand=touch {marker}",
        f"-oProxyCommand=touch${{IFS}}{marker}",
        f"-oPermitLocalCommand=yes -oLocalCommand=touch {marker}",
        f"-F{marker}",
        "--help",
        "-",
        "--",
    )
