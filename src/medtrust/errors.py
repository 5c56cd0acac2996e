"""Every error that medtrust raises on purpose.

```
MedtrustError
├── InputError            what the user gave cannot be used; exit code 2
│   ├── AbsentError       a file that may come later is not there yet
│   ├── ImageError        one image cannot be read; what is asked about others can be
│   └── ConsentError      the data may not go where they were about to be sent
└── ModelError            a model did not answer
    ├── TransientError    worth asking again: overload, a cut connection, a server error
    │   └── UnreachableError  no connection at all; where none ever was, the run ends soon
    ├── RejectedError     this request will never be answered; others may be
    │   └── BlockedError      a provider's filter took it away, which is an abstention
    ├── UnsupportedError  no request of this kind will be answered by this model
    └── FatalError        no request at all will be: a certificate, no money left; exit code 2
        └── AccessError       a wrong key, an unknown model; once others were answered, this one's
```

Each message is one line that says what is wrong, where, and what to do about it.
"""


class MedtrustError(Exception):
    """Base of all errors with a message meant for the user."""


class InputError(MedtrustError):
    """Something the user gave (a file, a name, an option) cannot be used."""


class AbsentError(InputError):
    """A file is not there (an image that has not been fetched)."""


class ImageError(InputError):
    """An image is there and cannot be read.

    `reason` says why without the file's path, which may name a patient, and `why` without the
    image's name as well.
    """

    def __init__(self, message: str, *, image: str, why: str) -> None:
        super().__init__(message)
        self.why = f"its image {why}"
        self.reason = f"image {image} {why}"


class ConsentError(InputError):
    """Restricted data would leave this machine without the user's stated consent."""


class ModelError(MedtrustError):
    """A model did not give an answer."""


class TransientError(ModelError):
    """The same request may succeed later.

    `retry_after` is the server's own wish in seconds, if it gave one; `throttled`
    says that the server asked for less traffic (HTTP 429 or 503).
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, throttled: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.throttled = throttled


class UnreachableError(TransientError):
    """There is no connection to the server."""


class RejectedError(ModelError):
    """The model refuses this very request (HTTP 400, 413, 422): asking again is no use."""


class BlockedError(RejectedError):
    """A provider's filter took the question away before the model saw it."""


class UnsupportedError(ModelError):
    """The model cannot be asked this kind of thing at all (no log-probabilities, say)."""


class FatalError(ModelError):
    """No request can succeed as things are; the run stops at once."""


class AccessError(FatalError):
    """Access is refused or nothing is there (HTTP 401, 403, 404).

    It ends a run in which nothing was answered. Once other requests were, it concerns this one: a
    moderator, a model behind a router that does not take this kind.
    """
