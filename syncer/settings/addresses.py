"""Mail addresses as people write them into the configuration, checked before anything is sent to one."""

from __future__ import annotations

import re

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom of RFC 5322: what mail systems take without quotes."""

_FORM = "write name@host, or Name <name@host>"


def mail_address(text: str) -> str:
    """The address with its host as DNS knows it (`müller.example` becomes `xn--mller-kva.example`).

    Raises ValueError, which says what is wrong, for what is no address, or more than one.
    """
    if any(ord(sign) < 32 for sign in text):
        raise ValueError(f"holds a control character; {_FORM}")
    name, bracket, rest = text.strip().rpartition("<")
    if bool(bracket) != rest.endswith(">"):
        raise ValueError(f'"{text}" opens or closes <> only; {_FORM}')
    plain = rest.removesuffix(">").strip()
    local, at, host = plain.rpartition("@")
    if not (local and at and host):
        raise ValueError(f'"{text}" is not a mail address; {_FORM}')
    address = f"{_local(local, text)}@{_host(host)}"
    return f"{name.strip()} <{address}>" if bracket else address


def specification(address: str) -> str:
    """`name@host` of an address that `mail_address` returned."""
    return address.rpartition("<")[2].removesuffix(">")


def _local(local: str, text: str) -> str:
    if any(sign in local for sign in ";,@"):
        raise ValueError(f'"{text}" is more than one address, or holds a ; or a comma: give each an entry of its own')
    if any(sign.isspace() for sign in local):
        raise ValueError(f'"{text}" has a blank in the address; {_FORM}')
    if not local.isascii():
        raise ValueError(
            f'"{local}" has letters before the @ that most mail servers refuse; use one in a-z, 0-9, . _ -'
        )
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValueError(f'"{local}" cannot stand before the @ of a mail address')
    return local


def _host(host: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*", host):
        return host  # as it is: local names too
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise ValueError(f'"{host}" is not a name of a host') from None
