"""What the check before a shift says, in Dutch and English."""

from typing import Literal

import msgspec

State = Literal["good", "unsure", "bad"]


class Text(msgspec.Struct, frozen=True):
    """The same in both languages of the screen."""

    nl: str = ""
    en: str = ""

    def of(self, language: Literal["nl", "en"]) -> str:
        """The text in ``language``."""
        return self.nl if language == "nl" else self.en


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: how it is, in words, and what to do about it."""

    about: Literal["microphone", "customer", "channels", "echo"]
    state: State
    said: Text
    advice: Text = Text()


SAY_SOMETHING = Text(
    nl="Zeg hardop: “Goedemorgen, waar kan ik u mee helpen?”", en="Say aloud: “Good morning, how can I help?”"
)
NOTHING = Text()
PLUG = Text(
    nl="Steek de headset opnieuw in en kies hem in de geluidsinstellingen.",
    en="Plug the headset in again and choose it in the sound settings.",
)
MUTED = Text(nl="Je microfoon staat uit: hij geeft alleen stilte.", en="Your microphone is off: it gives silence only.")
UNMUTE = Text(
    nl="Kijk naar de knop op de headset en naar de geluidsinstellingen.",
    en="Look at the button on the headset and at the sound settings.",
)
TOO_LOUD = Text(nl="Je microfoon staat te hard: het geluid vervormt.", en="Your microphone is too loud: it distorts.")
TURN_DOWN = Text(
    nl="Zet hem zachter, of draai hem iets van je mond weg.", en="Turn it down, or turn it a little from your mouth."
)
NO_VOICE = Text(nl="Je stem is niet gehoord.", en="Your voice was not heard.")
SPEAK = Text(
    nl="Doe het nog eens en praat hardop. Helpt dat niet, kies dan je microfoon: spiegel devices --watch",
    en="Try again and speak up. If that does not help, choose your microphone: spiegel devices --watch",
)
SOFT = Text(nl="Je microfoon staat zacht.", en="Your microphone is soft.")
TURN_UP = Text(nl="Zet hem harder, of dichter bij je mond.", en="Turn it up, or bring it closer to your mouth.")
YOU_ARE_HEARD = Text(nl="Je bent goed te horen.", en="You are heard well.")
TONE_HEARD = Text(
    nl="Wat je in je headset hoort, hoort Spiegel ook.", en="What you hear in your headset, Spiegel hears too."
)
TONE_LOST = Text(
    nl="De toon is niet gehoord aan de kant van de klant.", en="The tone was not heard on the customer's side."
)
CHOOSE_OUTPUT = Text(
    nl="Kies het apparaat waarop je de klant hoort: spiegel devices --output NAAM",
    en="Choose the device you hear the customer on: spiegel devices --output NAME",
)
SOUND_HEARD = Text(nl="Er klonk geluid aan de kant van de klant.", en="There was sound on the customer's side.")
NOTHING_PLAYED = Text(
    nl="Er klonk niets aan de kant van de klant, dus dat is nog niet zeker.",
    en="Nothing sounded on the customer's side, so that is not sure yet.",
)
ASK_FOR_TONE = Text(
    nl="Laat een korte toon in je headset horen: spiegel check --tone",
    en="Let a short tone sound in your headset: spiegel check --tone",
)
SAME = Judged(
    about="channels",
    state="bad",
    said=Text(nl="Jij en de klant zijn hetzelfde geluid.", en="You and the customer are the same sound."),
    advice=Text(
        nl="Kies twee verschillende apparaten: spiegel devices", en="Choose two different devices: spiegel devices"
    ),
)
SWAPPED = Judged(
    about="channels",
    state="bad",
    said=Text(nl="Jij en de klant lijken verwisseld.", en="You and the customer seem to be swapped."),
    advice=Text(
        nl="Kijk welke naam bij wie hoort: spiegel devices --watch",
        en="See which name belongs to whom: spiegel devices --watch",
    ),
)
ECHO = Judged(
    about="echo",
    state="unsure",
    said=Text(
        nl="Je microfoon hoort ook wat je headset afspeelt.", en="Your microphone also hears what your headset plays."
    ),
    advice=Text(
        nl="Zet het geluid zachter, of gebruik een headset in plaats van luidsprekers.",
        en="Turn the sound down, or use a headset instead of speakers.",
    ),
)
MICROPHONE_GONE = Judged(
    about="microphone",
    state="bad",
    said=Text(nl="Je microfoon valt weg: er komt geen geluid.", en="Your microphone drops out: no sound comes."),
    advice=PLUG,
)
CUSTOMER_GONE = Judged(
    about="customer",
    state="bad",
    said=Text(nl="Het geluid van de klant valt weg.", en="The customer's sound drops out."),
    advice=PLUG,
)
