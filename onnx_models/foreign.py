"""Whether a line is in another language than the model reads, told by its commonest words.

Words of grammar tell a short line's language better than its letters do (Grefenstette 1995, "Comparing two language
identification schemes"). Only words that Dutch and English lack are listed, so a loan word or a name is not enough.
"""

from collections import Counter
from collections.abc import Iterable

LEAST_WORDS = 2
"""Words of one other language that a line must have."""
LEAST_SHARE = 0.2
"""Their least share of all words of the line."""

_COMMON = {
    "German": "ich nicht und ist das der den dem ein eine einen einem auf fur mit von zu zum zur wie sie wir ihr mir mich "
    "sich haben habe hat sind bin sein aber auch noch schon kann konnen wenn dass oder bei nach bitte danke ja nein "
    "mein meine ihre wurde werden warum immer guten heute dauert lange ganz sehr gar meinem diese dieser dieses jetzt uber",
    "French": "je tu il elle nous vous ils les des une est sont suis avez avoir pas ne que qui pour dans avec sur mon ma "
    "mes votre vos ce cette c'est n'est j'ai ca mais ou ete faire bonjour merci plus tres bien depuis toujours veux peux cela leur chez sans encore jamais parler beaucoup du au aux "
    "et la le",
    "Spanish": "yo el los las una unos es son soy estoy esta estan no que por para con mi mis su sus pero muy mas como "
    "cuando porque gracias buenos hola tengo tiene quiero puede hacer ya del se lo me todo nada y la de todavia he pedido mucho donde estaba fue usted ustedes",
    "Italian": "io il lo gli una sono sei siamo e non che per con mio mia suo ma molto piu come quando perche grazie "
    "buongiorno ho hai ha abbiamo vorrei posso fare gia del della dei questo questa niente sempre anche di la si",
    "Portuguese": "eu os uma um nao que por para com meu minha seu sua mas muito mais como quando porque obrigado obrigada "
    "tenho tem quero posso fazer ja do da dos das isso esta estou ainda nao voce bom dia o e",
    "Polish": "ja nie to jest sie w z na do ze jak co moj moja mam ma czy tak prosze dziekuje dzien dobry bardzo ale "
    "juz jeszcze dlaczego chce moge byc byl byla tego przez kiedy",
    "Turkish": "ben sen biz siz bir bu ve icin ile degil var yok cok ama daha nasil neden ne zaman tesekkur ederim "
    "merhaba evet hayir benim istiyorum olarak gibi kadar hala mi",
    "Swedish": "jag du vi ni han hon det och inte som pa med till fran har hade kan vill skulle men ocksa mycket tack hej "
    "varfor nar ar ett att min mitt detta",
    "Danish": "jeg du vi det og ikke som pa med til fra har havde kan vil skulle men ogsa meget tak hej hvorfor nar er et "
    "at min mit dette hvad",
    "Romanian": "eu nu este sunt si cu pe la un o ca mai foarte multumesc buna ziua vreau pot sa am are dar pentru cum "
    "cand acum meu mea",
    "Indonesian": "saya tidak yang dan di ini itu dengan untuk sudah belum ada bisa apa kenapa terima kasih tolong mau dari ke",
}
_ALSO_OURS = frozenset(
    "das den dem der das ein auf mit von zu wie sie hat bin sein auch bei ja mein il des une est sont ne son plus la le "
    "du au et se lo me no de mi es el y e si di ma ha per o do da dos um um at to ze w z na co tak ma bu ne dia var mi ni "
    "han hon det som ar er har kan vi du pa men man ca ke mau ada un on a i sei sen siz um eu os sa am are la com las "
    "ou ils las all pot ana via min vos mes sur ce tu qui que per pas die in is was er an am war so hier ho dan je he nu merci ben".split()
)
"""Words of those that are also words, names or noises of Dutch or English talk."""
_LANGUAGES = {
    name: frozenset(word for word in words.split() if word not in _ALSO_OURS) for name, words in _COMMON.items()
}


def is_foreign(words: Iterable[str]) -> bool:
    """Whether ``words``, in lower case and without accents, are of a language that is not Dutch or English."""
    counted = Counter(words)
    total = counted.total()
    most = max(sum(counted[word] for word in common & counted.keys()) for common in _LANGUAGES.values())
    return most >= LEAST_WORDS and most >= LEAST_SHARE * total
