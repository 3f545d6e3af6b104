"""Whether a line is in another language than the model reads, told by its commonest words.

Words of grammar tell a short line's language better than its letters do (Grefenstette 1995, "Comparing two language
identification schemes"). Only words that Dutch and English lack are listed ("die" and "in" are German too), so a
loan word or a name is not enough.
"""

from collections import Counter
from collections.abc import Iterable

LEAST_WORDS = 2
"""Words of one other language that a line must have."""
LEAST_SHARE = 0.26
"""Their least share of all words of the line."""

_COMMON = {
    "German": (
        "ich nicht und ist eine einen einem fur zum zur wir ihr mir mich sich haben habe sind aber noch schon "
        "kann konnen wenn dass oder nach bitte danke nein meine ihre wurde werden warum immer guten heute "
        "dauert lange ganz sehr gar meinem diese dieser dieses jetzt uber mein keine warum schlecht geht sofort"
    ),
    "French": (
        "elle nous vous les suis avez avoir pour dans avec mon votre cette c'est n'est n'ai j'ai d'un d'une mais "
        "ete faire est sont colis commande furieux rien "
        "bonjour tres bien depuis toujours veux peux cela leur chez sans encore jamais recu parler beaucoup aux"
    ),
    "Spanish": (
        "yo los una unos soy estoy esta estan por para con mis su sus pero muy mas como cuando porque gracias "
        "buenos hola tengo tiene quiero puede hacer ya del todo nada todavia pedido mucho donde estaba fue "
        "usted ustedes mi llega"
    ),
    "Italian": (
        "io gli una sono siamo non che con mio mia suo molto piu come quando perche grazie buongiorno hai "
        "abbiamo vorrei posso fare gia del della dei questo questa niente sempre anche"
    ),
    "Portuguese": (
        "uma nao por para meu minha seu sua mas muito mais como quando porque obrigado obrigada tenho tem "
        "quero posso fazer isso esta estou ainda voce bom"
    ),
    "Polish": (
        "nie jest jak moj moja mam czy prosze dziekuje dzien dobry bardzo ale juz jeszcze dlaczego chce moge "
        "byc byl byla tego przez kiedy"
    ),
    "Turkish": (
        "biz bir ve icin ile degil yok cok ama daha nasil neden zaman tesekkur ederim merhaba evet hayir "
        "benim istiyorum olarak gibi kadar hala"
    ),
    "Swedish": ("jag och inte med till fran hade vill skulle ocksa mycket tack hej varfor nar ett att mitt detta"),
    "Danish": ("jeg og ikke med til fra havde vil skulle ogsa meget hej hvorfor nar dette hvad"),
    "Romanian": ("este sunt cu pe mai foarte multumesc buna ziua vreau dar pentru cum cand acum meu mea"),
    "Indonesian": ("saya tidak yang ini itu dengan untuk sudah belum bisa apa kenapa terima kasih tolong dari"),
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _COMMON.items()}
"""Words of grammar as ``features.fold`` writes them, without any that are also heard in Dutch or English talk."""


def is_foreign(words: Iterable[str]) -> bool:
    """Whether ``words``, in lower case and without accents, are of a language that is not Dutch or English."""
    counted = Counter(words)
    total = counted.total()
    most = max(sum(counted[word] for word in common & counted.keys()) for common in _LANGUAGES.values())
    return most >= LEAST_WORDS and most >= LEAST_SHARE * total
