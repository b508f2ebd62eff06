"""An audit: looks at everything, says all that is wrong, leaves a file, and fails at the end."""

from davit import Job, register_jobs

name = "Reports"


class AuditNames(Job):
    """Checks the names of devices."""

    class Meta:
        name = "Audit device names"
        description = "Every name must begin with the name of its site."
        read_only = True

    def run(self):
        devices = self.load_json("inventory.json")
        wrong = []
        for number, device in enumerate(devices, start=1):
            if device["name"].startswith(f"{device['site']}-"):
                self.logger.success("Named after its site", extra={"object": device["name"]})
            else:
                wrong.append(device["name"])
                self.logger.failure("Begins wrongly", extra={"object": device["name"]})
            self.progress(number, len(devices))
        self.create_file("wrong.txt", "".join(f"{each}\n" for each in wrong))
        if wrong:
            self.fail("%d of %d names are wrong", len(wrong), len(devices))
        return {"checked": len(devices), "wrong": wrong}


register_jobs(AuditNames)
