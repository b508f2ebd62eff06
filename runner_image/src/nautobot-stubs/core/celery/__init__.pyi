from davit._compat.functions import NautobotKombuJSONEncoder as NautobotKombuJSONEncoder
from davit._registry import register_jobs as register_jobs
