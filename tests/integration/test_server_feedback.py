"""POST /v1/feedback: what is taken, what is refused and with which words, and that a replay is one row."""

from pathlib import Path
from typing import Any

import pytest
from server_kit import running


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": "five"}, "stars"),
        ({"recommend": -1}, "recommend"),
        ({"recommend": 11}, "recommend"),
        ({"effort": 6}, "effort"),
        ({"comment": "x" * 4001}, "comment"),
        ({"stars": 5, "starz": 5}, "starz"),
        ({"stars": 5, "channel": "pigeon"}, "channel"),
        ({}, "answer"),
        ({"comment": "  "}, "answer"),
        ([], "array"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, body: Any, named: str) -> None:
    with running(tmp_path) as server:
        answer = server.http("POST", "/v1/feedback", json=body)
        assert answer.status_code == 400
        assert named in answer.json()["message"]
        assert answer.json()["retryable"] is False
        assert server.http("GET", "/v1/feedback").json() == []


@pytest.mark.parametrize("raw", [b"", b"{", b'{"comment": "\\ud800"}', b"\xff"])
def test_what_is_not_json_is_refused(tmp_path: Path, raw: bytes) -> None:
    with running(tmp_path) as server:
        answer = server.http("POST", "/v1/feedback", content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        answer = server.http("POST", "/v1/feedback", json={"comment": "x" * 100_000})
        assert answer.status_code == 413


def test_every_answer_comes_back_as_it_was_given(tmp_path: Path) -> None:
    body = {
        "channel": "e-mail",
        "stars": 1,
        "solved": False,
        "recommend": 0,
        "effort": 5,
        "comment": "<script>alert('x')</script> \u0000 \U0001f600 ';--",
        "nominated": True,
        "may_share": True,
        "customer": "O'Hara",
        "call_id": "not-a-call-of-this-log",
        "received_at": 1000.5,
    }
    with running(tmp_path) as server:
        assert server.http("POST", "/v1/feedback", json=body).status_code == 201
        (card,) = server.http("GET", "/v1/feedback").json()
        assert body.items() <= card.items()


def test_a_replay_is_one_row(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        first = server.http("POST", "/v1/feedback", json={"stars": 4}, headers={"Idempotency-Key": "k1"})
        again = server.http("POST", "/v1/feedback", json={"stars": 4}, headers={"Idempotency-Key": "k1"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        other = server.http("POST", "/v1/feedback", json={"stars": 2}, headers={"Idempotency-Key": "k1"})
        assert (other.status_code, other.json()["code"]) == (409, "conflict")
        assert len(server.http("GET", "/v1/feedback").json()) == 1
    with running(tmp_path) as server:
        again = server.http("POST", "/v1/feedback", json={"stars": 4}, headers={"Idempotency-Key": "k1"})
        assert again.json() == first.json()


def test_the_list_is_newest_first_and_can_be_paged(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        for received_at in (10.0, 30.0, 20.0):
            server.http("POST", "/v1/feedback", json={"stars": 3, "received_at": received_at})
        newest = server.http("GET", "/v1/feedback?limit=2").json()
        assert [card["received_at"] for card in newest] == [30.0, 20.0]
        rest = server.http("GET", "/v1/feedback?before=20").json()
        assert [card["received_at"] for card in rest] == [10.0]
