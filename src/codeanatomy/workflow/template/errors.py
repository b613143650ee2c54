"""What can go wrong while a template or a condition is read or rendered."""

from __future__ import annotations

from codeanatomy.kernel.errors import AnatomyError, Phase


class TemplateError(AnatomyError, ValueError):
    """A template cannot be read, or names what is not there."""

    code = "template"
    phase = Phase.RUN
    exit_status = 2


class TemplateUnsafeError(TemplateError):
    """A template reached for something outside the names it was given."""

    code = "template-unsafe"


class TemplateLimitError(TemplateError):
    """A template would produce more, or work longer, than one rendering may."""

    code = "template-limit"


class ConditionError(TemplateError):
    """A condition cannot be read or evaluated; it is never taken for true."""

    code = "condition"
