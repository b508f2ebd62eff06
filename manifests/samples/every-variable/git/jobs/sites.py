"""What ObjectVar and MultiObjectVar find: any class with get() and filter() will do."""

NAMES = {"ber": "Berlin", "tyo": "Tokyo", "vie": "Vienna"}


class Site:
    """A place with devices in it."""

    def __init__(self, id):
        self.id = id
        self.name = NAMES[id]

    def __str__(self):
        return self.name

    @classmethod
    def get(cls, id):
        """Return the site; KeyError says that there is none."""
        return cls(id)

    @classmethod
    def filter(cls, **lookups):
        """Return the sites that have the name."""
        return [cls(id) for id, name in NAMES.items() if name == lookups.get("name")]
