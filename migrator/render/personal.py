"""Which columns look secret or personal, judged by name alone, and how their values are masked."""

from __future__ import annotations

import re

HIDDEN = "•••"
_SHOWS_FIRST = 4

# Parts are looked for anywhere in a name without its separators; words must be whole.
_SECRET_PART = re.compile(
    "passw|passphrase|pwd|secret|token|apikey|accesskey|privatekey|signature|credential|creditcard|cardn(umber|o)"
    "|iban|sessionid|socialsecurity|nationalid|taxid|passport"
)
_SECRET_WORD = re.compile("ssn|pin|otp|totp|mfa|cvv|cvc|salt|hash|card|pan|swift|bic|vat|tin|auth|cookie")
_PERSONAL_PART = re.compile(
    "email|phone|telefon|addres|street|strasse|straße|birth|geburt|(first|last|full|given|family|middle|maiden)name"
    "|surname|nickname|(user|login|display|contact|customer)name|(post|postal|zip)code"
)
_PERSONAL_WORD = re.compile("mail|dob|tel|mobile|cell|fax|zip|ip|login|gender|sex|ethnicity|religion")

# Numbers of rows in tables of their own, not the addresses themselves.
_REFERENCE = re.compile("(address|card|phone|street)id|cardtype")
_WORD = re.compile(r"[^\W_a-z]+(?![a-z])|[^\W_a-z]?[a-z]+|[^\W_]+")


def is_secret(column_name: str) -> bool:
    """Whether not even a first character may be shown."""
    return _matches(column_name, _SECRET_PART, _SECRET_WORD)


def is_personal(column_name: str) -> bool:
    """Whether a column looks secret or personal. In doubt it does."""
    return is_secret(column_name) or _matches(column_name, _PERSONAL_PART, _PERSONAL_WORD)


def _matches(name: str, part: re.Pattern[str], word: re.Pattern[str]) -> bool:
    words = [found.lower() for found in _WORD.findall(name)]
    if _REFERENCE.fullmatch("".join(words[-2:])):
        return False
    return part.search("".join(words)) is not None or any(map(word.fullmatch, words))


def mask(name: str, text: str) -> str:
    """What is shown in place of the text of the column `name`: `a•••`, or nothing of it when the column looks
    secret or the text is short."""
    if is_secret(name) or len(text) < _SHOWS_FIRST:
        return HIDDEN
    return text[0] + HIDDEN
