"""What names say of what they hold: that it is a password, a secret, a key, random by nature, or none
of these."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def bare(text: str) -> str:
    """A text without accents and invisible letters."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", plain).replace("ł", "l").replace("ø", "o")


#: How strongly a name says that its value is a secret.
#: ``PASSWORD``: whatever it is, a number of four digits, too. ``SECRET``: a text of four characters or more.
#: ``KEY``: one word that is neither a place nor a name. ``SEED``: only what is random or hexadecimal.
PASSWORD, SECRET, KEY, SEED, NOTHING = 4, 3, 2, 1, 0

#: Whole words of a name that say password, in the languages that people write configuration in.
_PASSWORDS = frozenset(
    bare(
        "pw pwd psw pswd psk otp totp hotp puk passwd password passcode passphrase passwort kennwort "
        "kodewort losungswort zugangscode zugangswort mdp motdepasse contrasena contrasenia clave claves "
        "senha "
        "senhas palavrapasse "
        "parola parole parolachiave haslo hasla heslo hesla geslo lozinka sifra sifre jelszo wachtwoord "
        "wachtwoorden "
        "losenord adgangskode kodeord passord salasana parool slaptazodis sandi katasandi matkhau "
        "пароль пароли лозинка парола лозинка κωδικος סיסמה סיסמא كلمةالمرور كلمةالسر "
        "密码 密碼 口令 暗号 パスワード 暗証番号 "
        "비밀번호 암호 पासवर्ड รหัสผ่าน şifre"
    ).split()
)
_CODES = "unlock entry door security access pairing recovery backup verification auth login admin sim".split()
#: Words that say so wherever they stand in a name, in others' midst, too.
_PASSWORDS_INSIDE = re.compile(
    bare(
        rf"(?:{'|'.join(_CODES)})[ _-]?codes?|"
        r"mfa[ _-]?recovery|passw(?:or)?[dt]|passwd|pass[ _-]?phrase|pass[ _-]?code|pwd|kennwort|passwort|"
        r"wachtwoord|"
        r"mot[ _-]?de[ _-]?passe|"
        r"contrasen|palavra[ _-]?passe|lösenord|losenord|adgangskode|parolachiave|salasana|"
        r"пароль|密码|密碼|パスワード|"
        r"비밀번호"
    )
)
_SECRETS_INSIDE = re.compile(
    r"secret|geheim|token|credentials?|creds|connection[ _-]?string|dockerconfigjson|jaas[._-]?config|"
    r"(?:api|private|access|account|auth|signing|encryption|client|shared|hmac|license|"
    r"(?<!kms)(?<!kms[ _-])(?<!customer)(?<!customer[ _-])master|(?<![a-z])app(?:lication)?)[ _-]?key"
)
_SECRETS = frozenset(
    "bearer jwt jws apikey authkey secreto segreto segredo sekret hemmelighet zugangsdaten anmeldedaten "
    "credenciales credenziali "
    "identifiants kubeconfig keytab netrc pgpass htpasswd privkey dsn".split()
)
#: The short word for a password, at the end of a name; not in "bypass" and "compass".
_PASS = re.compile(
    r"(?:(?<![a-z])|db|user|root|admin|smtp|mail|redis|mysql|pg|ldap|bind|ftp|svc|app|my|sa|login|auth)pass$"
)
_LAST = re.compile(r"(^|[_.-])(authorization|cookies?)$")
_CAMEL_PASS = re.compile(r"[a-z](?<!By)Pass$")
#: A PIN, which is in many a word.
_PIN = re.compile(
    r"(?:^|[^A-Za-z])(?:[Pp]in|PIN)s?(?:$|[\s_.\d-]|[Cc]ode|CODE)|[a-z](?:Pin|PIN)(?:$|[\s_.\d-]|Code)"
)
#: What stands before "key" where that is no secret: a column, a place, an identifier, the public half.
PUBLIC_KEYS = (
    *("public", "pub", "kms", "cmk", "s3", "object", "partition", "hash", "range", "sort", "primary"),
    *("foreign", "unique"),
    *("routing", "cache", "index", "group", "topology", "tag", "label", "map", "configmap", "config"),
    *("item", "dedup", "row"),
    *("message", "ordering", "lookup", "image", "bucket", "file", "registry", "feature", "flag"),
    *("sharding", "shard", "join"),
    *("idempotency", "deduplication", "conversion", "sse", "customer", "product", "project", "issue"),
    *("order", "event"),
    *("json", "yaml", "field", "column", "context", "translation", "i18n", "metadata", "annotation"),
    *("host", "target"),
    *("source", "search", "filter", "attribute", "parameter", "parent", "child", "storage", "user"),
    *("instance", "resource"),
    *("selector", "affinity", "toleration", "variable", "env", "property", "scope", "ssm", "no", "any"),
    *("each", "by", "with"),
    *("output", "response", "request", "route", "my", "new", "test", "updated", "initial", "random"),
    *("sample", "example", "demo", "some", "other", "second", "first"),
    *("log", "trace", "correlation", "region", "zone", "aggregation", "bind", "short", "hot", "arrow"),
    *("tab", "enter", "for"),
)  # fmt: skip
_KEY = re.compile(
    r"(?:[a-z0-9]_|(?:ssh|jwt|enc|aes|rsa|gpg|pgp|tls|ssl|dsa|des|hmac|deploy|admin|web|site|auth|crypt|"
    r"sess|db))"
    r"key(?:_(?:value|data|base64|b64|hex|\d+))?$"
)
_NEVER_SECRET = frozenset(("public", "pub", "kms", "cmk", "customer"))
_SEEDS = re.compile(
    r"(?:^|[^a-z])(?:seed|salt|pepper|auth|hmac|entropy|signature|csrf|xsrf|mfa|recovery[ _-]?codes?|"
    r"mnemonic|psk|session|cookie|community|license|licence|activation|webhook|hook|access|login|code|nonce|"
    r"key|sign(?:ing|er)?|crypt\w*|encrypt\w*|cipher|shared|private|vault|otp)(?:$|[^a-z])"
)
#: Names that only look like it: what they hold is an identifier, a place or a setting of a secret, not a
#: secret. The first are what they promise only where the value looks so, see :func:`promised`.
_PLACE = re.compile(r"(?:file|files|path|dir|directory|filename|mount|location)$")
_ADDRESS = re.compile(r"(?:url|uri|endpoint|host|server|address)$")
_NUMBER = re.compile(
    r"(?:version|length|len|ttl|expiry|expiration|validity|seconds|minutes|hours|days|age|count|limit|usage|"
    r"retries|attempts|size|bits|date|time|timeout|interval|period|min|max|prevention|port)$"
)
_SWITCH = re.compile(r"(?:enabled?|disabled?|rotation|required?|optional|allowed|set|reset|exists|present)$")
_WORD = re.compile(
    r"(?:arn|ids?|names?|policy|type|ref|refs|source|algorithm|format|mode|status|options?|provider|manager|"
    r"key[_-]?spec|kind|class|issuer|audience|scopes?|method|prefix|suffix|template|label|hint|prompt|"
    r"selector|engine|backend|store|owner|user|username|role|header|headers|field|"
    r"(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass)$"
)
_OTHER_ALPHABETS = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁԛԝкмт", "aeopcyxijsdqwkmt", strict=True)),
        **dict(zip("АЕОРСУХІЈЅКМТВН", "AEOPCYXIJSKMTBH", strict=True)),
        **dict(zip("οανικτυχρ", "oaviktuxp", strict=True)),
        "ı": "i",
        "ɡ": "g",
        "ſ": "s",
    }
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def folded(text: str) -> str:
    """A text without accents, invisible letters, and letters of other alphabets that look like Latin ones,
    where Latin ones stand beside them.

    >>> folded("p\\u0430ssword"), folded("Contrase\\u00f1a")
    ('password', 'Contrasena')
    """
    if text.isascii():
        return text
    plain = bare(text)
    return plain.translate(_OTHER_ALPHABETS) if re.search(r"[A-Za-z]", plain) else plain


@lru_cache(maxsize=32768)
def weight(name: str) -> int:
    """How strongly a name says that what it holds is a secret: one of PASSWORD, SECRET, KEY, SEED, NOTHING.

    >>> weight("db_user_pw"), weight("PIN"), weight("apiToken"), weight("JWT_KEY"), weight("partitionKey")
    (4, 4, 3, 2, 0)
    """
    plain = folded(name)
    lower = plain.lower()
    words = [word.lower() for word in _WORDS.findall(plain)]
    if _PASSWORDS_INSIDE.search(lower) or not _PASSWORDS.isdisjoint(words):
        return PASSWORD
    if _PASS.search(lower) or _CAMEL_PASS.search(plain) or _PIN.search(plain):
        return PASSWORD
    if any(one + two in _PASSWORDS for one, two in zip(words, words[1:], strict=False)):
        return PASSWORD
    if _SECRETS_INSIDE.search(lower) or not _SECRETS.isdisjoint(words) or _LAST.search(lower):
        return SECRET
    separated = "_".join(words)
    if _KEY.search(separated) and not _public_key(separated):
        return KEY
    return SEED if _SEEDS.search(separated) or words == ["key"] else NOTHING


def _public_key(separated: str) -> bool:
    words = re.sub(r"_?keys?(?:_.*)?$", "", separated).split("_")
    return "".join(words).endswith(PUBLIC_KEYS) or not _NEVER_SECRET.isdisjoint(words)


#: Of these texts one at least is, in lower case, in every name that :func:`weight` takes for a secret's, but
#: for those that end with "key" and those that only call for what is random.
TRACES = (
    *(
        "mfa|pass|pwd|secret|geheim|token|cred|connectionstring|connection "
        "string|connection_string|connection-string|dockerconfigjson|jaas|authorization|cookie|"
        "kennw|kodewort|losung|zugang|mot_de|mot-de|motde|mot de|contrasen|palavra|wachtw|losenord|"
        "adgangskode|salasana|slaptazod|katasandi|anmelde|credenc|identifiant|hemmelig|pincode"
    ).split("|"),
    *(f"{word}{end}" for word in ("pin", "pins") for end in "\"'=:_-. \\>%/)0123456789"),
    *(f"{word}{between}code" for word in _CODES for between in ("", " ", "_", "-")),
    *(word for word in _PASSWORDS | _SECRETS if len(word) < 9 or not word.isascii()),
)
#: The same of names that only call for what is random.
SEED_TRACES = tuple(
    (
        "seed|salt|pepper|auth|hmac|entropy|signature|csrf|xsrf|mfa|recovery|mnemonic|psk|session|cookie|"
        "community|licen|activation|hook|access|login|code|nonce|key|sign|crypt|cipher|shared|private|vault|otp"
    ).split("|")
)


@lru_cache(maxsize=32768)
def said_of(name: str) -> str:
    """What the end of a name says that its value is about a secret: ``place``, ``address``, ``number``,
    ``switch`` or ``word``; empty where it is the secret itself."""
    lower = folded(name).lower()
    for what, pattern in (
        ("place", _PLACE),
        ("address", _ADDRESS),
        ("number", _NUMBER),
        ("switch", _SWITCH),
        ("word", _WORD),
    ):
        if pattern.search(lower):
            return what
    return ""


_IS = {
    "place": re.compile(r"[^\s]*[/\\.~$%{][^\s]*|\s*"),
    "address": re.compile(r"[^\s]*[./:${%][^\s]*|localhost|\s*|[a-z][a-z0-9-]{0,62}"),
    "number": re.compile(
        r"(?i)\s*[v<>=~^]*\d[\d.,:/+ -]{0,30}(?:[a-z]{0,12})(?:\d.*)?|\d{4}-\d\d-\d\d.*|P[\dTYMWDHS.]+|"
        r"never|none|latest|current|"
        r"auto|default|unlimited|\s*|[$%{].*|AWS(?:CURRENT|PENDING|PREVIOUS)|arn:.*|[0-9a-f-]{32,36}|"
        r"(?:rate|cron)\(.*"
    ),
    "switch": re.compile(
        r"(?i)true|false|yes|no|on|off|0|1|enabled|disabled|optional|required|always|never|auto|default|"
        r"\s*|[$%{].*"
    ),
    "word": re.compile(r"(?s).*"),
}


def promised(name: str, value: str) -> bool:
    """Whether a value is what the end of its name says that it is (``PASSWORD_FILE`` a path), so that it is
    no secret."""
    said = said_of(name)
    return bool(said) and bool(_IS[said].fullmatch(value))
