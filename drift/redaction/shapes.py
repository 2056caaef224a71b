"""What secrets look like, beside what vendors' rules tell: their shapes, how texts say them, and the
traces of all of these."""

from __future__ import annotations

import re

#: Names of values that are random by nature and public: digests, certificates, identifiers.
RANDOM = re.compile(
    r"(?i)(?:checksum|digest|fingerprint|sha-?\d{3}|sha1|md5|(?<!pw)(?<!pass)(?<!password)hash|etag|"
    r"revision|commit)|"
    r"(sha\d*|md5|digest|hash|checksum|etag|fingerprint|thumbprint|ids?|arn|version|url|public|"
    r"public[_-]?key|"
    r"key[_-]?material|certificate|cert|crt|ca|ca[_-]?bundle|ca[_-]?data|authority[_-]?data|revision|"
    r"modulus|nonce|"
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
    r"(?<![A-Za-z0-9])(?:(?:dapi[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|"
    r"pul-[0-9a-f]{40})"
    r"(?:-\d)?(?![\w+/-])|hf_(?=[a-z]*[A-Z])[A-Za-z]{34}|"
    r"(?:hv[sbr]|dp\.(?:pt|st|sa|ct|scim|audit)|[A-Za-z0-9]{14}\.atlasv1)"
    r"\.(?=[A-Z0-9_-]*[a-z])(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{24})|[\w~.]{3}\dQ~[\w~.-]{31}|"
    r"/api/webhooks/\d{10,}/[\w-]{20}|"
    r"office\.com/webhook(?:b2)?/[\w-]{8}|"
    r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}|"
    r"eyJ[\w-]{10,2000}\.eyJ[\w-]{10,}\.|[?&;](?:sig|(?:X-(?:Amz|Goog)-)?Signature)=[\w%+/~-]{20,}|"
    r"https?://[^\s'\"]{3,400}[?&;#](?:amp;)?(?i:(?:api|access|auth|app|client|subscription|function|sas|"
    r"x-functions)?[_-]?(?:key|token|code|secret|"
    r"pass(?:word)?|pwd|pw|auth|credential|hmac))=(?![$%<{]\w*[}>%])[^\s&'\"<>;#]{6,}|"
    r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])|(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?![0-9])|"
    r"(?<![A-Za-z0-9])s\.(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![A-Za-z0-9])|"
    r"(?<![A-Za-z0-9])sgp_\w{16,}|"
    r"(?<![\d])\d{8,10}:AA[\w-]{33}(?![\w-])|"
    r"(?<![A-Za-z0-9])NR(?:AK|II|JS|RA|SP|BR)-[A-Za-z0-9_-]{19,}|"
    r"(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![A-Za-z0-9])|"
    r"(?<![A-Za-z0-9])ATATT3[\w=-]{20,}|(?<![A-Za-z0-9])dckr_(?:pat|oat)_[\w-]{20,}|"
    r"(?<![A-Za-z0-9])tskey-[\w-]{16,}|"
    # a password as crypt(3) and its like keep it
    r"\$2[abxy]\$\$?\d\d\$\$?[./A-Za-z0-9]{53}|"
    r"\$\$?(?:[156]|apr1|g?y)\$\$?(?:[\w=./]{1,20}\$\$?){1,2}[./A-Za-z0-9]{22}|\$argon2(?:id|i|d)\$\S{24}|"
    # a URL, or a driver's own form of one, with a password
    r"\w://[^/\s:@]*:[^/\s@]+@|\w://[^/\s:@]*:(?!\d{1,5}(?:[/?#]|$))[^\s@]{4,200}@|"
    r"https?://(?=[^/\s@]*\d)\w{20,}@|(?i:%3a%2f%2f[^/\s@%]*%3a[^/\s@]{1,200}?%40)|"
    r"jdbc:oracle:[\w:]{1,40}/[^\s/@]{3,}@|"
    r"[\w.-]:[^\s@]{3,200}@(?:tcp|unix)\(|[\w.-]/[^\s/@]{3,200}@//|"
    r"(?i:(?<![a-z])(?:basic|bearer)\s+[a-z0-9+/_.=-]{12,}|\s(?:-u|--user)[ =]['\"]?[^\s:]+:[^\s'\"]{3,})|"
    # said to a command
    r"(?:mysql|mariadb)[\w-]*(?: [^|;&\n]{0,200})? -p['\"]?[^\s$'\"]{3}|"
    r"(?<![a-z])(?:echo|printf|cat <<<)\s+['\"]?(?![$%<{])[^\s'\"|;&]{3,200}['\"]?\s*\|\s*(?:sudo\s+-S|[^|"
    r"\n]{0,200}--(?:password|passphrase)?-?"
    r"(?:stdin|fd 0))|"
    r"(?:login(?: [^|;&\n]{0,200})?|sshpass) -p ?['\"]?[^\s$'\"-]{3}|"
    r"redis-cli(?: [^|;&\n]{0,200})? -a ['\"]?[^\s$'\"]{3}|"
    r"[\w.-]:[^\s:$'\"]{3,}['\"]?\s*\|\s*(?:sudo )?chpasswd|"
    r"(?i:net user [^\s/]+ [^\s/$%*]{5}|"
    r"convertto-securestring (?=[^\n]{0,200} -a)[^\n]{0,60}?['\"][^'\"$]{3}|"
    r"login\s+\S+\s+password\s+\S{3})"
)

#: ``NAME=value`` and its like in longer texts: ``.env`` files, scripts, connection strings, documents,
#: options,
#: a URL's query, escaped or not. What the name says is asked of :func:`drift.redaction.words.weight`.
ASSIGNED = re.compile(
    r"(?i)(?<![:/\w.-])(?P<name>(?:[\w.-]|(?<=\w) (?=\w)){1,80}?)(?:%22|[\"'\\\])])*\s*(?P<how>=>|:=|%3D|%3A|"
    r"=|(?<!:):(?!:))\s*"
    r"(?:%22|%20|\+(?=\w)|[\"'\\])*"
    r"(?P<value>(?<=[\"'])[^\s\"'\\,;:)}\]][^\"'\\\n]{3,400}(?=[\"'])|(?:(?!%26|%22|%0A|"
    r"%2C)[^\s\"'\\,;&<>]){1,400})"
)
#: The same where a name and its value stand beside each other in another way.
BESIDE = re.compile(
    r"(?i)(?:/:(?P<a>_(?:authtoken|auth|password))\s*=\s*|(?:set|add)_header\s+(?P<b>[\w-]+)\s+|"
    r"(?:define|set\w*|put|setenv|export)\(\s*[\"'\\]*(?P<c>[\w.-]+)[\"'\\]+\s*,\s*|"
    r"(?<![\w-])--?(?P<d>[a-z][\w-]{1,60})[ =]+|(?P<e>(?<![\w.])_auth)\s*[=:]\s*|"
    r"[{,]\s*[\"'\\]*(?P<e2>_?auth)[\"'\\]*\s*:\s*|"
    r"<(?P<f>[\w.:-]+)>\s*|(?:name|key)[\"'\\]*\s*[:=]\s*[\"'\\]*(?P<g>[\w.-]+)"
    r"(?:[\"'\\]*[\s,}]+[\"'\\]*value[\"'\\]*\s*[:=]|[\"'\\]+>)\s*)"
    r"[\"'\\]*(?P<value>[^\s\"'\\,;&<>]{3,}|(?<=[\"'])[^\s\"'\\,;:)}\]][^\"'\\\n]{3,}(?=[\"']))"
)
#: A key word of a configuration file and its value, with a space between them, alone on their line; and how
#: people say it.
WORDED = re.compile(
    r"(?im)(?:^[ \t]*(?:requirepass|masterauth|rootpw|bindpw|rocommunity6?|rwcommunity6?|"
    r"com2sec[ \t]+\S+[ \t]+\S+|trapcommunity|"
    r"(?:username|user|enable|neighbor|peer|crypto|radius|tacacs|ntp|aaa|line|ip|key|"
    r"isakmp)\b[^\n]{0,120}?[ \t](?:secret|"
    r"password|key|key-string|md5)(?:[ \t]+\d+)?|"
    r"snmp-server[ \t]+community|enable[ \t]+(?:secret|password)(?:[ \t]+\d)?|(?:tls-)?psk|pre-shared-key|"
    r"auth_pass|auth-pass|"
    r"(?:(?:login|user|username|neighbor|peer|bind|default|set|server|"
    r"machine[ \t]+\S+[ \t]+login)[ \t]+\S+[ \t]+)?"
    r"(?:password|passwd|secret|passphrase|auth-token|api[_-]?key)(?:[ \t]+[0-9])?|stats[ \t]+auth|"
    r"user[ \t]+\S+[ \t]+(?:insecure-)?password)[ \t]+[\"']?(?P<line>[^\s\"']{3,})[\"']?[ \t]*(?:[\d./ :-]*|"
    r"\S*)$|"
    r"(?:[: ]|^)psk[ \t]+[\"'](?P<ipsec>[^\"'\n]{3,})[\"']|"
    r"(?:identified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)|\bpassword)[ \t]+[\"'](?P<sql>[^\"'\n]{3,})[\"']|"
    r"(?:pass(?:word|code|phrase)?|passwort|kennwort|pin|pw|secret|token|mot de passe|contrase\w+a|senha)"
    r"[ \t]+(?:is|ist|lautet|est|es|=>|->)[ \t:]+[\"'`]?(?P<prose>(?=[^\s\"'`]*[\d!$%&*?@#^_])[^\s\"'`]{4,})|"
    r"(?:-passin|-passout|-pass|--pass)[ \t=]+pass:(?P<openssl>\S{3,})|"
    r"(?:htpasswd(?:[ \t]+-\w+)*[ \t]+-\w*b\w*(?:[ \t]+-\w+)*[ \t]+\S+[ \t]+\S+|(?:ldap\w+|sqlcmd|unzip|zip|"
    r"smbclient|mongo\w*|psexec|rabbitmqctl"
    r"[ \t]+(?:add_user|change_password)[ \t]+\S+)(?:[ \t][^|;&\n]{0,200}?)?(?:[ \t]-[wPp]|"
    r"(?<=\S)))[ \t]+[\"']?(?P<command>(?!-)[^\s$'\"]{3,})|"
    r"\bsend[ \t]+[\"'](?P<expect>[^\"'\\$\n]{4,})\\r|"
    r"user(?:add|mod)[ \t](?:[^|;&\n]{0,100}[ \t])?(?:-p|--password)[ \t]+[\"']?(?P<useradd>[^\s'\"$]{3,}))"
)
#: Of these texts one at least is, in lower case, in whatever the shapes and sayings find, but for a URL with
#: a
#: password.
TRACES = tuple(
    (
        "-----begin|private key|putty|age-secret|akia|asia|ghp_|gho_|ghu_|ghs_|ghr_|github_pat|glpat-|npm_|"
        "pypi-|xox|xapp-|hooks.slack.com|k_live_|k_test_|whsec_|q~|/api/webhooks/|office.com/webhook|aiza|"
        "ya29.|gocspx-|sg.|eyj|sig=|signature=|jdbc:oracle:|@tcp(|@unix(|@//|basic |bearer |-u |-u=|--user|"
        "%3a%2f%2f| -p| -a|chpasswd|net user |securestring|sudo -s|sudo  -s|-stdin|-fd 0|requirepass|"
        "masterauth|rootpw|bindpw|community|com2sec|enable |username |neighbor |peer |crypto |radius|"
        "tacacs|ntp |aaa |isakmp|key-string|%25|psk|pre-shared-key|auth_pass|auth-pass|stats auth|"
        "identified|-pass|htpasswd|ldap|sqlcmd|unzip|zip |smbclient|psexec|rabbitmqctl|send |useradd|"
        r'usermod|auth=|auth |auth":|auth\|hook|nrak-|nrii-|nrjs-|nrra-|nrsp-|nrbr-|atatt3|dckr_|'
        "tskey-|sgp_|:aa|code=|hmac=|key=|auth-token|"
    )
    .strip("|")
    .split("|")
)
#: What one part of a password is, as crypt(3) keeps it, between two dollar signs.
CRYPTS = frozenset(
    (b"1", b"2a", b"2b", b"2x", b"2y", b"5", b"6", b"y", b"gy", b"apr1", b"argon2i", b"argon2d", b"argon2id")
)
#: What all tokens of :data:`SHAPE` have in common of which neither case, or the case alone, tells.
TOKENS = re.compile(
    rb"dapi|do[opr]_v1_|hf_|shp(?:at|ca|pa|ss)_|pul-|SK[0-9a-f]{32}|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d"
)
