"""How people say that they want no more news, in every language that we could list.

A wrong no costs somebody a newsletter, and they hear of it; so what is likely meant as a no is
one. Whether somebody should look at the mail as well is the question that is answered here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from notifications.hearing.authorship import folded
from notifications.hearing.plain_text import own_words


class Wish(Enum):
    """What a mail asks for, as far as a program can tell."""

    # Nothing but "no more news", and not to be taken for anything else.
    PLAIN = "plain"
    # A word such as "stop", which may mean something else where one does not opt out.
    SHORT = "short"
    # Words that a person should read.
    UNCLEAR = "unclear"
    # No words at all.
    SILENT = "silent"


@dataclass(frozen=True)
class Words:
    """A language: what can only mean newsletters, and what means them at the opt-out address."""

    plain: tuple[str, ...]
    short: tuple[str, ...]


LANGUAGES = {
    "af": Words(("teken uit", "meld af", "geen e posse meer"), ("stop", "verwyder my")),
    "ar": Words(
        ("إلغاء الاشتراك", "الغاء الاشتراك", "ألغ اشتراكي", "إلغاء اشتراكي"),
        ("توقف", "أوقف", "إيقاف"),
    ),
    "az": Words(("abunəlikdən çıx", "abunəliyi ləğv"), ("dayandır", "dayan")),
    "be": Words(("адпісацца", "адпісаць", "адпішыце"), ("стоп",)),
    "bg": Words(
        ("отписване", "отпиши", "отпишете", "отказ от абонамент"), ("стоп", "спри", "спрете")
    ),
    "bn": Words(("আনসাবস্ক্রাইব", "সদস্যতা ত্যাগ"), ("বন্ধ করুন", "থামুন")),
    "bs": Words(("odjavi me", "odjava", "odjavite me"), ("stop",)),
    "ca": Words(
        ("donar me de baixa", "doneu me de baixa", "cancel·lar la subscripcio"), ("atura", "baixa")
    ),
    "cs": Words(
        ("odhlasit", "odhlaste", "odhlaseni", "zrusit odber", "odhlasit odber", "neposilejte"),
        ("stop",),
    ),
    "cy": Words(("dad danysgrifio", "dad danysgrifiwch"), ("stopiwch",)),
    "da": Words(
        ("afmeld", "frameld", "afmeld mig", "ingen flere mails", "afmelding"),
        ("stop", "stands", "slet mig"),
    ),
    "de": Words(
        (
            *(
                "abmelden",
                "abmeldung",
                "melden sie mich ab",
                "melden sie mich bitte ab",
                "meldet mich ab",
                "abbestellen",
            ),
            *("austragen", "tragen sie mich aus", "keine werbung", "keine weiteren mails"),
            *("keine mails mehr", "keine e mails mehr", "keine newsletter", "newsletter kundigen"),
            *("abbestellung", "widerspreche der werbung", "keine weiteren e mails"),
        ),
        ("stop", "stopp", "aufhoren", "schluss damit"),
    ),
    "el": Words(
        ("διαγραφη", "απεγγραφη", "διαγραψτε με", "καταργηση εγγραφης"), ("στοπ", "σταματηστε")
    ),
    "en": Words(
        (
            *("unsubscribe", "unsubcribe", "unsuscribe", "un subscribe", "unsub", "unsubscribed"),
            *("opt out", "optout", "opt me out", "take me off", "remove me from your list"),
            *("remove me from your mailing list", "remove me from this list", "off your list"),
            *("no more emails", "no more e mails", "no more mails", "no more mail", "no more news"),
            *("no more newsletters", "no more offers", "stop emailing", "stop e mailing"),
            *("stop mailing", "stop spamming", "stop sending", "do not email me", "don t email me"),
            *("do not send me", "don t send me", "do not contact me", "cease and desist"),
            *("stop these emails", "stop the emails", "stop all emails", "stop your emails"),
            *("remove my email", "remove my address", "delete my email", "delist me"),
        ),
        (
            "stop",
            "stopp",
            "remove",
            "remove me",
            "quit",
            "no thanks",
            "no thank you",
            "enough",
            "end",
        ),
    ),
    "eo": Words(("malaboni", "malabonu min"), ("haltu",)),
    "es": Words(
        (
            *("darme de baja", "darse de baja", "dar de baja", "deme de baja", "denme de baja"),
            *("cancelar suscripcion", "cancelar la suscripcion", "anular suscripcion"),
            *("desuscribir", "desuscribirme", "no quiero recibir", "no mas correos"),
            *("no me envien", "no enviar mas", "dejen de enviar"),
        ),
        ("baja", "alto", "basta", "parar", "stop"),
    ),
    "et": Words(
        ("loobun uudiskirjast", "tuhista tellimus", "tellimusest loobuda"), ("stopp", "lopeta")
    ),
    "eu": Words(("harpidetza kendu", "harpidetza utzi"), ("gelditu",)),
    "fa": Words(("لغو اشتراک", "لغو عضویت"), ("توقف",)),
    "fi": Words(
        ("peruuta tilaus", "peruutan tilauksen", "poista listalta", "en halua enaa", "peru tilaus"),
        ("lopeta", "seis", "stop"),
    ),
    "fil": Words(("mag unsubscribe", "i unsubscribe"), ("itigil", "tigil")),
    "fr": Words(
        (
            *("desabonner", "desabonnement", "desabonnez moi", "me desabonner", "desinscription"),
            *("desinscrire", "desinscrivez moi", "me desinscrire", "plus de mails", "plus de mail"),
            *("plus d emails", "plus d e mails", "plus de courriels", "plus recevoir"),
            *("retirez moi de votre liste", "arretez de m envoyer", "plus de publicite"),
        ),
        ("stop", "arret", "arretez", "assez"),
    ),
    "ga": Words(("dioschlaraigh", "dhiliostail", "diliostaigh"), ("stad",)),
    "gl": Words(("darme de baixa", "cancelar a subscricion"), ("parar", "baixa")),
    "gu": Words(("અનસબ્સ્ક્રાઇબ",), ("બંધ કરો",)),
    "he": Words(
        ("להסיר אותי", "הסר אותי", "הסירו אותי", "ביטול הרשמה", "הסרה מרשימת"),
        ("הסר", "הפסק", "די", "הסרה"),
    ),
    "hi": Words(("सदस्यता समाप्त", "सदस्यता रद्द", "अनसब्सक्राइब"), ("बंद करो", "बंद करें", "रोकें")),
    "hr": Words(
        ("odjavi me", "odjavite me", "odjava", "ne zelim vise primati"), ("stop", "prekini")
    ),
    "hu": Words(
        ("leiratkozas", "leiratkozom", "iratkoztassanak le", "hirlevel lemondas"), ("stop", "allj")
    ),
    "hy": Words(("ապաբաժանորդագրվել", "չեղարկել բաժանորդագրությունը"), ("կանգ",)),
    "id": Words(
        (
            "berhenti berlangganan",
            "batal berlangganan",
            "jangan kirim email",
            "hapus saya dari daftar",
        ),
        ("berhenti", "stop", "cukup"),
    ),
    "is": Words(("afskra", "afskra mig", "segja upp askrift"), ("stopp", "haetta")),
    "it": Words(
        (
            *("disiscrivermi", "disiscrivere", "disiscrizione", "cancellatemi", "cancellami"),
            *("annulla iscrizione", "annullare l iscrizione", "cancella iscrizione"),
            *("non inviatemi", "non voglio ricevere", "rimuovetemi", "basta mail"),
        ),
        ("stop", "basta", "fermare", "rimuovi"),
    ),
    "ja": Words(
        ("配信停止", "登録解除", "購読解除", "退会", "メール停止", "配信を停止", "解除"),
        ("停止", "ストップ", "やめて"),
    ),
    "ka": Words(("გამოწერის გაუქმება", "გააუქმეთ გამოწერა"), ("შეწყვიტეთ", "სტოპ")),
    "kk": Words(("жазылымнан бас тарту", "жазылымды тоқтату"), ("тоқтату", "стоп")),
    "km": Words(("ឈប់ជាវ",), ("ឈប់",)),
    "kn": Words(("ಅನ್‌ಸಬ್‌ಸ್ಕ್ರೈಬ್",), ("ನಿಲ್ಲಿಸಿ",)),
    "ko": Words(
        ("수신거부", "수신 거부", "구독취소", "구독 취소", "구독 해지", "구독해지"),
        ("중지", "그만", "거부"),
    ),
    "lo": Words(("ຍົກເລີກການສະໝັກ",), ("ຢຸດ",)),
    "lt": Words(
        ("atsisakyti prenumeratos", "atsisakau", "atsisakyti naujienlaiskio"), ("stop", "stabdyti")
    ),
    "lv": Words(
        ("atrakstities", "atteikties no jaunumiem", "anulet abonementu"), ("stop", "beigt")
    ),
    "mk": Words(("отпиши се", "отпишете ме", "откажи претплата"), ("стоп",)),
    "ml": Words(("അൺസബ്സ്ക്രൈബ്",), ("നിർത്തുക",)),
    "mn": Words(("захиалга цуцлах", "бүртгэлээс хасах"), ("зогсоо",)),
    "mr": Words(("सदस्यता रद्द करा", "अनसबस्क्राइब"), ("थांबवा",)),
    "ms": Words(("berhenti melanggan", "batalkan langganan"), ("henti", "berhenti")),
    "mt": Words(("tnehhi l abbonament", "nehhini mil lista"), ("ieqaf",)),
    "my": Words(("စာရင်းသွင်းမှုပယ်ဖျက်",), ("ရပ်",)),
    "nb": Words(
        ("meld meg av", "avmelding", "avslutt abonnement", "stopp e post"), ("stopp", "slutt")
    ),
    "ne": Words(("सदस्यता हटाउनुहोस्",), ("रोक्नुहोस्",)),
    "nl": Words(
        (
            *("afmelden", "uitschrijven", "meld mij af", "schrijf mij uit", "afmelding"),
            *(
                "geen mail meer",
                "geen mails meer",
                "geen e mail meer",
                "geen reclame",
                "opzeggen nieuwsbrief",
            ),
        ),
        ("stop", "stoppen", "verwijder mij"),
    ),
    "pa": Words(("ਗਾਹਕੀ ਰੱਦ",), ("ਬੰਦ ਕਰੋ",)),
    "pl": Words(
        (
            *("wypisz", "wypisz mnie", "wypisac", "prosze o wypisanie", "rezygnuje", "rezygnacja"),
            *("anuluj subskrypcje", "usuncie mnie z listy", "nie chce otrzymywac"),
        ),
        ("stop", "dosc", "koniec"),
    ),
    "pt": Words(
        (
            *("cancelar inscricao", "cancelar subscricao", "cancelar a inscricao", "descadastrar"),
            *(
                "cancelar assinatura da newsletter",
                "remover da lista",
                "remova me",
                "remova meu email",
            ),
            *("nao quero receber", "nao desejo receber", "nao me enviem", "sair da lista"),
        ),
        ("parar", "sair", "pare", "chega", "cancelar", "stop"),
    ),
    "ro": Words(("dezabonare", "dezabonati ma", "dezaboneaza", "ma dezabonez"), ("stop", "opriti")),
    "ru": Words(
        (
            *(
                "отписаться",
                "отписать",
                "отпишите",
                "отпишите меня",
                "отписка",
                "отказ от рассылки",
            ),
            *(
                "отказаться от рассылки",
                "не присылайте",
                "уберите из рассылки",
                "удалите из рассылки",
            ),
        ),
        ("стоп", "хватит", "прекратите"),
    ),
    "si": Words(("දායකත්වය අවලංගු",), ("නවත්වන්න",)),
    "sk": Words(("odhlasit", "odhlaste", "zrusit odber", "odhlasenie", "neposielajte"), ("stop",)),
    "sl": Words(("odjava", "odjavi me", "odjavite me", "odjavi"), ("stop", "nehajte")),
    "sq": Words(("cregjistrohu", "hiqni nga lista", "cabonohu"), ("ndalo", "ndaloni")),
    "sr": Words(("odjavi me", "одјави ме", "одјава", "одјавите ме"), ("стоп", "stop")),
    "sv": Words(
        (
            "avregistrera",
            "avprenumerera",
            "avanmal",
            "avsluta prenumeration",
            "inga fler mejl",
            "inga fler mail",
        ),
        ("stopp", "sluta", "stop"),
    ),
    "sw": Words(("jiondoe", "nitoe kwenye orodha", "ondoa usajili"), ("acha", "simama")),
    "ta": Words(("குழுவிலகு", "சந்தாவை ரத்து"), ("நிறுத்து",)),
    "te": Words(("అన్‌సబ్‌స్క్రయిబ్", "చందా రద్దు"), ("ఆపు", "ఆపండి")),
    "th": Words(("ยกเลิกการสมัคร", "ยกเลิกการรับ", "เลิกรับข่าวสาร", "ยกเลิกรับข่าว"), ("หยุด", "ยกเลิก")),
    "tr": Words(
        (
            "abonelikten cik",
            "aboneligi iptal",
            "listeden cikar",
            "uyelikten cik",
            "mail istemiyorum",
        ),
        ("dur", "durdur", "yeter"),
    ),
    "uk": Words(
        ("відписатися", "відписати", "відпишіть", "відписатись", "відмова від розсилки"),
        ("стоп", "досить"),
    ),
    "ur": Words(("ان سبسکرائب", "رکنیت ختم"), ("بند کریں", "روکیں")),
    "uz": Words(("obunani bekor qilish", "obunadan chiqish"), ("toxtat",)),
    "vi": Words(("huy dang ky", "ngung nhan", "huy nhan tin", "dung gui"), ("dung", "thoi")),
    "zh": Words(
        ("退订", "退訂", "取消订阅", "取消訂閱", "不再接收", "停止发送", "停止發送"),
        ("停止", "退出", "td"),
    ),
    "zu": Words(("zikhiphe ohlwini", "susa ukubhalisa"), ("yima",)),
}
# What turns a wish round when it stands right beside it, in the languages that have such words.
NEGATIONS = {
    *("not", "don t", "dont", "do not", "never", "cannot", "nicht", "nie", "ne", "pas", "n", "no"),
    *(
        "non",
        "nao",
        "niet",
        "inte",
        "ikke",
        "ei",
        "ala",
        "nem",
        "nu",
        "не",
        "ні",
        "nie",
        "μη",
        "μην",
    ),
    *("לא", "لا", "tidak", "jangan", "không", "khong", "ไม่"),
}
# Scripts that write no spaces between words: there a phrase counts wherever it stands.
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff\u1100-\u11ff]"
)
MOST_WORDS, MOST_LETTERS = 12, 120
NEAR = 2
# What stands before and behind the wish and means nothing.
POLITE = {
    *(
        "please",
        "pls",
        "plz",
        "hi",
        "hello",
        "dear",
        "me",
        "thanks",
        "thank",
        "you",
        "re",
        "aw",
        "sv",
    ),
    *(
        "bitte",
        "danke",
        "hallo",
        "merci",
        "svp",
        "s",
        "il",
        "vous",
        "plait",
        "bonjour",
        "por",
        "favor",
    ),
    *(
        "gracias",
        "hola",
        "grazie",
        "per",
        "favore",
        "obrigado",
        "ola",
        "prosim",
        "prosze",
        "dziekuje",
    ),
    *(
        "mich",
        "mij",
        "mig",
        "meg",
        "moi",
        "now",
        "my",
        "email",
        "address",
        "news",
        "newsletter",
        "the",
    ),
}


def wish_of(subject: str, text: str) -> Wish:
    """Return what a mail by a person asks for, by its subject and the writer's own words."""
    words, topic = folded(own_words(text)), folded(subject)
    if not words:
        found = _wish_in(topic)
        return found or (Wish.UNCLEAR if _says_something(topic) else Wish.SILENT)
    if len(words.split()) > MOST_WORDS or len(words) > MOST_LETTERS:
        return Wish.UNCLEAR
    if (found := _wish_in(words)) is not None:
        return found
    # The wish may stand in the subject, and the text say nothing but thanks.
    polite = all(word in POLITE for word in words.split())
    return (_wish_in(topic) if polite else None) or Wish.UNCLEAR


def _wish_in(words: str) -> Wish | None:
    """Find the longest phrase that nothing turns round; a short one has nothing beside it."""
    for phrase, wish in _phrases():
        where = _place_of(phrase, words)
        if where is None or _is_turned_round(words, *where):
            continue
        rest = f"{words[: where[0]]} {words[where[1] :]}".split()
        if wish is Wish.PLAIN or all(word in POLITE for word in rest):
            return wish
    return None


def _place_of(phrase: str, words: str) -> tuple[int, int] | None:
    if WITHOUT_SPACES.search(phrase):
        at = words.find(phrase)
        return (at, at + len(phrase)) if at >= 0 else None
    at = f" {words} ".find(f" {phrase} ")
    return (at, at + len(phrase)) if at >= 0 else None


def _is_turned_round(words: str, begins: int, ends: int) -> bool:
    before = words[:begins].split()[-NEAR - 1 :]
    behind = words[ends:].split()[:1]
    beside = [*before, *behind, *(" ".join(pair) for pair in pairwise(before))]
    return any(word in NEGATIONS for word in beside)


def _says_something(topic: str) -> bool:
    return any(word not in POLITE for word in topic.split())


@lru_cache(maxsize=1)
def _phrases() -> list[tuple[str, Wish]]:
    """Every phrase as it is compared, the longest first: "opt me out" before "out"."""
    found: dict[str, Wish] = {}
    for words in LANGUAGES.values():
        found |= {folded(phrase): Wish.SHORT for phrase in words.short}
    for words in LANGUAGES.values():
        found |= {folded(phrase): Wish.PLAIN for phrase in words.plain}
    return sorted(found.items(), key=lambda item: -len(item[0]))
