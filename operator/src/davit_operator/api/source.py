"""Sources of job classes beside Git: a ConfigMap, and the runner image itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from davit_operator.api.base import ApiModel, ObjectName

MAX_ITEMS = 256
MAX_MODULES = 64
# A path below the root: no component is empty, a single dot or two.
_COMPONENT = r"([^/.\x00-\x1f][^/\x00-\x1f]*|\.[^/.\x00-\x1f][^/\x00-\x1f]*|\.\.[^/\x00-\x1f]+)"
FILE_PATH = rf"^{_COMPONENT}(/{_COMPONENT})*$"
MODULE_PATH = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"


class ConfigMapItem(ApiModel):
    """One key of a ConfigMap, and the file that it becomes."""

    key: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[-._a-zA-Z0-9]+$",
        description="Key in data or binaryData of the ConfigMap.",
    )
    path: str = Field(
        min_length=1,
        max_length=1024,
        pattern=FILE_PATH,
        description="File, below the root, such as reports/vlans.py.",
    )


class ConfigMapSource(ApiModel):
    """A ConfigMap whose keys are files. Layout JobsRoot."""

    name: ObjectName = Field(description="Name of the ConfigMap, in the same namespace.")
    items: list[ConfigMapItem] = Field(
        default_factory=list,
        max_length=MAX_ITEMS,
        description="Keys that are files, and where they stand. Default: each key is a file.",
    )


class ImageSource(ApiModel):
    """Jobs that are installed in the runner image. Layout App."""

    modules: list[Annotated[str, Field(max_length=253, pattern=MODULE_PATH)]] = Field(
        default_factory=list,
        max_length=MAX_MODULES,
        description=(
            "Modules that are imported, such as my_app.jobs. Default: those that installed "
            "distributions name in the entry point group davit.jobs."
        ),
    )


ONE_SOURCE = (
    "[has(self.git), has(self.configMap), has(self.image)].filter(given, given).size() == 1",
    "set exactly one of source.git, source.configMap and source.image",
)
LAYOUT_OF_CONFIG_MAP = (
    "!has(self.source.configMap) || self.layout == 'JobsRoot'",
    "source.configMap needs layout: JobsRoot",
)
LAYOUT_OF_IMAGE = (
    "has(self.source.image) == (self.layout == 'App')",
    "source.image needs layout: App, and layout App needs source.image",
)
