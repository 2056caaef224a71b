"""What happens in AWS after the first morning: one thing is mended, one changed again, one is new."""

from __future__ import annotations

from drift.demo import Change
from providers.aws.demo.accounts import Clients
from providers.aws.demo.night import SSH, group


def mend(clients: Clients) -> None:
    clients.get("ec2").revoke_security_group_ingress(GroupId=group(clients), IpPermissions=[SSH])


def shorten_again(clients: Clients) -> None:
    clients.get("logs").put_retention_policy(logGroupName="/shop/web", retentionInDays=1)


def open_another(clients: Clients) -> None:
    clients.get("logs").create_log_group(logGroupName="/shop/debug")


NEXT_DAY = (
    Change("08:20", "The on-call engineer closed SSH again.", mend, (), "mira@larkspur.example"),
    Change(
        "17:45", "Still too expensive: /shop/web keeps one day.", shorten_again, (), "jonas@larkspur.example"
    ),
    Change(
        "22:10", "A log group /shop/debug, that nobody declared.", open_another, (), "kim@larkspur.example"
    ),
)
