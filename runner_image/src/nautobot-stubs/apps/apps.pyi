from davit._compat.apps import NautobotAppConfig as NautobotAppConfig
