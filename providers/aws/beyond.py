"""What AWS knows beyond a provider's contract: what is no change though nobody declares it, what its APIs
enumerate."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session

from drift.facts import TypeFacts
from drift.hooks import Acceptance, Hooks
from drift.kinds.base import Context
from drift.model import Resource
from providers.aws.facts import catalogue
from providers.aws.undeclared import acceptance


class AwsHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        return acceptance(declared, live)

    def public_texts(self) -> Iterator[str]:
        session = botocore.session.get_session()
        for service in sorted({entry.service for entry in catalogue().entries.values()}):
            model = session.get_service_model(service)
            for name in model.shape_names:
                yield from getattr(model.shape_for(name), "enum", ())
