"""What secrets look like: the names that tell of them, their shapes, how texts say them, and the traces of
all of these."""

from __future__ import annotations

import re

_WORDS = (
    r"(?:passw(?:or)?[dt]|passwd|passphrase|pass[ _-]?code|pwd|secret|token|credentials?|creds|"
    r"connection[ _-]?string|dockerconfigjson|mot[ _-]?de[ _-]?passe|"
    r"(?:api|private|access|account|auth|signing|encryption|client|shared|hmac|license|(?<![a-z])app(?:lication)?|"
    r"(?<!kms)(?<!kms[ _-])(?<!customer)(?<!customer[ _-])master)[ _-]?key)"
)
#: The short word for a password, at the end of a name; not in "bypass" and "compass".
_PASS = r"(?:(?<![A-Za-z])|db|user|root|admin|smtp|mail|redis|mysql|pg)pass"
#: Names of members whose value is taken for a secret.
NAME = re.compile(rf"(?i){_WORDS}|(^|[_.-])(authorization|cookie)$|{_PASS}$|(?-i:[a-z](?<!By)Pass)$")
#: Names that only look like it: what they hold is an identifier, a place or a setting of a secret, not a
#: secret.
HARMLESS = re.compile(
    r"(?i)(arn|id|ids|name|names|version|policy|type|length|enabled|disabled|rotation|expiry|ttl|file|path|dir|url|uri|"
    r"endpoint|ref|source|algorithm|format|expiration|validity|seconds|minutes|hours|days|age|count|limit|usage|mode|required|"
    r"status|date|time|options|provider|manager|key[_-]?spec|(proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass)$"
)
#: Names of values that are random by nature and public: digests, certificates, identifiers.
RANDOM = re.compile(
    r"(?i)(sha\d*|md5|digest|hash|checksum|etag|fingerprint|thumbprint|ids?|arn|version|url|public|public[_-]?key|"
    r"key[_-]?material|certificate|cert|crt|ca|ca[_-]?bundle|ca[_-]?data|authority[_-]?data|revision|modulus|nonce|"
    r"logical-id|image|name)$"
)
#: Texts that are a secret wherever they stand.
SHAPE = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|"
    r"AGE-SECRET-KEY-1|"
    r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{32,}|"
    r"xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/(?:services|workflows)/\w|"
    r"(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{16,}|"
    # what they look like: https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml
    r"(?<![A-Za-z0-9])(?:(?:dapi[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|pul-[0-9a-f]{40})"
    r"(?:-\d)?(?![\w+/-])|hf_(?=[a-z]*[A-Z])[A-Za-z]{34}|"
    r"(?:hv[sbr]|dp\.(?:pt|st|sa|ct|scim|audit)|[A-Za-z0-9]{14}\.atlasv1)"
    r"\.(?=[A-Z0-9_-]*[a-z])(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{24})|[\w~.]{3}\dQ~[\w~.-]{31}|/api/webhooks/\d{10,}/[\w-]{20}|"
    r"office\.com/webhook(?:b2)?/[\w-]{8}|"
    r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}|"
    r"eyJ[\w-]{10,2000}\.eyJ[\w-]{10,}\.|[?&;](?:sig|(?:X-(?:Amz|Goog)-)?Signature)=[\w%+/~-]{20,}|"
    # a password as crypt(3) and its like keep it
    r"\$2[abxy]\$\$?\d\d\$\$?[./A-Za-z0-9]{53}|"
    r"\$\$?(?:[156]|apr1|g?y)\$\$?(?:[\w=./]{1,20}\$\$?){1,2}[./A-Za-z0-9]{22}|\$argon2(?:id|i|d)\$\S{24}|"
    # a URL, or a driver's own form of one, with a password
    r"\w://[^/\s:@]*:[^/\s@]+@|\w://[^/\s:@]*:(?!\d{1,5}(?:[/?#]|$))[^\s@]{4,200}@|"
    r"https?://(?=[^/\s@]*\d)\w{20,}@|(?i:%3a%2f%2f[^/\s@%]*%3a[^/\s@]{1,200}?%40)|jdbc:oracle:[\w:]{1,40}/[^\s/@]{3,}@|"
    r"[\w.-]:[^\s@]{3,200}@(?:tcp|unix)\(|[\w.-]/[^\s/@]{3,200}@//|"
    r"(?i:(?<![a-z])(?:basic|bearer)\s+[a-z0-9+/_.=-]{12,}|\s(?:-u|--user)[ =]['\"]?[^\s:]+:[^\s'\"]{3,})|"
    # said to a command
    r"(?:mysql|mariadb)[\w-]*(?: [^|;&\n]{0,200})? -p['\"]?[^\s$'\"]{3}|"
    r"(?:login(?: [^|;&\n]{0,200})?|sshpass) -p ?['\"]?[^\s$'\"-]{3}|"
    r"redis-cli(?: [^|;&\n]{0,200})? -a ['\"]?[^\s$'\"]{3}|"
    r"[\w.-]:[^\s:$'\"]{3,}['\"]?\s*\|\s*(?:sudo )?chpasswd|"
    r"(?i:net user [^\s/]+ [^\s/$%*]{5}|"
    r"convertto-securestring (?=[^\n]{0,200} -a)[^\n]{0,60}?['\"][^'\"$]{3}|"
    r"login\s+\S+\s+password\s+\S{3})"
)
#: ``NAME=value`` and its like in longer texts: ``.env`` files, scripts, connection strings, documents,
#: options.
SAID = re.compile(
    rf"(?i)(?:(?<![:/\w.-])(?!(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass)[\w.-]*"
    rf"(?:{_WORDS}(?:[_-]?(?:key|value|base64|b64|data|\d+))?|{_PASS})[\"'\\]*\s*(?:=>|:=|=|:)\s*|"
    rf"/:_(?:authtoken|auth|password)\s*=\s*|(?:set|add)_header\s+[\w-]*{_WORDS}\s+|(?:define|set\w*|put)\(\s*[\"'\\]*[\w.-]*{_WORDS}[\"'\\]+\s*,\s*|"
    rf"--[\w-]{{0,60}}{_WORDS}[ =]|[{{,]\s*[\"'\\]*_?auth[\"'\\]*\s*:\s*|(?<!\w)_auth\s*=\s*|"
    rf"<[\w.:-]*{_WORDS}>\s*|(?:name|key)[\"'\\]*\s*[:=]\s*[\"'\\]*[\w.-]*{_WORDS}"
    r"(?:[\"'\\]*[\s,}]+[\"'\\]*value[\"'\\]*\s*[:=]|[\"'\\]+>)\s*)"
    r"[\"'\\]*(?P<value>[^\s\"'\\,;&<>]{4,}|(?<=[\"'])[^\s\"'\\,;:)}\]][^\"'\\\n]{3,}(?=[\"']))"
)
#: Said in place of a secret: a switch, or where the secret is to be taken from.
NO_SECRET = re.compile(
    r"(?i)\d+(?:ms|s|m|h|d)|true|false|none|null|yes|no|enabled|disabled|required|optional|\*+|x{3,}|"
    r"\$?\$[({][^})]*[)}]?|\$\w+|%\w+%|\{\{.*|<.*|/[\w./-]*|arn:\S*|"
    r"\[+|\{+|\|-?|>-?"
)

#: Of these texts one at least is, in lower case, in whatever the names and shapes find, but for a URL with a
#: password. They stand under a part that they have in common, so that one search tells that none of them is
#: there. The last two are letters that a search without regard to case takes for s and k.
TRACES = tuple(
    (part.encode(), tuple(text.encode() for text in texts))
    for part, texts in {
        "pass": ("pass",),
        "pwd": ("pwd",),
        "cre": ("secret", "cred"),
        "ok": ("token", "cookie", "hooks.slack.com", "/api/webhooks/", "office.com/webhook"),
        "nnec": ("connection",),
        "auth": ("authorization", "auth=", "auth ", 'auth":', "auth\\"),
        "ia": ("akia", "asia"),
        "j": ("eyj", "dockerconfigjson"),
        "x": ("xox", "xapp-", "gocspx-"),
        "z": ("aiza",),
        "_": (
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat",
            "npm_",
            "k_live_",
            "k_test_",
            "whsec_",
        ),
        "=": ("sig=", "signature=", "-u="),
        "@": ("@tcp(", "@unix(", "@//", "jdbc:oracle:"),
        " ": ("basic ", "bearer ", "-u ", "private key"),
        " -": (" -p", " -a"),
        "net u": ("net user ",),
        "%": ("%3a%2f%2f",),
        "~": ("q~",),
        "pypi-": ("pypi-",),
        "glpat-": ("glpat-",),
        "ya29.": ("ya29.",),
        "sg.": ("sg.",),
        "--user": ("--user",),
        "putty": ("putty",),
    }.items()
) + tuple((letter.encode()[:1], (letter.encode(),)) for letter in ("\u017f", "\u212a"))
#: What stands before "key" in a name of :data:`NAME`.
KEYS = (
    *(
        b"api",
        b"private",
        b"access",
        b"account",
        b"auth",
        b"signing",
        b"encryption",
        b"client",
        b"shared",
        b"hmac",
    ),
    *(b"license", b"app", b"application", b"master"),
)
#: What one part of a password is, as crypt(3) keeps it, between two dollar signs.
CRYPTS = frozenset(
    (b"1", b"2a", b"2b", b"2x", b"2y", b"5", b"6", b"y", b"gy", b"apr1", b"argon2i", b"argon2d", b"argon2id")
)
#: What all tokens of :data:`SHAPE` have in common of which neither case, or the case alone, tells.
TOKENS = re.compile(rb"dapi|do[opr]_v1_|hf_|shp(?:at|ca|pa|ss)_|pul-")
