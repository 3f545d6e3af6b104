"""Small playbooks and hand-made events for tests of the cue engine."""

from collections.abc import Iterable

from live_sentiment.cue_triggers import Heard
from live_sentiment.cues import CueEngine
from live_sentiment.events import ConversationMetrics, Cue, CueOutcome, Outcome, SentimentTrend, SignalDetected
from live_sentiment.playbook import load_playbook
from live_sentiment.playbook_rules import Playbook


def book(rules: str, head: str = "min_gap = 0") -> Playbook:
    texts = 'advice = { nl = "Doe dit.", en = "Do this." }\nwhy = { nl = "{words}{seconds}", en = "{words}{wpm}" }\n'
    text = f'name = "Test"\n{head}\n[phrases.sorry]\nnl = ["sorry", "vervelend*"]\nen = ["sorry"]\n'
    return load_playbook(text + rules.replace("[[rule]]\n", f"[[rule]]\n{texts}"), "test")


def tick(at: float, **numbers: float) -> ConversationMetrics:
    plainly = {"agent_talk": 1.0, "customer_talk": 1.0, "overlap": 0.0, "silence": 0.0, "dead_air": 0.0}
    values = plainly | {"monologue": 0.0, "talk_ratio": 0.5, "pace": 150.0} | numbers
    return ConversationMetrics(at=at, **values)


def signal(at: float, name: str, probability: float = 0.9) -> SignalDetected:
    return SignalDetected(at=at, utterance=1, signal=name, probability=probability, because=())


def mood(at: float, value: float, direction: str = "steady") -> SentimentTrend:
    return SentimentTrend(at=at, mood=value, sentiment="neutral", direction=direction, readings=1)  # pyright: ignore[reportArgumentType] - a test's short cut


def feed(engine: CueEngine, events: Iterable[Heard]) -> list[Cue]:
    return [said for event in events for said in engine.accept(event) if isinstance(said, Cue)]


def acted(engine: CueEngine, events: Iterable[Heard]) -> list[tuple[str, str]]:
    """What the engine says became of its cues."""
    told = [said for event in events for said in engine.accept(event)]
    return [(said.cue_id, said.outcome) for said in told if isinstance(said, CueOutcome)]


def answer(cue: Cue, outcome: Outcome, at: float = 0.0) -> CueOutcome:
    return CueOutcome(at=at, cue_id=cue.cue_id, outcome=outcome)


REPEAT = '[[rule]]\nid = "own"\ntrigger = { kind = "signal", any_of = ["repeat_contact"] }\n'
CHURN = '[[rule]]\nid = "stay"\npriority = 80\ntrigger = { kind = "signal", any_of = ["churn"] }\n'
