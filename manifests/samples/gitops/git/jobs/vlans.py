"""Two jobs on the VLANs that switches should have, and have."""

from davit import Job, register_jobs

name = "Network"

WANTED = {"switch1": {10, 20}, "switch2": {10}}
FOUND = {"switch1": {10}, "switch2": {10, 30}}


class SyncVlans(Job):
    """Brings the switches in line."""

    class Meta:
        name = "Sync VLANs"
        soft_time_limit = 30

    def run(self):
        for switch, wanted in WANTED.items():
            for vlan in sorted(wanted - FOUND[switch]):
                self.logger.success("Added VLAN %d", vlan, extra={"object": switch})
        return {switch: sorted(wanted) for switch, wanted in WANTED.items()}


class AuditVlans(Job):
    """Names the VLANs that should not be there."""

    class Meta:
        name = "Audit VLANs"
        read_only = True

    def run(self):
        return {switch: sorted(FOUND[switch] - wanted) for switch, wanted in WANTED.items()}


register_jobs(SyncVlans, AuditVlans)
