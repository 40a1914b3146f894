"""Distinguishes reads from writes by the names of a department's operations and paths.

The names come in many spellings (`UpdateStatus`, `update_status`, `updatestatus`) and in several
languages. In doubt an operation counts as a write: a read that is not guessed costs an integrator
a few lines, but a guessed write changes a citizen's record.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7f]+")
_USING = re.compile(r"(?i)[_-]?using[_-]?(get|post|put|patch|delete)(_\d+)?$")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


READ_VERBS = _set("""
    get find search list read query fetch track view lookup look retrieve show check enquire
    enquiry inquire inquiry select load display describe browse know trace obtain see export pull
    obtener consultar consulta buscar listar ver leer obter ler rechercher recherche lister obtenir
    lire afficher abfragen abrufen suchen suche holen lesen anzeigen auflisten paring otsi loe leia
    naita vaata hae etsi khoj dekhen dekho देखें देखे खोजें खोज प्राप्त जानकारी ज्ञात
    получить найти показать список прочитать отримати знайти
""")
"""Verbs that only read; the last four lines are in other languages."""

_READ_STARTS = READ_VERBS | {"is", "has", "status", "count", "verify", "validate", "स्थिति"}
_READ_ENDS = _set("""
    status list detail details info information enquiry inquiry search history lookup query
    estado liste etat staatus tila स्थिति विवरण सूची
""")

_WRITE_ANYWHERE = _set("""
    update create delete insert submit cancel save add modify approve reject withdraw remove edit
    upsert upload patch put revoke suspend activate deactivate enable disable reopen close assign
    reassign escalate forward archive restore replace send notify initiate trigger generate confirm
    accept acknowledge refund lodge raise enrol enroll apply renew amend alter unlink purge truncate
    reset publish subscribe unsubscribe persist store resubmit sanction disburse revert decline deny
    void terminate dispose redress finalize finalise authorize authorise override rectify correct
    upd updt updte insrt dlt updation creation deletion insertion
    modification cancelar crear actualizar guardar eliminar insertar modificar anular registrar
    enviar aprobar rechazar borrar agregar atualizar criar salvar excluir inserir remover alterar
    gravar creer modifier supprimer ajouter enregistrer soumettre annuler envoyer approuver rejeter
    anlegen aendern andern speichern loschen loeschen hinzufugen hinzufuegen aktualisieren erstellen
    einreichen stornieren genehmigen ablehnen bearbeiten lisa muuda kustuta salvesta esita tuhista
    kinnita registreeri uuenda lisaa muokkaa poista tallenna jodo jodein hatao sudharo jama darj
    बनाएं बनाएँ बनाये जोड़ें हटाएं हटाएँ अद्यतन संशोधन सहेजें जमा दर्ज रद्द स्वीकृत अस्वीकृत निरस्त भेजें
    создать обновить удалить сохранить добавить изменить отправить отменить зарегистрировать
    створити оновити видалити зберегти додати змінити надіслати скасувати
""")
"""Verbs that write, wherever they are in a name; the second half is in other languages."""

_WRITE_FIRST = {
    "issue": "date dates number no nos id ids status list detail details history type types "
    "category tracker report reports by on at authority place office",
    "reissue": "date number no id status list details history",
    "register": "number no id entry entries page details extract status list",
    "change": "log history list since details request requests",
    "changes": "",
    "set": "",
    "post": "matric metric office code graduate mortem al box",
    "book": "number no id details list status",
    "open": "api data 311",
    "transfer": "number no id details status list history",
    "pay": "slip slips scale bill",
    "mark": "sheet list",
    "move": "",
    "merge": "",
    "link": "details",
    "write": "",
    "receive": "date",
    "map": "data layer details list",
    "chg": "date dt",
    "mod": "date dt",
    "ins": "",
    "del": "",
    "push": "",
    "start": "date time",
    "stop": "date list",
    "complete": "list",
    "process": "status details list history",
    "import": "",
    "sync": "status",
    "grant": "number no id details list status",
    "allot": "",
    "allocate": "",
    "block": "code name number no list",
    "unblock": "",
    "sign": "status",
    "esign": "status",
    "new": "",
    "respond": "",
    "reply": "date dates status list details text code",
    "answer": "date dates status list details text code sheet key",
}
"""Verbs that write at the start or end of a name, and the words that make them nouns."""

_WRITE_WITH = {
    "file": "grievance complaint appeal claim return case application",
    "request": "certificate licence license refund otp copy duplicate renewal",
    "record": "payment visit complaint",
    "claim": "benefit refund",
    "order": "certificate copy",
    "report": "incident problem issue",
    "make": "payment application complaint",
    "verify": "application appl claim request grievance complaint",
}
"""Words that write only in front of certain nouns."""

_WRITE_LAST = _set("issue reissue transfer merge esign push post write sync")

_NOISE = _set("""
    do ws web api svc service services process perform execute handle call fn sp usp proc rest soap
    online citizen public ajax ext int wcf asmx
""")
_JOINS = frozenset(("and", "or", "then", "n"))
_NOUNS = (
    "appl", "status", "citizen", "cert", "griev", "complaint", "request", "record", "data",
    "detail", "benefit", "licen", "permit", "pension", "person", "member", "family", "document",
    "user", "customer", "consumer", "case", "order", "ticket", "payment", "bill", "info", "list",
    "by", "claim", "booking", "service", "account", "file", "entry", "form", "item", "new", "all",
    "number", "id", "no", "mobile", "phone", "address", "name", "pin", "card", "ration", "student",
    "scheme", "award", "property", "tax", "birth", "death", "marriage", "vehicle", "connection",
)  # fmt: skip
_INFLECTED = re.compile(
    r"(d|s|r|rs|ed|ted|led|ing|ting|ling|ion|ions|lation|al|als|n|able|ment|or|er|ers)"
    rf"(({'|'.join(_NOUNS)}).*)?"
)


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters, without accents.

    Words end at a change of case and at every character that is neither letter nor digit. A verb
    without a separator is split off: `updatestatus` becomes `update`, `status`.
    """
    plain = unicodedata.normalize("NFKD", _USING.sub("", name))
    plain = re.sub("[\u0300-\u036f]", "", plain)
    composed = unicodedata.normalize("NFC", plain)
    return tuple(part for word in _WORDS.findall(composed) for part in _parts(word.lower()))


def spaced(name: str) -> str:
    """Return the words of a name with blanks between them: `applicationNo` is `application no`."""
    return " ".join(words_of(name))


def _parts(word: str) -> tuple[str, ...]:
    if word in _VERBS or len(word) < 6 or not word.isascii():
        return (word,)
    for verb in _BY_LENGTH:
        if word.startswith(verb):
            rest = word[len(verb) :]
            if rest.startswith(_NOUNS) and not _INFLECTED.fullmatch(rest):
                return verb, rest
            if rest.startswith(("and", "or")):
                joined = "and" if rest.startswith("and") else "or"
                inner = _parts(rest[len(joined) :])
                if inner[0] in _VERBS:
                    return verb, joined, *inner
            if len(verb) >= 6 and verb in _WRITE_ANYWHERE and not _INFLECTED.match(rest):
                return verb, rest
        if len(verb) >= 4 and word.endswith(verb) and word.startswith(_NOUNS):
            return word[: -len(verb)], verb
    return (word,)


_VERBS = READ_VERBS | _WRITE_ANYWHERE | _WRITE_FIRST.keys()
_BY_LENGTH = sorted((v for v in _VERBS if v.isascii() and len(v) > 2), key=len, reverse=True)


def write_word_in(*names: str) -> str | None:
    """Return the word by which one of the names looks like a write; None if there is none.

    Args:
        names: names of an operation: its own name, a path, a SOAP action.
    """
    for name in names:
        for part in re.split(r"[/?&=#]", re.sub(r"\{[^{}]*\}", "", name)):
            found = _write_word(words_of(part))
            if found is not None:
                return found
    return None


def _write_word(words: Sequence[str]) -> str | None:
    while len(words) > 1 and words[0] in _NOISE:
        words = words[1:]
    if not words:
        return None
    if words[0] in READ_VERBS:
        joined = pairwise(words)
        return next((word for join, word in joined if join in _JOINS and _writes(word)), None)
    found = next((word for word in words if word in _WRITE_ANYWHERE), None)
    if found is not None:
        return found
    first, following = words[0], words[1] if len(words) > 1 else ""
    if first in _WRITE_FIRST and following not in _WRITE_FIRST[first].split():
        return first
    if first in _WRITE_WITH and following in _WRITE_WITH[first].split():
        return first
    last = words[-1]
    return last if last in _WRITE_LAST else None


def _writes(word: str) -> bool:
    return word in _WRITE_ANYWHERE or word in _WRITE_FIRST


def has_read_verb(*names: str) -> bool:
    """Return True if one of the names contains a verb that only reads."""
    return any(word in READ_VERBS for name in names for word in words_of(name))


def why_not_read(*names: str) -> str:
    """Return why an operation may change data; empty if its names look like a read.

    Args:
        names: its own name, and its path if it has one.
    """
    word = write_word_in(*names)
    if word is not None:
        return f"the word {word!r} in its name says that it may change data"
    if not any(map(looks_like_read, names)):
        return "its name does not say that it only reads"
    return ""


def why_documented_write(name: str, documentation: str) -> str:
    """Return why an operation may change data, from its documentation; empty if nothing says so.

    A name with a verb that only reads counts more than a text.

    Args:
        name: its own name.
        documentation: what the department writes about it: "Updates the status."
    """
    word = next(iter(words_of(documentation[:100])), "")
    if has_read_verb(name) or word.removesuffix("s") not in _WRITE_ANYWHERE:
        return ""
    return f"its documentation begins with {word!r}, so it may change data"


def looks_like_read(name: str) -> bool:
    """Return True if a name begins like a read, or ends like one, and nothing in it writes."""
    words = words_of(name)
    while len(words) > 1 and words[0] in _NOISE:
        words = words[1:]
    if not words or write_word_in(name) is not None:
        return False
    return words[0] in _READ_STARTS or words[-1] in _READ_ENDS or has_read_verb(name)
