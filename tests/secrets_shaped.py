"""Secrets that a shape or a saying tells, one of each, as people leave them in texts; none is real."""

from __future__ import annotations

import base64
import json

_HEX = "8f14e45fceea167a5a36dedd4bea2543"
_MIXED = "q7RtY2uXb9LkZ3mNv8WcA5sDf6GhJ1pQ"
_WORD = "correcthorse"
_PEM = f"-----BEGIN PRIVATE KEY-----\r\n{_MIXED * 2}\r\n-----END PRIVATE KEY-----\r\n"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


#: what it is → (a text, what must not be left of it)
TEXTS: dict[str, tuple[str, str]] = {
    "Databricks token": (f"dapi{_HEX}", _HEX),
    "Databricks token of a workspace": (f"run with dapi{_HEX}-2 now", _HEX),
    "DigitalOcean token": (f"dop_v1_{_HEX * 2}", _HEX),
    "Hugging Face token": ("hf_" + "abcdEFGHijklMNOPqrstUVWXyzABcdEFgh", "abcdEFGH"),
    "Vault token": (f"hvs.{_MIXED}", _MIXED),
    "Terraform Cloud token": (f"{_MIXED[:14]}.atlasv1.{_MIXED * 2}", _MIXED),
    "Doppler token": (f"dp.pt.{_MIXED}{_MIXED[:8]}", _MIXED),
    "Shopify token": (f"shpat_{_HEX}", _HEX),
    "Pulumi token": (f"pul-{_HEX}{_HEX[:8]}", _HEX),
    "Entra client secret": (f"abc8Q~{_MIXED}xy", _MIXED),
    "Discord webhook": (f"https://discord.com/api/webhooks/1122334455667788/{_MIXED * 2}", _MIXED),
    "Teams webhook": (f"https://a.webhook.office.com/webhookb2/{_HEX}@{_HEX}/IncomingWebhook/{_HEX}/1", _HEX),
    "bcrypt": (f"admin:$2y$05${_MIXED}{_MIXED[:21]}", _MIXED),
    "bcrypt in a compose file": (f"admin:$$2y$$05$${_MIXED}{_MIXED[:21]}", _MIXED),
    "apr1": (f"admin:$apr1$aBcDeFgH${_MIXED[:22]}", _MIXED[:22]),
    "line of /etc/shadow": (f"root:$6$aBcDeFgH${_MIXED * 2}:19000:0:99999:7:::", _MIXED),
    "CloudFront signature": (f"https://d1.cloudfront.net/k?Expires=1&Signature={_MIXED}__", _MIXED),
    "Google signature": (f"https://storage.googleapis.com/b/k?X-Goog-Signature={_HEX * 2}", _HEX),
    "repository with a token": (f"https://{_HEX}{_HEX[:8]}@github.com/a/b.git", _HEX),
    "URL with a slash in the password": (f"redis://:{_WORD}/x#y@cache:6379/0", _WORD),
    "URL in a URL": (f"x=mysql%3A%2F%2Fapp%3A{_WORD}%40db%2Fapp", _WORD),
    "Oracle URL": (f"jdbc:oracle:thin:scott/{_WORD}@db:1521:x", _WORD),
    "JDBC URL": (f"jdbc:mysql://db/app?user=app&password={_WORD}&useSSL=true", _WORD),
    "mysql -p": (f"mysql -u root -p{_WORD} -h db", _WORD),
    "docker login -p": (f"docker login -u me -p {_WORD} registry.example.com", _WORD),
    "sshpass": (f"sshpass -p {_WORD} ssh me@host", _WORD),
    "redis-cli -a": (f"redis-cli -h cache -a {_WORD} ping", _WORD),
    "chpasswd": (f'echo "root:{_WORD}" | chpasswd', _WORD),
    "chpasswd of cloud-init": (f"chpasswd:\n  users: [{{name: a, password: {_WORD}}}]\n", _WORD),
    "net user": (f"<powershell>net user Administrator {_WORD}</powershell>", _WORD),
    "SecureString": (f'ConvertTo-SecureString "{_WORD}" -AsPlainText -Force', _WORD),
    "PowerShell -enc": (
        "powershell -enc " + base64.b64encode(f'$password="{_WORD}"'.encode("utf-16-le")).decode(),
        base64.b64encode(f'$password="{_WORD}"'.encode("utf-16-le")).decode(),
    ),
    ".netrc": (f"machine api.example.com\n  login me\n  password {_WORD}\n", _WORD),
    ".npmrc": (f"//registry.npmjs.org/:_authToken={_WORD}", _WORD),
    "nginx": (f"proxy_set_header X-Api-Key {_WORD};", _WORD),
    "PHP": (f"define('DB_PASSWORD', '{_WORD}');", _WORD),
    "XML attributes": (f'<add key="DbPassword" value="{_WORD}" />', _WORD),
    "XML entry": (f'<entry key="db.password">{_WORD}</entry>', _WORD),
    "short word": (f"MYSQL_PASS={_WORD}\n", _WORD),
    "quoted, of short words": (f'PASSWORD="it is a {_WORD}"', _WORD),
    "Laravel key": (f"APP_KEY=base64:{_b64(_MIXED)}", _b64(_MIXED)),
    "PEM of Windows": (_PEM, _MIXED),
    "PEM on one line": (_PEM.replace("\r\n", "\\n"), _MIXED),
    "service account": (json.dumps({"type": "service_account", "private_key": _PEM}), _MIXED),
    "Azure storage": (
        f"AccountName=acme;AccountKey={_b64(_MIXED)};EndpointSuffix=core.windows.net",
        _b64(_MIXED),
    ),
    "service bus": (f"Endpoint=sb://a.servicebus.windows.net/;SharedAccessKey={_b64(_MIXED)}", _b64(_MIXED)),
}
#: Names that say of their value, whatever it is, that it is a secret.
NAMES = (
    "DbPass", "dbpass", "SMTP_PASS", "passcode", "Passwort", "mot_de_passe", "PreSharedKey", "sharedKey",
    "MASTER_KEY", "RAILS_MASTER_KEY", "DD_APP_KEY", "hmac_key", "license_key", "registryCreds",
)  # fmt: skip
#: What only looks like one of them.
ORDINARY = (
    ("Rewrite", "^/(.*)$ /$1$2?$is_args$args permanent"),
    ("Replacement", "https://www.example.com/$1$request_uri"),
    ("location", "proxy_pass: http://backend.shop.svc:8080"),
    ("proxy_pass", "http://backend.shop.svc:8080"),
    ("Bypass", "office"),
    ("HealthByPass", "office"),
    ("KmsMasterKey", "alias/aws/sqs"),
    ("customer_master_key", "alias/shop"),
    ("command", "mkdir -p /var/lib/app && mysql -h db -P 3306 -p"),
    ("command", 'mysql -uroot -p"$MYSQL_PW" < init.sql'),
    ("Description", "The login page asks for a password twice"),
    ("text", '{"password":"",    "user":"somebody"}'),
    ("Description", "Adds the header X-Token when it is missing"),
    ("url", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app"),
    ("Value", "hf_hub_download_retries_of_the_model_cache"),
    ("Name", "dapi-eu-west-1"),
    ("Value", "pul-0123456789abcdef"),
    ("class", "com.example.shop.billing.InvoiceServiceFactoryBean"),
)
