"""The runner: a supervisor that cannot be taken down by the author's code, and its child."""
