"""Finds the field of the API's schema that a declared field means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.gcp import schema
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.references import Names, Target

_ENDS = ("", "name", "names", "id", "ids", "uri", "url", "link", "email", "s", "reference", "path")
#: The rest of an acronym within a name: ``RI`` of ``imageURI``, ``A`` of ``gcpIAMAccess``.
_ACRONYM = re.compile(r"([A-Z])([A-Z]+)(?=[A-Z][a-z]|$)")


class Places:
    """The fields of one object's kind."""

    def __init__(self, one: Declared, names: Names) -> None:
        self.one, self.names = one, names
        self.renamed: Mapping[str, str] = one.means.said.get("fields", {})

    def guess(self, key: str) -> str:
        """The name of a field where no schema is known: acronyms as Google writes them (``imageURI`` →
        ``imageUri``)."""
        return str(self.renamed.get(key) or _ACRONYM.sub(lambda found: found[1] + found[2].lower(), key))

    def place(self, key: str, known: schema.Properties | None, reference: Any) -> str | None:
        """The schema's name of a declared field: another case, a plural, the field that holds a link."""
        if not known:
            return None
        if self.renamed.get(key) in known:
            return self.renamed[key]
        if key in known and reference is None:
            return key
        by_plain = {schema.plain(name): name for name in known}
        wanted = schema.plain(key)
        ends = _ENDS if reference is not None else ("",)
        for end in ends:
            if wanted + end in by_plain:
                return by_plain[wanted + end]
        one = schema.plain(schema.singular(key))
        for name in by_plain.values():
            if schema.plain(schema.singular(name)) == one:
                return name
        return self._linked(key, known, reference) if reference is not None else None

    def _linked(self, key: str, known: schema.Properties, reference: Any) -> str | None:
        """The field of a reference that is called otherwise: its name ends the reference's, or its text shows
        the link."""
        wanted = schema.plain(key)
        written = {name: node for name, node in known.items() if not node.get("o")}
        stems = []
        for name in written:
            plain = schema.plain(name)
            for end in ("names", "name", "uri", "id", ""):
                if (
                    plain.endswith(end)
                    and len(plain) > len(end) + 2
                    and wanted.endswith(plain[: len(plain) - len(end)])
                ):
                    stems.append((len(plain) - len(end), name))
                    break
        if stems:
            return max(stems)[1]
        ref = reference[0] if isinstance(reference, list) else reference
        target = self.names.resolve(ref, key, self.one)
        collection = (
            target.path.split("/")[-2] if isinstance(target, Target) and target.path.count("/") else ""
        )
        links = [
            n
            for n, node in written.items()
            if (node.get("l") or node.get("i", {}).get("l")) not in (None, "projects")
        ]
        same = [n for n in links if (written[n].get("l") or written[n].get("i", {}).get("l")) == collection]
        if not same:
            same = [
                n
                for n in links
                if wanted.endswith(
                    schema.plain(
                        schema.singular(str(written[n].get("l") or written[n].get("i", {}).get("l")))
                    )
                )
            ]
        if len(same) == 1:
            return same[0]
        texts = [n for n, node in written.items() if node.get("t", node.get("i", {}).get("t")) == "string"]
        said = {re.sub(r"Refs?$", "", str(name)) for name in self.one.spec}
        return texts[0] if len(texts) == 1 and len(written) == 1 and texts[0] not in said else None
