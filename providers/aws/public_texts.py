"""What the APIs of AWS enumerate, from botocore's descriptions of the services that are read."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session

from drift.hooks import Hooks
from providers.aws.facts import catalogue


class AwsHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def public_texts(self) -> Iterator[str]:
        session = botocore.session.get_session()
        for service in sorted({entry.service for entry in catalogue().entries.values()}):
            model = session.get_service_model(service)
            for name in model.shape_names:
                yield from getattr(model.shape_for(name), "enum", ())
