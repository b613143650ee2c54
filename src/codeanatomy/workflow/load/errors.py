"""What can go wrong while a file is read, each with the place in the file."""

from __future__ import annotations

import yaml

from codeanatomy.kernel.errors import SpecError


class YamlError(SpecError, yaml.YAMLError):
    """The text is not YAML; `facts` hold file, line, column (from 1) and the problem."""

    code = "yaml-syntax"


class YamlLimitError(YamlError):
    """The text is larger, deeper or repeats itself more often than a file may."""

    code = "yaml-limit"


class YamlDuplicateKeyError(YamlError):
    """A key stands twice in one mapping; both places are named."""

    code = "yaml-duplicate-key"


class YamlTagError(YamlError):
    """A tag asks for a type that plain data does not have."""

    code = "yaml-tag"


class OutsideRootError(SpecError):
    """A file was asked for that does not lie below the directory it must lie below."""

    code = "outside-root"
