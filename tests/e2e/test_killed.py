"""One of the three processes is killed in the middle of a call: the others stay, and the session stays readable."""

import os
import signal

import psutil
from stage_kit import Raise, Stage, events_in_log, is_whole, spiegel, until

from live_sentiment.events import TranscriptFinal, TranscriptPartial


def kill(stage: Stage, name: str) -> None:
    """Kills a process as hard as it goes, and waits until the supervisor has started it again."""
    before = stage.pids()
    victim = before[name]
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    until(lambda: stage.supervisor.pid(name) not in (None, victim), f"a new {name}")
    after = stage.pids()
    assert {who: pid for who, pid in after.items() if who != name} == {
        who: pid for who, pid in before.items() if who != name
    }, "another process went down with it"


def freeze_in_the_middle_of_a_sentence(stage: Stage, call: str) -> list[str]:
    """Stops the server's process while words are coming of which nothing is in the log; returns the words that are.

    The newest word is 1.6 s past the log, and each second of audio is confirmed: at least that much will not be sent
    again.
    """

    def frozen() -> list[str]:
        pid = stage.pids()["server"]
        server = psutil.Process(pid)
        server.suspend()
        words, detail = stage.words_in_log(call), stage.in_log(call)
        coming = [event.at for event in stage.on_screen() if isinstance(event, TranscriptPartial)]
        if words and detail and coming and coming[-1] > max(event.at for event in detail.events) + 1.6:
            return words
        server.resume()
        return []

    return until(frozen, "a sentence to be under way")


def test_a_killed_server_comes_back_and_the_call_goes_on(stage: Raise) -> None:
    played = stage()
    call = played.start_call()
    words = freeze_in_the_middle_of_a_sentence(played, call)
    kill(played, "server")
    ended = played.until_ended(call)
    told = events_in_log(played.home, call)
    texts = [event["text"] for event in told if event["type"] == "TranscriptFinal"]
    assert texts[: len(words)] == words
    assert len(texts) > len(words), "nothing was heard after the restart"
    assert (ended.reason, ended.at > 24) == ("finished", True)
    lost = sum(event["end"] - event["start"] for event in told if event["type"] == "Gap")
    assert 0 < lost < 8, "what was said while nobody wrote is named, and is little"
    report = spiegel(played.home, "log", call[:6])
    assert words[0] in report.stdout
    assert "not heard: the server was away" in report.stdout
    assert is_whole(played.places.database)
    until(lambda: any(isinstance(event, TranscriptFinal) for event in played.on_screen()), "words on the screen")
    assert played.supervisor.failure is None


def test_after_a_killed_capture_the_call_ends_honestly_and_another_can_begin(stage: Raise) -> None:
    played = stage()
    call = played.start_call()
    words = played.until_words(call)
    kill(played, "capture")
    assert played.until_ended(call).reason == "lost"
    told = events_in_log(played.home, call)
    assert [event["text"] for event in told if event["type"] == "TranscriptFinal"][: len(words)] == words
    assert is_whole(played.places.database)
    again = played.start_call()
    assert again != call
    assert played.until_words(again)


def test_a_killed_overlay_comes_back_into_the_call(stage: Raise) -> None:
    played = stage()
    call = played.start_call()
    words = played.until_words(call)
    until(lambda: any(isinstance(event, TranscriptFinal) for event in played.on_screen()), "words on the screen")
    kill(played, "overlay")
    assert played.until_ended(call).reason == "finished"
    told = events_in_log(played.home, call)
    texts = [event["text"] for event in told if event["type"] == "TranscriptFinal"]
    assert texts[: len(words)] == words
    assert len(texts) > len(words)
    assert not [event for event in told if event["type"] == "Gap"], "the call did not notice"
    assert is_whole(played.places.database)

    def shown() -> list[str]:
        return [event.text for event in played.on_screen() if isinstance(event, TranscriptFinal)]

    until(lambda: shown()[-1:] == texts[-1:], "the end of the call on the new screen")
    until(lambda: list(played.pictures.glob("*-wrap-up.png")), "the wrap-up of the call it came back into")
