"""The session log: migrations, rows, one writing thread, and what it does when the disk gives trouble."""

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from live_sentiment.events import CallEnded, CallStarted, ConversationMetrics, SpeechStarted
from server.errors import Conflict, NotFound, StoreUnavailable
from server.protocol import CallNote, CueReply, FeedbackCard
from server.store.rows import EndOfCall
from server.store.store import Store
from server.store.tables import metadata
from server.store.writer import WriterConfig

SOON = 5.0


class Kept:
    """A store with the troubles it told of."""

    def __init__(self, path: Path, config: WriterConfig | None = None) -> None:
        self.path = path
        self.troubles: list[dict[str, str] | None] = []
        self.told = threading.Event()
        self.store = Store(path, self._on_trouble, config or WriterConfig(retry_after=0.02))
        self.store.start()

    def _on_trouble(self, detail: dict[str, str] | None) -> None:
        self.troubles.append(detail)
        self.told.set()

    def pragma(self, statement: str) -> None:
        self.store.submit(lambda connection: connection.exec_driver_sql(statement).close()).result(SOON)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "data" / "log.sqlite3")
    yield kept
    kept.store.close()


def begin(store: Store, call_id: str = "c", started_at: float = 100.0) -> None:
    store.begin_call(CallStarted(at=0, call_id=call_id, started_at=started_at, source="x"), "nl").result(SOON)


def speech(at: float) -> SpeechStarted:
    return SpeechStarted(at=at, channel="agent", utterance=1)


def card(number: int, received_at: float = 100.0, **answers: object) -> FeedbackCard:
    return FeedbackCard(feedback_id=str(number), received_at=received_at, **answers)  # type: ignore[arg-type]


def test_the_migrations_make_the_tables(kept: Kept) -> None:
    def differences(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []

    kept.store.submit(differences).result(SOON)


def test_any_name_of_a_file_will_do_and_errors_hide_what_was_written(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "what?mode=ro&x=1#.sqlite3")
    begin(kept.store)
    assert kept.path.exists()
    with pytest.raises(IntegrityError) as caught:
        begin(kept.store)
    kept.store.close()
    assert "100.0" not in str(caught.value)


def test_a_log_that_could_not_be_opened_is_tried_again_though_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    kept = Kept(tmp_path / "data" / "log.sqlite3")
    assert len(kept.troubles) == 1
    kept.told.clear()
    (tmp_path / "data").unlink()
    assert kept.told.wait(SOON)
    assert kept.troubles[-1] is None
    kept.store.close()


def test_the_file_is_its_users_alone(kept: Kept) -> None:
    begin(kept.store)
    for path in kept.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_of_yesterday_is_opened_again(kept: Kept) -> None:
    begin(kept.store)
    kept.store.close()
    again = Kept(kept.path)
    assert [row.call_id for row in again.store.calls()] == ["c"]
    assert again.troubles == []
    again.store.close()


def test_a_call_comes_back_as_it_was(kept: Kept) -> None:
    begin(kept.store)
    assert [row.call_id for row in kept.store.unfinished()] == ["c"]
    kept.store.add_event("c", 2, speech(1.0))
    numbers = ConversationMetrics(
        at=2, agent_talk=1, customer_talk=1, overlap=0, silence=0, talk_ratio=0.5, dead_air=0, monologue=0, pace=None
    )
    end = EndOfCall(seq=3, ended=CallEnded(at=2.5, reason="stopped"), metrics=numbers)
    kept.store.end_call("c", end).result(SOON)
    detail = kept.store.call("c")
    assert [type(event).__name__ for event in detail.events] == ["CallStarted", "SpeechStarted", "CallEnded"]
    assert (detail.call.length, detail.call.reason, detail.call.language) == (2.5, "stopped", "nl")
    assert detail.metrics == numbers
    assert kept.store.unfinished() == []
    with pytest.raises(NotFound):
        kept.store.call("nobody")


def test_the_last_note_counts(kept: Kept) -> None:
    begin(kept.store)
    kept.store.add_note(CallNote(call_id="c", note="one"), 1.0).result(SOON)
    kept.store.add_note(CallNote(call_id="c", note="two", solved="not_yet"), 2.0).result(SOON)
    assert kept.store.call("c").note == CallNote(call_id="c", note="two", solved="not_yet")


def test_an_outcome_is_kept_once(kept: Kept) -> None:
    begin(kept.store)
    reply = CueReply(call_id="c", cue_id="q", outcome="helped", shown_at=3.0)
    assert kept.store.add_outcome(reply).result(SOON) is True
    assert kept.store.add_outcome(reply).result(SOON) is False
    assert len(kept.store.call("c").outcomes) == 1


def test_today_counts_what_was_said(kept: Kept) -> None:
    begin(kept.store, "old", started_at=99.9)
    begin(kept.store, "new", started_at=100.0)
    for number, answers in enumerate([{"stars": 5, "solved": True}, {"stars": 2, "solved": False}, {"comment": "x"}]):
        kept.store.add_feedback(card(number, **answers), None).result(SOON)
    kept.store.add_feedback(card(9, received_at=200.0, stars=1), None).result(SOON)
    today = kept.store.today(100.0, 200.0)
    assert (today.calls, today.answers, today.stars, today.solved_yes, today.solved_said) == (1, 3, 3.5, 1, 2)
    assert kept.store.today(0.0, 1.0).stars is None


def test_one_wrong_piece_of_work_does_not_harm_the_others_of_its_batch(kept: Kept) -> None:
    begin(kept.store)
    gate = threading.Event()
    kept.store.submit(lambda _: gate.wait(SOON) and None)
    futures = [kept.store.add_event("c", seq, speech(seq)) for seq in (2, 3, 3, 4)]
    futures.append(kept.store.add_event("nobody", 1, speech(1)))
    futures.append(kept.store.add_event("c", 5, speech(5)))
    gate.set()
    errors = [future.exception(SOON) for future in futures]
    assert [type(error) for error in errors] == [
        type(None),
        type(None),
        IntegrityError,
        type(None),
        IntegrityError,
        type(None),
    ]
    assert len(kept.store.call("c").events) == 5
    assert kept.troubles == []


def test_a_key_belongs_to_one_answer(kept: Kept) -> None:
    assert kept.store.add_feedback(card(1, stars=3), "k").result(SOON).fresh
    again = kept.store.add_feedback(card(2, received_at=300.0, stars=3), "k").result(SOON)
    assert (again.fresh, again.card.feedback_id) == (False, "1")
    assert isinstance(kept.store.add_feedback(card(3, stars=4), "k").exception(SOON), Conflict)
    assert len(kept.store.feedback()) == 1


@pytest.mark.parametrize("statement", ["PRAGMA query_only=ON", "PRAGMA max_page_count=1"])
def test_trouble_is_told_once_and_what_waited_is_written_afterwards(kept: Kept, statement: str) -> None:
    begin(kept.store)
    kept.store._engine.pool.dispose()
    kept.pragma(statement)
    big = "x" * 200_000
    futures = [kept.store.add_feedback(card(number, comment=big), None) for number in range(3)]
    for future in futures:
        assert future.result(SOON).fresh
    assert len(kept.troubles) == 2
    assert kept.troubles[0] is not None
    assert set(kept.troubles[0]) == {"nl", "en"}
    assert kept.troubles[1] is None
    assert len(kept.store.feedback()) == 3


def test_a_disk_that_is_full_is_called_so(kept: Kept) -> None:
    begin(kept.store)
    kept.pragma("PRAGMA max_page_count=1")
    kept.store.add_feedback(card(1, comment="x" * 200_000), None)
    assert kept.told.wait(SOON)
    assert kept.troubles[0] is not None
    assert "disk is full" in kept.troubles[0]["en"]


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    path.write_bytes(b"precious, but no database" * 100)
    kept = Kept(path)
    assert kept.troubles[0] is not None
    assert "damaged" in kept.troubles[0]["en"]
    waiting = kept.store.mark_seen("x")
    with pytest.raises(StoreUnavailable):
        kept.store.calls()
    kept.store.close()
    assert isinstance(waiting.exception(SOON), StoreUnavailable)
    assert path.read_bytes().startswith(b"precious")


def test_a_newer_log_is_told_and_left_alone(kept: Kept) -> None:
    kept.pragma("UPDATE alembic_version SET version_num = '9999'")
    kept.store.close()
    again = Kept(kept.path)
    assert again.troubles[0] is not None
    assert "newer Spiegel" in again.troubles[0]["en"]
    again.store.close()


def test_work_with_a_bug_in_it_does_not_end_the_writing(kept: Kept) -> None:
    def wrong(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT 1").close()
        raise KeyError("bug")

    assert isinstance(kept.store.submit(wrong).exception(SOON), KeyError)
    begin(kept.store)
    assert kept.troubles == []


def test_more_work_than_may_wait_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    path.write_bytes(b"no database" * 100)
    kept = Kept(path, WriterConfig(queue=2, retry_after=0.02))
    futures = [kept.store.mark_seen("x") for _ in range(20)]
    refused = [future for future in futures if future.done()]
    assert len(refused) >= 17
    assert isinstance(refused[-1].exception(), StoreUnavailable)
    kept.store.close()
    assert all(isinstance(future.exception(SOON), StoreUnavailable) for future in futures)


def test_after_the_close_nothing_is_taken(kept: Kept) -> None:
    kept.store.close()
    assert isinstance(kept.store.mark_seen("x").exception(SOON), StoreUnavailable)


def test_reading_a_log_that_is_gone_makes_no_new_one(kept: Kept) -> None:
    kept.store.close()
    for path in kept.path.parent.iterdir():
        path.unlink()
    with pytest.raises(StoreUnavailable):
        kept.store.calls()
    assert not kept.path.exists()


def test_who_no_longer_waits_is_not_written_for(kept: Kept) -> None:
    gate = threading.Event()
    kept.store.submit(lambda _: gate.wait(SOON) and None)
    started = kept.store.submit(lambda _: None)
    late = kept.store.add_feedback(card(1), None)
    late.cancel()
    gate.set()
    started.result(SOON)
    kept.store.flush()
    assert (late.cancelled(), len(kept.store.feedback())) in [(True, 0), (False, 1)]


def test_readers_do_not_wait_for_the_writer(kept: Kept) -> None:
    begin(kept.store)
    gate, inside = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        connection.execute(text("UPDATE calls SET source = 'y'"))
        inside.set()
        gate.wait(SOON)

    future = kept.store.submit(hold)
    assert inside.wait(SOON)
    assert kept.store.calls()[0].source == "x"
    gate.set()
    future.result(SOON)
    assert kept.store.calls()[0].source == "y"
