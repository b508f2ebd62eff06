"""Whether certificates that a Secret trusts have run out."""

from __future__ import annotations

import ssl
import time


def expired_since(ca: bytes) -> str:
    """Return when the last of the PEM certificates ``ca`` expired; empty while one is valid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=ca.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        return ""
    ends = {
        ssl.cert_time_to_seconds(str(each["notAfter"])): str(each["notAfter"])
        for each in context.get_ca_certs()
    }
    return ends[max(ends)] if ends and max(ends) < time.time() else ""
