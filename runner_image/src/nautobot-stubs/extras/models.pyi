from davit._compat.models import Job as Job
from davit._files import OutputFile
from davit._identity import JobResult as JobResult
from davit._receivers import ObjectChange as ObjectChange

FileProxy = OutputFile
