"""Go's ``text/template``, as far as ApplicationSets use it: what it does not know is refused, not guessed."""

from providers.kubernetes.engines.gotemplate.running import Template
from providers.kubernetes.engines.gotemplate.values import TemplateError, shown

__all__ = ["Template", "TemplateError", "shown"]
