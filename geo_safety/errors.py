"""What can go wrong, said in the user's words in both languages."""
from __future__ import annotations

from .text import Text


class GeoSafetyError(Exception):
    """Base of all errors that a user may meet; `text` says what was wrong, what was met and what to do next."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text

    def __reduce__(self):  # an error crosses from the child process that reads foreign files
        return type(self), (self.text,)


class InputError(GeoSafetyError):
    """A file, a value or an argument cannot be used as it is."""


class StoreError(GeoSafetyError):
    """The store cannot be opened, or cannot do what was asked of it."""


class StaleError(StoreError):
    """Somebody else saved the record first."""


class StepError(GeoSafetyError):
    """A record may not take this step yet; `text` says what is missing."""


class AccessError(GeoSafetyError):
    """The viewer may not see or do this."""


class Cancelled(GeoSafetyError):
    """The user stopped the work."""

    def __init__(self, text: Text | None = None):
        super().__init__(text or Text(sv="Arbetet avbröts. Inget sparades.", en="The work was cancelled. Nothing was saved."))


class Refusal(GeoSafetyError):
    """A method will not answer on these data, and says why; `code` is one of `model.cautions.REFUSALS`."""

    def __init__(self, code: str, text: Text):
        super().__init__(text)
        self.code = code

    def __reduce__(self):
        return type(self), (self.code, self.text)
