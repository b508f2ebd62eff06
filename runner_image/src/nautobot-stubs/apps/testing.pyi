from davit._compat.test_cases import TestCase as TestCase
from davit._compat.test_cases import TransactionTestCase as TransactionTestCase
from davit.testing import JobClassInfo as JobClassInfo
from davit.testing import create_job_result_and_run_job as create_job_result_and_run_job
from davit.testing import get_job_class_and_model as get_job_class_and_model
from davit.testing import run_job_for_testing as run_job_for_testing
