"""Every error the package raises on purpose.

The tree, which is all there is to catch::

    DuanbanError                     exit code 1: the tool could not do its work
    ├── UsageError                   exit code 2: the user asked for something that cannot be
    │   ├── LocatorError             an input that does not exist or is named wrongly
    │   ├── TargetError              an unknown target, or a target file that breaks its schema
    │   └── ConfigError              duanban.toml / pyproject.toml / a baseline that cannot be used
    ├── RuleError                    a rule file that breaks its schema (a defect of the package)
    ├── FetchError                   a registry or client did not give what was asked for
    │   └── OfflineError             it was not asked, because the network is off
    └── UnpackError                  an archive that was refused (too large, unsafe names, damaged)
"""


class DuanbanError(Exception):
    """Base of every error raised on purpose; its text is one line for the user."""

    exit_code = 1


class UsageError(DuanbanError):
    """The user asked for something that cannot be done as asked."""

    exit_code = 2


class LocatorError(UsageError):
    """An input does not exist, or its locator cannot be understood."""


class TargetError(UsageError):
    """A target is unknown, or its file does not follow the schema."""


class ConfigError(UsageError):
    """A configuration file or baseline cannot be used; the text names the file and the place."""


class RuleError(DuanbanError):
    """A rule file does not follow its schema; the text names the file and the rule."""


class FetchError(DuanbanError):
    """A registry, or the client that speaks to it, did not give what was asked for."""


class OfflineError(FetchError):
    """Something is not in the cache and the network is switched off."""


class UnpackError(DuanbanError):
    """An archive was refused: too large, too deep, unsafe names, or damaged."""
