# SPDX-License-Identifier: Apache-2.0
"""Every error has a code, a status and a problem document; nothing leaks that was not put in."""

import json
import pickle

import pytest

from datong.kernel import errors
from datong.kernel.errors import DatongError, IllegalMove, Refused, problem

FAMILIES = {
    errors.Malformed: ("malformed", 422),
    errors.Refused: ("refused", 403),
    errors.Unknown: ("unknown", 404),
    errors.Conflict: ("conflict", 409),
    errors.Throttled: ("throttled", 429),
    errors.Unavailable: ("unavailable", 503),
    errors.Unauthenticated: ("unauthenticated", 401),
}


@pytest.mark.parametrize(("family", "known"), FAMILIES.items())
def test_a_family_has_its_code_and_status(family, known):
    error = family("what happened")
    assert (error.code, error.status) == known
    assert str(error) == error.message == "what happened"


def test_codes_are_unique():
    codes = [family.code for family in DatongError.__subclasses__() if family.__module__ == errors.__name__]
    assert len(codes) == len(set(codes)) == len(FAMILIES) + 1


def test_a_plain_problem_has_the_five_members_only():
    assert problem(errors.Unknown("no such resource")) == {
        "type": "urn:datong:problem:unknown",
        "title": "Unknown",
        "status": 404,
        "detail": "no such resource",
        "code": "unknown",
    }


def test_a_full_problem_names_fields_remedy_and_rule():
    body = problem(Refused("no", fields={"basis": "missing"}, remedy="cite a law", rule="Order 809 art. 15"))
    assert body["errors"] == {"basis": "missing"}
    assert (body["remedy"], body["rule"]) == ("cite a law", "Order 809 art. 15")
    json.dumps(body)


def test_fields_are_copied():
    fields = {"a": "b"}
    error = Refused("no", fields=fields)
    fields["c"] = "d"
    assert error.fields == {"a": "b"}


def test_an_illegal_move_says_from_where_to_where():
    error = IllegalMove("request 12", "draft", "granted", remedy="file it first")
    assert (error.code, error.status) == ("illegal_move", 409)
    assert str(error) == "request 12 cannot go from draft to granted"
    assert (error.subject, error.now, error.wanted, error.remedy) == ("request 12", "draft", "granted", "file it first")


@pytest.mark.parametrize("error", [Refused("no"), IllegalMove("x", "a", "b")])
def test_errors_cross_processes(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert problem(again) == problem(error)
