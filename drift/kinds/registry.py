"""The kinds that belong to no cloud, by the name that type facts use."""

from __future__ import annotations

from drift.kinds import (
    collections,
    documents,
    encodings,
    names,
    network,
    scalars,
    template_string,
    times,
    versions,
)
from drift.kinds.base import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        collections.SET,
        collections.KEYED_LIST,
        collections.MAP,
        collections.LIST,
        documents.JSON,
        documents.YAML,
        documents.XML_WHITESPACE,
        scalars.INTEGER,
        scalars.NUMBER,
        scalars.BOOLEAN,
        scalars.STRING,
        scalars.CASE_INSENSITIVE,
        scalars.PRESENT,
        encodings.BASE64,
        encodings.PEM,
        network.CIDR,
        network.IP,
        network.PORT_RANGES,
        times.DURATION,
        times.TIMESTAMP,
        names.DNS_NAME,
        names.DNS_RECORD,
        names.URL,
        versions.VERSION_PREFIX,
        template_string.TEMPLATE_STRING,
    )
}
