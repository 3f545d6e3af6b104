"""What a customer says about the agent is shown between calls, never during one."""

from stage_kit import Raise, until

from server.commands import loopback


def test_feedback_of_another_customer_waits_for_the_end_of_the_call(stage: Raise) -> None:
    played = stage("--exit-after-call")
    call = played.start_call()
    loopback.give_feedback(played.port, played.token, {"stars": 1, "comment": "Never again.", "customer": "Jan"})
    card = until(played.feedback, "the card in the log")[0]
    assert card["comment"] == "Never again."
    played.until_words(call)
    during = {picture.stem for picture in played.pictures.glob("*.png")}
    assert during
    assert not any("feedback" in name for name in during)
    assert not played.feedback()[0]["seen"], "it was shown during the call"
    assert played.until_ended(call).reason == "finished"
    until(lambda: list(played.pictures.glob("*-ready-feedback.png")), "the card on the screen")
    until(lambda: played.feedback()[0]["seen"], "the card to be seen")
    in_order = [picture.stem.partition("-")[2] for picture in sorted(played.pictures.glob("*.png"))]
    assert in_order.index("wrap-up") < in_order.index("ready-feedback")
    assert played.supervisor.wait("overlay", 30.0) == 0
