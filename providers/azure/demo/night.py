"""What people do in the subscriptions at night behind Git's back; each gives exactly the findings that it
names."""

from __future__ import annotations

from typing import Any

from drift.demo import Change, Found
from providers.azure.loopback import Store

WEB = "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"
GROUP = f"/subscriptions/{WEB}/resourceGroups/shop"
_NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/shop-web"
_NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/shop-network"
_RECEIPTS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/larkspurreceipts"
_VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/larkspur-shop-keys"
_SQL = f"{GROUP}/providers/Microsoft.Sql/servers/larkspur-shop-sql"
_PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/shop-plan"
_SITE = f"{GROUP}/providers/Microsoft.Web/sites/larkspur-shop"
_ANALYTICS = "/subscriptions/8c5d2b7e-4a10-4f3b-b1c6-92e07f4d3a22/resourceGroups/analytics/providers"
_REPORTS = f"{_ANALYTICS}/Microsoft.DBforPostgreSQL/flexibleServers/larkspur-reports"
_SESSIONS = f"{_ANALYTICS}/Microsoft.Cache/Redis/larkspur-sessions"
_SOMEBODY = "d41e7a90-22c8-4a3b-9b1f-5f0e6c7d8a02"
_GRANTS = f"/subscriptions/{WEB}/providers/Microsoft.Authorization"
_OWNER = f"{_GRANTS}/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_GRANT = f"{_GRANTS}/roleAssignments/7b7d5c1e-0a43-4a8e-9c55-1f2e3d4c5b6a"


def _rules(store: Store) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = store.get(_NSG)["properties"]["securityRules"]
    return rules


def open_ssh(store: Store) -> None:
    _rules(store)[1]["properties"]["sourceAddressPrefix"] = "*"


def add_rule(store: Store) -> None:
    rule = {**_rules(store)[0]["properties"], "destinationPortRange": "3389", "priority": 110}
    _rules(store).append({"name": "rdp-temp", "id": f"{_NSG}/securityRules/rdp-temp", "properties": rule})


def unguard(store: Store) -> None:
    del store.get(_NETWORK)["properties"]["subnets"][0]["properties"]["networkSecurityGroup"]


def publish(store: Store) -> None:
    store.get(_RECEIPTS)["properties"]["allowBlobPublicAccess"] = True
    store.get(f"{_RECEIPTS}/blobServices/default/containers/receipts")["properties"]["publicAccess"] = "Blob"


def read_secrets(store: Store) -> None:
    policies = store.get(_VAULT)["properties"]["accessPolicies"]
    policies.append(
        {
            "tenantId": policies[0]["tenantId"],
            "objectId": _SOMEBODY,
            "permissions": {"secrets": ["all"]},
        }
    )


def become_owner(store: Store) -> None:
    said = {
        "roleDefinitionId": _OWNER,
        "principalId": _SOMEBODY,
        "principalType": "User",
        "scope": f"/subscriptions/{WEB}",
    }
    store.add({"id": _GRANT, "properties": said})


def let_everybody_in(store: Store) -> None:
    store.add(
        {
            "id": f"{_SQL}/firewallRules/everybody",
            "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
        }
    )


def unlock(store: Store) -> None:
    store.remove(f"{_SQL}/providers/Microsoft.Authorization/locks/keep-orders")


def save_money(store: Store) -> None:
    store.get(_PLAN)["sku"] = {"name": "B1", "tier": "Basic", "size": "B1", "family": "B", "capacity": 1}


def pay_elsewhere(store: Store) -> None:
    store.settings[f"{_SITE}/config/appsettings".lower()]["PAYMENTS_URL"] = "https://pay.example.net/v2"


def move_team(store: Store) -> None:
    store.get(_SITE)["tags"]["team"] = "growth"


def keep_less(store: Store) -> None:
    store.get(_REPORTS)["properties"]["backup"]["backupRetentionDays"] = 7


def allow_old_clients(store: Store) -> None:
    store.get(_SESSIONS)["properties"]["enableNonSslPort"] = True


NIGHT: tuple[Change, ...] = (
    Change(
        "22:14",
        "Somebody opened SSH of the shop's machines to the whole Internet …",
        open_ssh,
        (
            Found(
                "Microsoft.Network/networkSecurityGroups",
                _NSG,
                "changed",
                ("/properties/securityRules/ssh-from-office/properties/sourceAddressPrefixes",),
            ),
        ),
        "jonas@larkspur.example",
    ),
    Change(
        "22:16",
        "… and added a rule for remote desktops, for the time being.",
        add_rule,
        (
            Found(
                "Microsoft.Network/networkSecurityGroups",
                _NSG,
                "changed",
                ("/properties/securityRules/rdp-temp",),
            ),
        ),
        "jonas@larkspur.example",
    ),
    Change(
        "22:40",
        "A connection failed: the security group was taken off the web subnet.",
        unguard,
        (
            Found(
                "Microsoft.Network/virtualNetworks",
                _NETWORK,
                "changed",
                ("/properties/subnets/web/properties/networkSecurityGroup",),
            ),
        ),
        "jonas@larkspur.example",
    ),
    Change(
        "23:05",
        "Somebody wanted to send a link: everybody may read the container receipts.",
        publish,
        (
            Found(
                "Microsoft.Storage/storageAccounts",
                _RECEIPTS,
                "changed",
                ("/properties/allowBlobPublicAccess",),
            ),
            Found(
                "Microsoft.Storage/storageAccounts/blobServices/containers",
                f"{_RECEIPTS}/blobServices/default/containers/receipts",
                "changed",
                ("/properties/publicAccess",),
            ),
        ),
        "sofia@larkspur.example",
    ),
    Change(
        "23:30",
        "A colleague was let into the key vault …",
        read_secrets,
        (
            Found(
                "Microsoft.KeyVault/vaults", _VAULT, "changed", (f"/properties/accessPolicies/{_SOMEBODY}",)
            ),
        ),
        "tomas@larkspur.example",
    ),
    Change(
        "23:31",
        "… and became owner of the subscription.",
        become_owner,
        (Found("Microsoft.Authorization/roleAssignments", _GRANT, "unmanaged"),),
        "tomas@larkspur.example",
    ),
    Change(
        "00:12",
        "The office could not connect: the database's firewall is open to every address …",
        let_everybody_in,
        (Found("Microsoft.Sql/servers/firewallRules", f"{_SQL}/firewallRules/everybody", "unmanaged"),),
        "lena@larkspur.example",
    ),
    Change(
        "00:20",
        "… and the lock on the database server is gone.",
        unlock,
        (
            Found(
                "Microsoft.Authorization/locks",
                f"{_SQL}/providers/Microsoft.Authorization/locks/keep-orders",
                "missing",
            ),
        ),
        "lena@larkspur.example",
    ),
    Change(
        "01:45",
        "To save money, the shop's plan was made smaller.",
        save_money,
        (Found("Microsoft.Web/serverfarms", _PLAN, "changed", ("/sku/name", "/sku/tier", "/sku/capacity")),),
        "kim@larkspur.example",
    ),
    Change(
        "02:10",
        "For a test, the shop sends its payments to another address.",
        pay_elsewhere,
        (
            Found(
                "Microsoft.Web/sites/config",
                f"{_SITE}/config/appsettings",
                "changed",
                ("/properties/PAYMENTS_URL",),
            ),
        ),
        "mira@larkspur.example",
    ),
    Change(
        "02:15",
        "The site was given to another team: its tag was changed.",
        move_team,
        (Found("Microsoft.Web/sites", _SITE, "changed", ("/tags/team",)),),
        "kim@larkspur.example",
    ),
    Change(
        "03:20",
        "Backups of the reports' database are kept a week less.",
        keep_less,
        (
            Found(
                "Microsoft.DBforPostgreSQL/flexibleServers",
                _REPORTS,
                "changed",
                ("/properties/backup/backupRetentionDays",),
            ),
        ),
        "kim@larkspur.example",
    ),
    Change(
        "03:25",
        "An old client: the sessions' cache answers without encryption.",
        allow_old_clients,
        (Found("Microsoft.Cache/redis", _SESSIONS, "changed", ("/properties/enableNonSslPort",)),),
        "jonas@larkspur.example",
    ),
)
