"""What is in a packet, as far as its own headers tell: protocols, and from whom to whom."""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

_ETHERNET, _RAW, _LINUX, _LINUX_2, _LOOPBACK = 1, 101, 113, 276, 0
_IPV4, _IPV6, _ARP = 0x0800, 0x86DD, 0x0806
_VLANS = (0x8100, 0x88A8, 0x9100)
_NEXT_HEADERS = (0, 43, 60)  # of IPv6, that tell their length in eights
_FRAGMENT = 44

_ETHER_NAMES = {0x88CC: "LLDP", 0x8847: "MPLS", 0x8863: "PPPoE", 0x8864: "PPPoE", 0x888E: "EAPOL", 0x8035: "RARP"}
_IP_NAMES = {1: "ICMP", 2: "IGMP", 4: "IPv4 in IP", 6: "TCP", 17: "UDP", 33: "DCCP", 41: "IPv6 in IP", 47: "GRE"}
_IP_NAMES |= {50: "ESP", 51: "AH", 58: "ICMPv6", 89: "OSPF", 103: "PIM", 112: "VRRP", 132: "SCTP", 136: "UDP-Lite"}
_PORTED = {6, 17, 33, 132, 136}


class Sight(NamedTuple):
    """What a packet is.

    Attributes:
        protocols: from the outermost inward, such as ("Ethernet", "IPv4", "TCP").
        source, target: addresses; "" when there are none.
        source_port, target_port: 0 when there are none.
    """

    protocols: tuple[str, ...]
    source: str = ""
    target: str = ""
    source_port: int = 0
    target_port: int = 0


def dissect(link: int, data: bytes) -> Sight:
    """Tell what a packet is; one that is cut or damaged is told as far as it can be read."""
    if link == _ETHERNET:
        return _ethernet(data)
    if link in (_RAW, 12, 14, 228, 229):
        return _ip(data, 0, ())
    if link == _LINUX and len(data) >= 16:
        return _network(struct.unpack_from(">H", data, 14)[0], data, 16, ("Linux",))
    if link == _LINUX_2 and len(data) >= 20:
        return _network(struct.unpack_from(">H", data)[0], data, 20, ("Linux",))
    if link == _LOOPBACK:
        return _ip(data, 4, ("Loopback",))
    return Sight((f"Link type {link}",))


def _ethernet(data: bytes) -> Sight:
    if len(data) < 14:
        return Sight(("Ethernet", "Cut"))
    protocols: tuple[str, ...] = ("Ethernet",)
    kind, place = struct.unpack_from(">H", data, 12)[0], 14
    while kind in _VLANS and len(data) >= place + 4:
        kind, place, protocols = struct.unpack_from(">H", data, place + 2)[0], place + 4, (*protocols, "VLAN")
        if len(protocols) > 4:
            break
    sight = _network(kind, data, place, protocols)
    return sight if sight.source else sight._replace(source=_mac(data[6:12]), target=_mac(data[:6]))


def _network(kind: int, data: bytes, place: int, protocols: tuple[str, ...]) -> Sight:
    if kind in (_IPV4, _IPV6):
        return _ip(data, place, protocols)
    if kind == _ARP:
        return _arp(data, place, (*protocols, "ARP"))
    if kind < 0x0600:
        return Sight((*protocols, "LLC"))
    return Sight((*protocols, _ETHER_NAMES.get(kind, f"Type 0x{kind:04x}")))


def _arp(data: bytes, place: int, protocols: tuple[str, ...]) -> Sight:
    if len(data) < place + 28 or data[place + 2 : place + 6] != b"\x08\x00\x06\x04":
        return Sight(protocols)
    return Sight(protocols, _v4(data[place + 14 : place + 18]), _v4(data[place + 24 : place + 28]))


def _ip(data: bytes, place: int, protocols: tuple[str, ...]) -> Sight:
    version = data[place] >> 4 if len(data) > place else 0
    if version == 4 and len(data) >= place + 20:
        flags, inner = struct.unpack_from(">H", data, place + 6)[0], data[place + 9]
        source, target = _v4(data[place + 12 : place + 16]), _v4(data[place + 16 : place + 20])
        after = place + 4 * (data[place] & 0x0F)
        return _transport(inner, data, after, (*protocols, "IPv4"), source, target, bool(flags & 0x1FFF))
    if version == 6 and len(data) >= place + 40:
        source, target = _v6(data[place + 8 : place + 24]), _v6(data[place + 24 : place + 40])
        inner, after, is_later = _skip_headers(data[place + 6], data, place + 40)
        return _transport(inner, data, after, (*protocols, "IPv6"), source, target, is_later)
    return Sight((*protocols, {4: "IPv4", 6: "IPv6"}.get(version, "IP"), "Cut" if version in (4, 6) else "Damaged"))


def _skip_headers(inner: int, data: bytes, place: int) -> tuple[int, int, bool]:
    """Return the protocol after the further headers of IPv6, where it begins, and whether this is a later fragment."""
    is_later = False
    while len(data) >= place + 8:
        if inner in _NEXT_HEADERS:
            inner, place = data[place], place + 8 + 8 * data[place + 1]
        elif inner == _FRAGMENT:
            is_later = is_later or bool(struct.unpack_from(">H", data, place + 2)[0] & 0xFFF8)
            inner, place = data[place], place + 8
        else:
            break
    return inner, place, is_later


def _transport(
    inner: int, data: bytes, place: int, protocols: tuple[str, ...], source: str, target: str, is_later: bool
) -> Sight:
    protocols = (*protocols, _IP_NAMES.get(inner, f"Protocol {inner}"))
    if inner not in _PORTED or is_later or len(data) < place + 4:
        return Sight(protocols, source, target)
    return Sight(protocols, source, target, *struct.unpack_from(">HH", data, place))


@lru_cache(4096)
def _mac(address: bytes) -> str:
    return address.hex(":")


@lru_cache(4096)
def _v4(address: bytes) -> str:
    return str(IPv4Address(address))


@lru_cache(4096)
def _v6(address: bytes) -> str:
    return str(IPv6Address(address))
