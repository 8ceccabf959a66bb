"""Which addresses we call. A customer chooses them, so they must not lead into our own network.

We look at the name only: what it resolves to is checked by the platform, which makes the call.
"""

import ipaddress
import re
from urllib.parse import urlsplit

MOST_CHARACTERS = 500

_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "onion", "arpa")
"""Last labels of names that mean something only inside a network."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PORTS = (None, 443, 8443)

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def problem_with(url: str) -> str | None:
    """Say why we do not call this address; ``None`` when we do."""
    if len(url) > MOST_CHARACTERS or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        return "URL must be an address without spaces"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "URL cannot be read"
    if parts.scheme != "https":
        return "URL must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "URL must not hold a user name or password"
    if port not in _PORTS:
        return "URL may name port 443 or 8443 only"
    return None if _is_outside(host.removesuffix(".")) else "URL must lead to a public host"


def _is_outside(host: str) -> bool:
    address = _ip_address(host)
    if address is not None:
        return _is_public(address)
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return False
    # A last label of digits, or 0x…, is an IPv4 address in disguise to many libraries: 127.1, 0x7f.1.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return False
    return labels[-1] not in _INSIDE


def _ip_address(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def _is_public(address: IpAddress) -> bool:
    """Tell whether an address is the Internet's, looking through the ways to write an IPv4 one as IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None,))[-1]
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
