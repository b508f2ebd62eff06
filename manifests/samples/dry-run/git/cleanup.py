"""A job that can be tried without effect: its DryRunVar is named dryrun, and on by default."""

from davit import DryRunVar, IntegerVar, Job, register_jobs

name = "Housekeeping"

AGES = {"backup-1": 400, "backup-2": 120, "backup-3": 7}


class DeleteOld(Job):
    """Deletes what is older than a number of days."""

    class Meta:
        name = "Delete old backups"
        dryrun_default = True
        is_singleton = True

    dryrun = DryRunVar()
    older_than_days = IntegerVar(min_value=1)

    def run(self, *, dryrun, older_than_days):
        old = [backup for backup, age in AGES.items() if age > older_than_days]
        for backup in old:
            if dryrun:
                self.logger.info("Would delete", extra={"object": backup})
            else:
                self.logger.success("Deleted", extra={"object": backup})
        return {"deleted": [] if dryrun else old, "found": old}


register_jobs(DeleteOld)
