#!/usr/bin/env python3
"""Keys that people hold: the same person whichever way they come, and no more than they may; and machines' keys."""
import json
import time
import uuid

from common import case, hilf, main, node, random_pdq, until
from signed import Person

LAW = {"basis": "law", "article": "5", "text": ""}


def question(**bank):
    """A case that a check opened."""
    value, name = random_pdq(), node().bank(**bank)
    node().add(name, ("pdq", value), **{"class": "incitement"})
    node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "post-" + uuid.uuid4().hex[:8]})
    return node().must("GET", f"/v1/cases?bank={name}").json["cases"][0]


def body(about, *actions, **more):
    return {"cluster": 1, "actions": list(actions), "ground": LAW, "version": about["version"], "language": "en", **more}


def decide(about, *actions, key=None, by=None, **more):
    ask = by.must if by else lambda *words: node().must(*words, key=key)
    return ask("POST", f"/v1/cases/{about['id']}/decisions", body(about, *actions, **more)).json["decision"]


def refused(code, path, content, key):
    node().refused(403, code, "POST", path, content, key=key)


@case
def a_session_and_a_key_of_one_person_are_one():
    amal, basma = Person(node()), Person(node())
    own, other, machine = node().held_key(who=amal), node().held_key(who=basma), node().key_of("reviewer")
    about = question()
    made = decide(about, "suspend", by=amal)
    path = f"/v1/decisions/{made['id']}"
    assert made["state"] == "waiting_second" and not made["automated"]
    assert node().must("GET", path, key=own).json["decision"]["mine"]
    assert not node().must("GET", path, key=other).json["decision"]["mine"]
    refused("same_person", path + "/second", {"agree": True}, own)
    refused("person_needed", path + "/second", {"agree": True}, machine)
    refused("person_needed", path + "/second", {"agree": True}, None)
    agreed = node().must("POST", path + "/second", {"agree": True}, key=other).json["decision"]
    assert agreed["second"]["agreed"] and agreed["second"]["by"] != agreed["by"]
    # What one's key took is one's own, also at the console.
    taken = question()["id"]
    assert node().must("POST", f"/v1/cases/{taken}/lease", {}, key=own).json["lease"]["mine"]
    assert taken in [one["id"] for one in amal.must("GET", "/v1/cases?state=mine").json["cases"] if one["lease"]["mine"]]


@case
def an_escalation_and_an_appeal_are_for_people():
    machine, key = node().key_of("reviewer"), node().held_key()
    about = question()
    threat = {"authority": "Police", "contact": "by telephone", "told_ms": int(time.time() * 1000), "sent": "the address"}
    refused("person_needed", f"/v1/cases/{about['id']}/escalations", threat, machine)
    made = node().must("POST", f"/v1/cases/{about['id']}/escalations", threat, key=key).json["escalation"]
    refused("same_person", f"/v1/escalations/{made['id']}/second", {"agree": True}, key)
    refused("person_needed", f"/v1/escalations/{made['id']}/second", {"agree": True}, machine)
    node().must("POST", f"/v1/escalations/{made['id']}/second", {"agree": True}, key=node().held_key())
    value, bank = random_pdq(), node().bank("block")
    node().add(bank, ("pdq", value))
    block = node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "blocked"}).json["decision"]
    node().must("POST", "/v1/appeals", {"token": block["appeal_token"], "text": "It is a report."}, key="")
    appeal = node().must("GET", f"/v1/cases?bank={bank}&kind=appeal").json["cases"][0]["id"]
    judged = {"uphold": False, "text": "It is not."}
    refused("person_needed", f"/v1/cases/{appeal}/appeal", judged, machine)
    can = node().must("GET", f"/v1/cases/{appeal}", key=machine).json["can"]
    assert (can["decide"], can["decide_why"]) == (False, "person_needed"), can
    assert node().ask("POST", "/v1/cases/next", {"kind": "appeal", "bank": bank}, key=machine).status == 204
    assert node().must("GET", f"/v1/cases/{appeal}", key=key).json["can"]["decide"]
    node().must("POST", f"/v1/cases/{appeal}/appeal", judged, key=key)


@case
def what_a_machine_decides_says_so_and_is_never_one_of_two():
    machine = node().key_of("reviewer")
    for actions in (["suspend"], ["remove", "refer"]):
        about = question()
        refused("person_needed", f"/v1/cases/{about['id']}/decisions", body(about, *actions), machine)
    two = question()
    node().must("PATCH", f"/v1/banks/{two['bank']}", {"second_eyes": True})
    refused("person_needed", f"/v1/cases/{two['id']}/decisions", body(two, "remove"), machine)
    refused("person_needed", f"/v1/cases/{two['id']}/decisions", body(two, "remove", entry_opinion="confirm"), machine)
    about = question()
    made = decide(about, "remove", key=machine)
    assert made["automated"] and made["mine"] and made["case"] == about["id"], made
    assert "by automated means" in made["statement"]["text"] and "A person made" not in made["statement"]["text"]
    assert decide(question(), "remove", key=node().held_key())["automated"] is False


@case
def a_key_is_made_in_ones_own_name_or_nobodys():
    operator, other = Person(node(), "operator"), Person(node(), "operator")
    made = operator.must("POST", "/v1/keys", {"name": "mine", "role": "reviewer", "held_by": operator.name.upper()}).json
    assert made["held_by"] == {"id": operator.id, "name": operator.name, "role": "operator", "able": True}, made
    listed = {key["id"]: key for key in node().must("GET", "/v1/keys").json["keys"]}
    assert listed[made["id"]]["held_by"]["name"] == operator.name
    machine = operator.must("POST", "/v1/keys", {"name": "no one's", "role": "operator", "held_by": None}).json
    assert machine["held_by"] is None
    again = {"name": "by id, with a key", "role": "checker", "held_by": operator.id}
    held = operator.must("POST", "/v1/keys", {"name": "all", "role": "operator", "held_by": operator.id}).json["key"]
    assert node().must("POST", "/v1/keys", again, key=held).json["held_by"]["id"] == operator.id
    for name in (other.name, other.id, "nobody", ""):
        operator.refused(403, "held_by_another", "POST", "/v1/keys", {"name": "x", "role": "checker", "held_by": name})
        node().refused(403, "held_by_another", "POST", "/v1/keys", {"name": "x", "role": "checker", "held_by": name}, key=machine["key"])
    node().refused(400, "invalid_field", "POST", "/v1/keys", {"name": "x", "role": "checker", "held_by": 7})


@case
def a_key_does_no_more_than_its_holder_may_from_the_next_request_on():
    amal = Person(node(), "operator")
    key = node().held_key("operator", who=amal)
    assert "key.create" in node().must("GET", "/v1/whoami", key=key).json["may"]
    node().must("PATCH", f"/v1/users/{amal.id}", {"role": "reviewer"})
    may = node().must("GET", "/v1/whoami", key=key).json["may"]
    assert "decide" in may and "key.create" not in may, may
    message, _ = node().refused(403, "denied", "GET", "/v1/keys", key=key)
    assert "who holds this key has the role reviewer" in message, message
    bank, other = node().bank(), node().bank()
    node().must("PATCH", f"/v1/users/{amal.id}", {"banks": [bank]})
    assert node().must("GET", "/v1/whoami", key=key).json["banks"] == [bank]
    node().refused(403, "denied", "GET", f"/v1/banks/{other}", key=key)
    node().must("PATCH", f"/v1/users/{amal.id}", {"enabled": False})
    node().refused(401, "key_holder", "GET", "/v1/whoami", key=key)
    state = next(one for one in node().must("GET", "/v1/keys").json["keys"] if one["held_by"] and one["held_by"]["id"] == amal.id)
    assert state["held_by"]["able"] is False
    node().must("PATCH", f"/v1/users/{amal.id}", {"enabled": True})
    assert node().must("GET", "/v1/whoami", key=key).status == 200
    node().must("PATCH", f"/v1/users/{amal.id}", {"reset": True})
    node().refused(401, "key_holder", "GET", "/v1/whoami", key=key)


@case
def the_command_line_makes_a_key_for_anybody_and_says_whose_it_is():
    amal = Person(node())
    made = json.loads(hilf(node().data, "key", "create", "tools", "--role", "reviewer", "--held-by", amal.name, "--json").stdout)
    assert made["held_by"] == {"id": amal.id, "name": amal.name}, made
    until("the node knows it", lambda: node().ask("GET", "/v1/whoami", key=made["key"]).status == 200)
    line = next(line for line in hilf(node().data, "key", "list").stdout.splitlines() if line.startswith(made["id"]))
    assert line.split("\t")[2:4] == ["good", amal.name], line
    hilf(node().data, "user", "disable", amal.name)
    until("the node refuses it", lambda: node().ask("GET", "/v1/whoami", key=made["key"]).status == 401)
    line = next(line for line in hilf(node().data, "key", "list").stdout.splitlines() if line.startswith(made["id"]))
    assert line.split("\t")[2] == "resting", line
    for who, role, said in (("nobody", "checker", "there is nobody 'nobody'"), (amal.name, "checker", "is disabled"),
                            (Person(node()).name, "operator", "no more than who holds it may")):
        answer = hilf(node().data, "key", "create", "x", "--role", role, "--held-by", who, check=False)
        assert answer.returncode != 0 and said in answer.stderr, answer.stderr


if __name__ == "__main__":
    main()
