"""Scenes for the gallery and the tests: messages as a server would send them, told through ``reduce``. No Qt.

A scene is a state and the moment to look at it. The people in it are invented.
"""

from collections.abc import Callable, Iterable

import msgspec

from live_sentiment.events import (
    AnyEvent,
    CallEnded,
    CallStarted,
    ConversationMetrics,
    Cue,
    Delay,
    Direction,
    Probabilities,
    Reason,
    RecognitionQuality,
    Sentiment,
    SentimentReading,
    SentimentTrend,
    SignalDetected,
    TranscriptFinal,
    TranscriptPartial,
)
from overlay.state.inputs import (
    AnswerCue,
    AnyInput,
    AskCall,
    CuePainted,
    LinkDown,
    LinkRefused,
    SetCues,
    SetSolved,
    Toggle,
    TypeNote,
)
from overlay.state.model import OverlayState
from overlay.state.reduce import drained, reduce
from server.protocol import Envelope, Error, FeedbackCard, Presence, ServerStatus, Today, Welcome

T0 = 1_700_000_000.0
"""When every scene's call starts, in Unix seconds."""
Scene = tuple[OverlayState, float]

WORDS = {
    "nl": (
        "ik bel nu al voor de derde keer over dezelfde bestelling en niemand belt mij terug",
        "dat is heel vervelend, ik zoek het meteen voor u uit",
        "het gaat om mijn arbeidsongeschiktheidsverzekering en de",
        "fijn, dank u wel, dan is het opgelost",
    ),
    "en": (
        "this is the third time i am calling about the same order and nobody ever calls me back",
        "i am sorry to hear that, let me look into it right away",
        "it is about my income protection insurance and the",
        "great, thank you so much, then it is solved",
    ),
}
HEARD = {"nl": ("derde keer", "niemand belt mij terug"), "en": ("third time", "nobody ever calls me back")}
ADVICE = {
    "nl": "Maak het van jou: “Vervelend, ik los dit nu met u op.”",
    "en": "Own it: “I\u2019m sorry. I\u2019ll see this through with you.”",
}
WHY = {"nl": "De klant is hier al vaker mee bezig geweest.", "en": "The customer has been here before."}
COMMENTS = {
    "nl": "Eindelijk iemand die luistert en het meteen oplost. Ze belde me zelfs terug om te vragen of alles goed was!",
    "en": "Finally someone who listens and solves it at once. She even called me back to ask whether all was well!",
}


class Story:
    """A state told message by message."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.state = OverlayState()
        self.seq = 0
        self.now = T0

    def tell(self, *messages: AnyInput, at: float | None = None) -> "Story":
        """Let messages happen, at ``at`` seconds after the call's start."""
        self.now = self.now if at is None else T0 + at
        for message in messages:
            self.state = drained(reduce(self.state, message, self.now))
        return self

    def hear(self, *events: AnyEvent) -> "Story":
        """Let events of the call arrive, each at its own time."""
        for event in events:
            self.seq += 1
            self.tell(Envelope(call_id="call-1", seq=self.seq, event=event), at=max(self.now - T0, event.at))
        return self

    def up(self) -> "Story":
        """A server that is there and ready, and a day that is on its way."""
        self.tell(Welcome(version=1, now=T0), at=-600.0)
        self.tell(ServerStatus(state="ready"), Presence(capture=True, controllable=True))
        return self.tell(Today(calls=12, answers=5, stars=4.6, solved_yes=4, solved_said=5))

    def look(self, at: float | None = None) -> Scene:
        """The state, seen at ``at`` seconds after the call's start."""
        now = self.now if at is None else T0 + at
        return self.state, now


def trend(at: float, mood: float | None, direction: Direction = "steady", n: int = 1) -> SentimentTrend:
    """A trend whose word follows its number."""
    sentiment: Sentiment | None = None
    if mood is not None:
        sentiment = "positive" if mood > 1 / 4 else "negative" if mood < -1 / 4 else "neutral"
    return SentimentTrend(at=at, mood=mood, sentiment=sentiment, direction=direction, readings=n)


def reading(at: float, sentiment: Sentiment, emotion: str) -> SentimentReading:
    """A sure reading."""
    return SentimentReading(
        at=at,
        utterance=1,
        start=at - 2,
        sentiment=sentiment,
        probabilities=Probabilities(negative=0.8, neutral=0.15, positive=0.05),
        emotion=emotion,
        confidence=0.8,
        sure=True,
        because=(Reason(word="derde", weight=0.3),),
    )


def final(at: float, utterance: int, text: str, *, agent: bool = False) -> TranscriptFinal:
    """A finished utterance."""
    return TranscriptFinal(
        at=at,
        channel="agent" if agent else "customer",
        utterance=utterance,
        text=text,
        start=at - 3,
        end=at,
        language="nl",
        confidence=0.9,
        words=(),
    )


def partial(at: float, utterance: int, text: str) -> TranscriptPartial:
    """An unfinished utterance of the customer."""
    return TranscriptPartial(
        at=at, channel="customer", utterance=utterance, text=text, committed=3, start=at - 2, end=at, language="nl"
    )


def metrics(at: float, ratio: float | None, dead_air: float = 0.0) -> ConversationMetrics:
    """Numbers of the conversation."""
    return ConversationMetrics(
        at=at,
        agent_talk=10.0,
        customer_talk=12.0,
        overlap=1.0,
        silence=5.0,
        talk_ratio=ratio,
        dead_air=dead_air,
        monologue=0.0,
        pace=150.0,
    )


def a_cue(at: float = 24.0, cue_id: str = "cue-1", priority: int = 5, rule: str = "repeat_contact") -> Cue:
    """A cue that lives 20 seconds."""
    return Cue(
        at=at,
        cue_id=cue_id,
        rule=rule,
        priority=priority,
        advice=ADVICE,
        why=WHY,
        because=HEARD["nl"],
        confidence=0.87,
        expires_at=at + 20.0,
    )


def card(number: int, **changes: object) -> FeedbackCard:
    """A feedback card."""
    plain = FeedbackCard(
        feedback_id=f"f{number}",
        received_at=T0 - 3_600.0 * number,
        stars=5,
        solved=True,
        recommend=9,
        customer="Marit de Vries",
    )
    return msgspec.structs.replace(plain, **changes)


def started() -> CallStarted:
    """The start of the scenes' call."""
    return CallStarted(at=0.0, call_id="call-1", started_at=T0, source="devices")


def _falling(story: Story) -> Story:
    """A call whose customer is annoyed by 24 seconds in."""
    words = WORDS[story.language]
    story.up().hear(started(), metrics(1.0, None), final(6.0, 1, words[0][:34]), trend(6.5, 0.05), trend(11.0, -0.12))
    story.hear(final(14.0, 2, words[0]), trend(14.5, -0.42, "falling"), reading(14.6, "negative", "frustration"))
    story.hear(SignalDetected(at=14.7, utterance=2, signal="repeat_contact", probability=0.9, because=()))
    story.hear(trend(19.0, -0.38, "falling"), final(21.5, 3, words[1], agent=True), metrics(22.0, 0.44))
    return story.hear(trend(23.5, -0.62, "falling"), partial(24.0, 4, words[2]))


def _with_cue(story: Story) -> Story:
    _falling(story).hear(msgspec.structs.replace(a_cue(), because=HEARD[story.language]))
    return story.tell(CuePainted(cue_id="cue-1"), at=25.0)


def _ended(story: Story) -> Story:
    words = WORDS[story.language]
    _with_cue(story).tell(AnswerCue(outcome="helped"), at=30.0)
    story.hear(trend(34.0, -0.3, "steady"), trend(44.0, 0.1, "rising"), trend(55.0, 0.45, "rising"))
    signals = ("value_less", "resolved", "praise_agent", "vulnerable")
    story.hear(*[SignalDetected(at=60.0, utterance=9, signal=s, probability=0.9, because=()) for s in signals])
    story.hear(final(70.0, 10, words[3]), trend(71.0, 0.72, "rising"), reading(71.0, "positive", "gratitude"))
    return story.hear(CallEnded(at=75.0, reason="finished"))


def _plain_falling(story: Story) -> Scene:
    return _falling(story).look(26.0)


def _happy(story: Story) -> Scene:
    words = WORDS[story.language]
    story.up().hear(started(), metrics(1.0, 0.62), trend(3.0, -0.2), trend(12.0, 0.1), trend(30.0, 0.5, "rising"))
    story.hear(trend(50.0, 0.78, "rising"), reading(50.0, "positive", "relief"), final(51.0, 3, words[3]))
    return story.tell(Toggle(part="transcript")).look(52.0)


def _unsure(story: Story) -> Scene:
    return story.up().hear(started(), metrics(4.0, None), trend(4.0, None, n=0)).look(5.0)


def _in_call_notice(*messages: AnyInput, events: tuple[AnyEvent, ...] = ()) -> Callable[[Story], Scene]:
    return lambda story: _falling(story).hear(*events).tell(*messages).look(26.0)


def _feedback(*cards: FeedbackCard) -> Callable[[Story], Scene]:
    return lambda story: story.up().tell(*cards, at=-60.0).look()


def _ready_feedback(story: Story) -> Scene:
    comment = COMMENTS[story.language]
    return story.up().tell(card(3), card(2, stars=3), card(1, comment=comment), at=-60.0).look()


def _nominated(story: Story) -> Scene:
    comment = COMMENTS[story.language]
    return story.up().tell(card(1, comment=comment, nominated=True, channel="chat"), at=-60.0).look()


def _wrap_up_with(*messages: AnyInput) -> Callable[[Story], Scene]:
    def told(story: Story) -> Scene:
        _wrap_up(story)
        return story.tell(*messages).look()

    return told


def _wrap_up_cue(story: Story) -> Scene:
    """A cue a minute after the call; why it came is open."""
    advice = {"nl": "Rond rustig af: één zin in de notitie is genoeg.", "en": "One line in the note is enough."}
    why = {"nl": "Je bent al 61 s aan het afronden", "en": "You have been wrapping up for 61 s"}
    cue = msgspec.structs.replace(a_cue(136.0, "cue-2"), advice=advice, why=why, because=("61 s",), confidence=1.0)
    _wrap_up(story)
    return story.hear(cue).tell(CuePainted(cue_id="cue-2"), Toggle(part="why"), at=137.0).look(138.0)


def _wrap_up(story: Story) -> Scene:
    note = {"nl": "Pakket wordt morgen voor 12 uur bezorgd.", "en": "Parcel arrives tomorrow before noon."}
    _ended(story).tell(SetSolved(solved="yes"), TypeNote(note=note[story.language]), at=80.0)
    return story.tell(SetSolved(solved="yes"), SetSolved(solved="yes"), at=82.0).look()


def _loading(story: Story) -> Scene:
    detail = {"nl": "Spraak", "en": "Speech"}
    story.tell(Welcome(version=1, now=T0), ServerStatus(state="loading", detail=detail, progress=0.62))
    return story.look()


SCENES: dict[str, Callable[[Story], Scene]] = {
    "connecting": lambda story: story.look(),
    "connecting-late": lambda story: story.tell(LinkDown(attempt=3, retry_in=2.0)).look(),
    "refused": lambda story: story.tell(LinkRefused(code="bad_token", message="bad token")).look(),
    "refused-broken": lambda story: story.tell(LinkRefused(code="window", message="ValueError")).look(),
    "loading": _loading,
    "ready-empty": lambda story: story.up().look(),
    "ready-feedback": _ready_feedback,
    "ready-nominated": _nominated,
    "ready-rough": _feedback(card(1, stars=1, comment="<b>Nee</b> " + "arbeidsongeschiktheidsverzekering" * 3)),
    "ready-cues-off": lambda story: story.up().tell(SetCues(wanted=False)).look(),
    "ready-no-capture": lambda story: story.up().tell(Presence(capture=False)).look(-590.0),
    "ready-reconnecting": lambda story: story.up().tell(LinkDown(attempt=1, retry_in=1.0)).look(),
    "in-call-unsure": _unsure,
    "in-call-falling": _plain_falling,
    "in-call-happy": _happy,
    "in-call-cue": lambda story: _with_cue(story).look(27.0),
    "in-call-cue-why": lambda story: _with_cue(story).tell(Toggle(part="why")).look(27.0),
    "in-call-everything": lambda story: (
        _with_cue(story)
        .tell(Toggle(part="why"), Toggle(part="transcript"), Presence(capture=True, silent=("customer",)))
        .look(27.0)
    ),
    "in-call-cue-muted": lambda story: _with_cue(story).tell(AnswerCue(outcome="muted")).look(27.0),
    "in-call-cues-off": lambda story: _with_cue(story).tell(SetCues(wanted=False)).look(27.0),
    "in-call-silent": _in_call_notice(Presence(capture=True, silent=("customer",))),
    "in-call-behind": _in_call_notice(events=(Delay(at=25.0, behind=4.2, mode="slower_partials"),)),
    "in-call-unclear": _in_call_notice(
        events=(RecognitionQuality(at=25.0, channel="customer", reliable=False, confidence=0.5),)
    ),
    "in-call-degraded": _in_call_notice(ServerStatus(state="degraded")),
    "in-call-reconnecting": _in_call_notice(LinkDown(attempt=1, retry_in=1.0)),
    "in-call-pause-waits": _in_call_notice(LinkDown(attempt=1, retry_in=1.0), AskCall(action="pause")),
    "in-call-error": _in_call_notice(Error(code="no_capture", message="Nothing listens.", retryable=True)),
    "in-call-error-final": _in_call_notice(Error(code="else", message="This cannot be done.", retryable=False)),
    "paused": _in_call_notice(Presence(capture=True, paused=True)),
    "wrap-up": _wrap_up,
    "wrap-up-cue": _wrap_up_cue,
    "wrap-up-degraded": _wrap_up_with(ServerStatus(state="degraded")),
    "wrap-up-reconnecting": _wrap_up_with(LinkDown(attempt=1, retry_in=1.0)),
    "wrap-up-empty": lambda story: story.up().hear(started(), CallEnded(at=3.0, reason="finished")).look(),
    "pill": lambda story: _falling(story).tell(Toggle(part="collapsed")).look(26.0),
    "pill-cue": lambda story: _with_cue(story).tell(Toggle(part="collapsed")).look(27.0),
}


def scene(name: str, language: str) -> Scene:
    """The scene called ``name``, its people speaking ``language``."""
    return SCENES[name](Story(language))


def names() -> Iterable[str]:
    """All scenes, in the order a day brings them."""
    return SCENES
