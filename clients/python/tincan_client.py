"""The `tincan` package from Python: statements, queries, state and profiles."""

import json
import os
import sys
import traceback
import uuid

from tincan import (
    Activity,
    Agent,
    AgentAccount,
    Context,
    RemoteLRS,
    Result,
    Score,
    StateDocument,
    Statement,
    Verb,
)

ENDPOINT = os.environ["LRS_ENDPOINT"] + "/"
KEY, SECRET = os.environ["LRS_KEY"], os.environ["LRS_SECRET"]
COMPLETED = Verb(id="http://adlnet.gov/expapi/verbs/completed")

lrs = RemoteLRS(endpoint=ENDPOINT, username=KEY, password=SECRET)
checks = []


def check(run):
    checks.append(run)
    return run


def learner():
    account = AgentAccount(home_page="https://lms.example", name=str(uuid.uuid4()))
    return Agent(name="Ada Čížek", account=account)


def activity():
    return Activity(id=f"https://lms.example/course/{uuid.uuid4()}")


def statement(**fields):
    parts = {"actor": learner(), "verb": COMPLETED, "object": activity()}
    return Statement(**{**parts, **fields})


def done(response):
    assert response.success, f"{response.response.status} {response.data}"
    return response.content


@check
def a_statement_with_an_id_out_and_back():
    sent = statement(id=uuid.uuid4(), result=Result(score=Score(scaled=0.5)))
    done(lrs.save_statement(sent))
    got = done(lrs.retrieve_statement(str(sent.id)))
    assert got.actor.account.name == sent.actor.account.name
    assert got.actor.name == "Ada Čížek"
    assert got.result.score.scaled == 0.5
    assert got.stored is not None


@check
def a_statement_whose_id_the_store_makes():
    sent = done(lrs.save_statement(statement()))
    got = done(lrs.retrieve_statement(str(sent.id)))
    assert got.id == sent.id


@check
def a_batch_then_a_query_page_by_page():
    registration = str(uuid.uuid4())
    sent = done(lrs.save_statements([statement(context=Context(registration=registration)) for _ in range(3)]))
    first = done(lrs.query_statements({"registration": registration, "limit": 2}))
    assert first.more
    second = done(lrs.more_statements(first))
    found = [row.id for row in [*first.statements, *second.statements]]
    assert found == [row.id for row in reversed(sent)]


@check
def a_query_by_agent_verb_and_activity():
    sent = done(lrs.save_statement(statement()))
    query = {"agent": sent.actor, "verb": sent.verb, "activity": sent.object}
    assert [row.id for row in done(lrs.query_statements(query)).statements] == [sent.id]


@check
def state_written_listed_read_deleted():
    place = {"activity": activity(), "agent": learner()}
    document = StateDocument(id="bookmark", content=json.dumps({"page": 3}), content_type="application/json", **place)
    done(lrs.save_state(document))
    assert done(lrs.retrieve_state_ids(**place)) == ["bookmark"]
    assert json.loads(done(lrs.retrieve_state(state_id="bookmark", **place)).content) == {"page": 3}
    response = lrs.delete_state(document)
    assert response.success, response.data
    assert done(lrs.retrieve_state_ids(**place)) == []


@check
def a_refusal_is_not_a_success():
    stranger = RemoteLRS(endpoint=ENDPOINT, username=KEY, password="wrong")
    response = stranger.save_statement(statement())
    assert not response.success and response.response.status == 401


failed = 0
for run in checks:
    name = run.__name__.replace("_", " ")
    try:
        run()
        print(f"PASS tincan (python): {name}")
    except Exception:
        failed += 1
        print(f"FAIL tincan (python): {name}\n{traceback.format_exc()}")
sys.exit(1 if failed else 0)
