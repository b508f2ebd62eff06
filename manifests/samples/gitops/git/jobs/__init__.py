"""Only this package is imported from a Git repository, so it imports the modules with jobs."""

from . import vlans
