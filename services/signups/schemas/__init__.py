"""The forms and JSON of this service, a module a noun."""

from .sign_up import (
    IdempotencyKey,
    LostLinkForm,
    SignupAnswer,
    SignupDetails,
    SignupForm,
    SignupRequest,
)

__all__ = [
    "IdempotencyKey",
    "LostLinkForm",
    "SignupAnswer",
    "SignupDetails",
    "SignupForm",
    "SignupRequest",
]
