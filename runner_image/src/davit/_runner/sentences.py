"""What discovery says about files and classes that give no job, and what to do."""

from __future__ import annotations

NO_INIT = (
    "The repository's root has no __init__.py, so it is no package and gives no jobs. "
    "Add an empty __init__.py beside jobs."
)
NO_JOBS = (
    "No `jobs` submodule found. Add jobs.py or jobs/__init__.py, or use layout JobsRoot "
    "for a folder of job files."
)
JOBS_IS_NO_PACKAGE = (
    "No `jobs` submodule found: the folder jobs has no __init__.py, so it is no package. "
    "Add an empty one."
)
NO_MODULES = "The folder holds no Python module. Add a file with a Job class that is registered."
NOTHING_REGISTERED = (
    "No jobs were registered. Did you miss a register_jobs() call? "
    "End the module of your Job class with `register_jobs(YourJob)`."
)
NO_ENTRY_POINTS = (
    "No modules are named, and no package in the runner image has an entry point in the group "
    "davit.jobs. Name the modules (spec.source.image.modules), or give the package such an entry "
    'point: `[project.entry-points."davit.jobs"]` in its pyproject.toml.'
)


def unregistered_message(name: str) -> str:
    """Return what to say about a Job class that nobody registered."""
    return (
        f"{name} is a Job class but is not registered, so it cannot be run. "
        f"Add `register_jobs({name})` at the end of the file."
    )


def second_message(class_path: str) -> str:
    """Return what to say about a class whose class path another one has."""
    return (
        f"Another class is registered as {class_path} already, and the first one wins. "
        "Give this one another name."
    )


def no_job_message(name: str, bases: str) -> str:
    """Return what to say about a class that is written like a job and is none."""
    return (
        f"{name} looks like a job, but inherits from {bases}, so it cannot be registered. "
        "Inherit from davit.Job."
    )


def clash_message(name: str, owner: str) -> str:
    """Return what to say about a module whose name is taken."""
    return f'The name "{name}" belongs to {owner}, so this module is not imported. Rename it.'


def slug_message(slug: str, owner: str) -> str:
    """Return what to say about a slug that is taken."""
    return f'The slug "{slug}" is the name of {owner}. Choose another slug for the repository.'


def spelling_message(entry: str) -> str:
    """Return what to say about a file that cannot be imported by name."""
    return (
        f'"{entry}" is no module name, so this file is not imported. '
        "Use letters, digits and underscores only."
    )


def hidden_message(name: str) -> str:
    """Return what to say about a file beside a package of the same name."""
    return (
        f"Beside it stands the package {name}/, which Python imports instead of this file. "
        "Rename one of them, or move the file's content into the package."
    )


def no_package_message(folder: str) -> str:
    """Return what to say about a job's file in a folder that is no package."""
    return (
        f"This file registers jobs, but is not imported: its folder is no package. Add an empty "
        f"{folder}/__init__.py, or move the file."
    )


OUTSIDE_JOBS = (
    "This file registers jobs, but is not imported: of a repository only `jobs` is. Move it into "
    "jobs/, import it in jobs/__init__.py, or use layout JobsRoot."
)
ROOT_INIT = (
    "This file registers jobs, but is not imported: in layout JobsRoot the root is no package. "
    "Move the jobs into a module, or use layout Repository."
)


def not_imported_message(package: str) -> str:
    """Return what to say about a submodule of an installed package that nothing imports."""
    return (
        "This file registers jobs, but is not imported: of an installed package only the named "
        f"modules are. Import it in {package}."
    )


def no_attribute_message(module: str, attribute: str) -> str:
    """Return what to say about an entry point whose attribute does not exist."""
    return (
        f'The entry point names "{module}:{attribute}", but the module has no "{attribute}". '
        "Correct the entry point in the package's pyproject.toml."
    )


def gives_nothing_message(module: str) -> str:
    """Return what to say about a named module without jobs."""
    return (
        f"The module {module} was imported and registered no job. "
        "Call register_jobs() in it, or in a module that it imports."
    )
