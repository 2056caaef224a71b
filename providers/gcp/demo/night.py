"""What people do in the projects at night behind Git's back; each gives exactly the findings that it
names."""

from __future__ import annotations

from drift.demo import Change, Found
from providers.gcp.loopback import Store

FOLDER = "718204993361"
SHOP = "larkspur-shop"
DATA = "larkspur-data"
_PROJECT = f"//cloudresourcemanager.googleapis.com/projects/{SHOP}"
_SHOP_PROJECT = "//cloudresourcemanager.googleapis.com/projects/482913740512"
_FIREWALL = f"//compute.googleapis.com/projects/{SHOP}/global/firewalls/shop-ssh-from-iap"
_TOPIC = f"//pubsub.googleapis.com/projects/{SHOP}/topics/orders"
_SUBSCRIPTION = f"//pubsub.googleapis.com/projects/{SHOP}/subscriptions/orders-to-roastery"
_DATABASE = f"//cloudsql.googleapis.com/projects/{SHOP}/instances/orders"
_RECEIPTS = "//storage.googleapis.com/larkspur-receipts"
_ROASTER = f"//compute.googleapis.com/projects/{DATA}/zones/europe-west1-b/instances/roaster"
_ACCOUNTS = f"//iam.googleapis.com/projects/{DATA}/serviceAccounts"
_KEY = "keys/0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f40312213"
_UNTIL_MARCH = 'until-march:request.time < timestamp("2027-03-31T00:00:00Z")'
_ZONE = f"https://www.googleapis.com/compute/v1/projects/{DATA}/zones/europe-west1-b"


def relabel(store: Store) -> None:
    store.change(_TOPIC, {"labels": {"team": "platform"}})


def open_firewall(store: Store) -> None:
    store.change(_FIREWALL, {"sourceRanges": ["0.0.0.0/0"], "targetTags": None})


def allow_public(store: Store) -> None:
    store.change(_RECEIPTS, {"iamConfiguration": {"publicAccessPrevention": "inherited"}})


def share(store: Store) -> None:
    store.grant(_RECEIPTS, "roles/storage.objectViewer", "allUsers")


def forever(store: Store) -> None:
    policy = store.assets[_SHOP_PROJECT].policy
    bindings = [
        {key: value for key, value in one.items() if key != "condition"} for one in policy["bindings"]
    ]
    store.set_policy(_SHOP_PROJECT, {**policy, "bindings": bindings})


def unsubscribe(store: Store) -> None:
    store.delete(_SUBSCRIPTION)


def resize_database(store: Store) -> None:
    store.change(_DATABASE, {"settings": {"tier": "db-custom-8-30720", "settingsVersion": "12"}})


def make_key(store: Store) -> None:
    account = "roaster@larkspur-data.iam.gserviceaccount.com"
    store.add(
        {
            "name": f"{_ACCOUNTS}/104482913700551277390/{_KEY}",
            "assetType": "iam.googleapis.com/ServiceAccountKey",
            "data": {
                "name": f"projects/{DATA}/serviceAccounts/{account}/{_KEY}",
                "keyType": "USER_MANAGED",
                "keyOrigin": "GOOGLE_PROVIDED",
                "keyAlgorithm": "KEY_ALG_RSA_2048",
                "validAfterTime": "2026-11-20T03:07:12Z",
                "validBeforeTime": "9999-12-31T23:59:59Z",
            },
        }
    )


def resize_machine(store: Store) -> None:
    store.change(_ROASTER, {"machineType": f"{_ZONE}/machineTypes/e2-standard-4"})


NIGHT = (
    Change(
        "22:41",
        "The topic orders was given to another team: its label was changed.",
        relabel,
        (Found("pubsub.googleapis.com/Topic", _TOPIC, paths=("/labels/team",)),),
        "mira@larkspur.example",
    ),
    Change(
        "23:05",
        "The proxy was slow: SSH to every machine of the shop is open to the whole Internet.",
        open_firewall,
        (Found("compute.googleapis.com/Firewall", _FIREWALL, paths=("/sourceRanges", "/targetTags")),),
        "sofia@larkspur.example",
    ),
    Change(
        "23:52",
        "A partner needs the receipts: public access to their bucket is no longer prevented …",
        allow_public,
        (
            Found(
                "storage.googleapis.com/Bucket",
                _RECEIPTS,
                paths=("/iamConfiguration/publicAccessPrevention",),
            ),
        ),
        "sofia@larkspur.example",
    ),
    Change(
        "23:54",
        "… and allUsers may read them.",
        share,
        (
            Found(
                "iam.googleapis.com/Binding",
                f"{_RECEIPTS}|roles/storage.objectViewer|allUsers",
                "unmanaged",
            ),
        ),
        "sofia@larkspur.example",
    ),
    Change(
        "00:38",
        "The auditor asked for more time: what was to end in March has no end.",
        forever,
        (
            Found(
                "iam.googleapis.com/Binding",
                f"{_PROJECT}|roles/viewer|user:auditor@larkspur.example|{_UNTIL_MARCH}",
                "missing",
            ),
            Found(
                "iam.googleapis.com/Binding",
                f"{_PROJECT}|roles/viewer|user:auditor@larkspur.example",
                "unmanaged",
            ),
        ),
        "lena@larkspur.example",
    ),
    Change(
        "01:27",
        "Messages piled up, and the roastery's subscription to the orders was deleted.",
        unsubscribe,
        (Found("pubsub.googleapis.com/Subscription", _SUBSCRIPTION, "missing"),),
        "mira@larkspur.example",
    ),
    Change(
        "02:11",
        "The orders' database got four times the machine.",
        resize_database,
        (Found("sqladmin.googleapis.com/Instance", _DATABASE, paths=("/settings/tier",)),),
        "jonas@larkspur.example",
    ),
    Change(
        "03:07",
        "Somebody made a key of the roaster's service account that never expires.",
        make_key,
        (
            Found(
                "iam.googleapis.com/ServiceAccountKey",
                f"{_ACCOUNTS}/roaster@larkspur-data.iam.gserviceaccount.com/{_KEY}",
                "unmanaged",
            ),
        ),
        "tomas@larkspur.example",
    ),
    Change(
        "04:20",
        "The roaster's machine was replaced by one four times as expensive.",
        resize_machine,
        (Found("compute.googleapis.com/Instance", _ROASTER, paths=("/machineType",)),),
        "kim@larkspur.example",
    ),
)
