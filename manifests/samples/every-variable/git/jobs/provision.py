"""A variable of each type: what run() receives of it is logged."""

from davit import (
    BooleanVar,
    ChoiceVar,
    IntegerVar,
    IPAddressVar,
    IPAddressWithMaskVar,
    IPNetworkVar,
    Job,
    JSONVar,
    MultiChoiceVar,
    MultiObjectVar,
    ObjectVar,
    StringVar,
    TextVar,
)

from .sites import Site

name = "Network"

ROLES = [("Campus", [("access", "Access"), ("core", "Core")]), ("Data centre", [("leaf", "Leaf")])]


class Provision(Job):
    """Shows variables at work."""

    class Meta:
        name = "Provision a device"
        description = "Takes one value of each kind."
        field_order = ["device", "site"]

    device = StringVar(label="Name", regex=r"^[a-z]{3}-[a-z0-9]+$", max_length=32)
    notes = TextVar(required=False)
    vlan = IntegerVar(min_value=2, max_value=4094, default=10)
    role = ChoiceVar(choices=ROLES)
    services = MultiChoiceVar(choices=[("ntp", "Time"), ("dns", "Names")], required=False)
    site = ObjectVar(model=Site, display_field="name")
    neighbours = MultiObjectVar(model=Site, required=False)
    router = IPAddressVar()
    management = IPAddressWithMaskVar()
    prefix = IPNetworkVar(min_prefix_length=16)
    extra = JSONVar(required=False)
    monitored = BooleanVar(default=True)

    def run(self, *, device, site, neighbours, **values):
        for variable, value in values.items():
            self.logger.info("%s: %r", variable, value, extra={"object": device})
        self.logger.success("In %s", site, extra={"object": device})
        return {
            "device": device,
            "site": site.name,
            "neighbours": [each.name for each in neighbours],
        }
