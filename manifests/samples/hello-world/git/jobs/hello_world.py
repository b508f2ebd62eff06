"""The smallest job: one variable, one line of log, one result."""

from nautobot.apps import jobs

name = "Examples"


class HelloWorld(jobs.Job):
    """Greets somebody."""

    class Meta:
        name = "Hello World"
        description = "Greets somebody."

    who = jobs.StringVar(description="Whom should we greet?", default="world")

    def run(self, *, who):
        self.logger.info("Hello, %s!", who)
        return f"Greeted {who}."


jobs.register_jobs(HelloWorld)
