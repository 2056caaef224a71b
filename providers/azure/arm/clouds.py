"""What ``environment()`` answers in each cloud.

Sources: Microsoft Learn, ``environment`` (the public cloud's answer); for the others the endpoints that ``az
cloud show`` and ``Get-AzEnvironment`` print. What is told of the public cloud only stays unknown elsewhere.
"""

from __future__ import annotations

from typing import Any

_DOC = "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json"

CLOUDS: dict[str, dict[str, Any]] = {
    "public": {
        "name": "AzureCloud",
        "gallery": "https://gallery.azure.com/",
        "graph": "https://graph.windows.net/",
        "portal": "https://portal.azure.com",
        "graphAudience": "https://graph.windows.net/",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": _DOC,
        "resourceManager": "https://management.azure.com/",
        "authentication": {
            "loginEndpoint": "https://login.microsoftonline.com/",
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "acrLoginServer": ".azurecr.io",
            "azureDatalakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureDatalakeStoreFileSystem": "azuredatalakestore.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "keyvaultDns": ".vault.azure.net",
            "sqlServerHostname": ".database.windows.net",
            "storage": "core.windows.net",
        },
    },
    "government": {
        "name": "AzureUSGovernment",
        "portal": "https://portal.azure.us",
        "resourceManager": "https://management.usgovcloudapi.net/",
        "authentication": {"loginEndpoint": "https://login.microsoftonline.us/"},
        "suffixes": {
            "acrLoginServer": ".azurecr.us",
            "keyvaultDns": ".vault.usgovcloudapi.net",
            "sqlServerHostname": ".database.usgovcloudapi.net",
            "storage": "core.usgovcloudapi.net",
        },
    },
    "china": {
        "name": "AzureChinaCloud",
        "portal": "https://portal.azure.cn",
        "resourceManager": "https://management.chinacloudapi.cn/",
        "authentication": {"loginEndpoint": "https://login.chinacloudapi.cn/"},
        "suffixes": {
            "acrLoginServer": ".azurecr.cn",
            "keyvaultDns": ".vault.azure.cn",
            "sqlServerHostname": ".database.chinacloudapi.cn",
            "storage": "core.chinacloudapi.cn",
        },
    },
}
