"""A sensitive value, in a job that says it in every way, and in one that refuses it."""

from __future__ import annotations

import json

import pytest
from tests.runner.pods import Pod
from tests.unit.runner.disguised import DISGUISES

BODY = """
import base64, json, logging
logging.getLogger('some.library').warning('logged %s', password)
print('printed', password)
print('printed', repr(password), file=sys.stderr)
for letter in password + '\\n':
    os.write(1, letter.encode())
    sys.stderr.write(letter)
encoded = base64.b64encode(password.encode()).decode()
self.logger.error('in Base64 %s', encoded, extra={'object': password})
self.logger.info('grouped', extra={'grouping': password})
subprocess.run(['echo', json.dumps({'p': password})])
self.create_file(f'of {password}.txt', 'content')
self.logger.debug('connect to https://ada:%s@host with token=abc', 'other')
if fails:
    raise ValueError(f'refused: {password}')
return {'password': password, password: [password]}
"""
CANARY = "c4n'ry é&?"


@pytest.mark.parametrize("fails", [False, True])
def test_a_sensitive_value_is_seen_nowhere(pod: Pod, fails: bool) -> None:
    members = "    password = StringVar(sensitive=True)\n    fails = BooleanVar()\n"
    body = "password, fails = inputs['password'], inputs['fails']" + BODY
    inputs = {"password": CANARY, "fails": fails}
    told = pod.run(body, members=members, inputs=inputs)
    assert told.outcome.reason == ("JobFailed" if fails else "Succeeded")
    everything = (
        json.dumps(told.records, ensure_ascii=False) + (pod.folder / "termination").read_text()
    )
    for disguise in DISGUISES.values():
        assert disguise(CANARY) not in everything
    assert len(told.logs) == 10
    assert ("debug", "run", "connect to https://(redacted)@host with token=(redacted)") in told.logs
    [file] = told.documents("file")
    assert file["name"] == "of (redacted).txt"
    if fails:
        assert told.error == "refused: (redacted)"
    else:
        assert told.documents("result") == [
            {"password": "(redacted)", "(redacted)": ["(redacted)"]}
        ]


def test_a_refused_sensitive_value_is_not_quoted(pod: Pod) -> None:
    members = "    password = ChoiceVar(choices=(('a', 'A'),), sensitive=True)\n"
    told = pod.run("pass", members=members, inputs={"password": "hunter2"})
    assert told.outcome.reason == "InvalidInputs"
    assert "(redacted) is not one of the available choices" in told.error
