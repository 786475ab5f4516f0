# SPDX-License-Identifier: GPL-2.0-only
"""Network devices that a story makes: pairs of veth, and VRFs with what is in them."""

import os
import socket
import struct

import namespace

NETLINK_ROUTE, RTM_NEWLINK, RTM_NEWROUTE = 0, 16, 24
NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x200, 0x400
IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_NET_NS_PID = 3, 10, 18, 19
IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER, IFLA_VRF_TABLE = 1, 2, 1, 1
NLMSG_ERROR, HEAD = 2, struct.Struct("=IHHII")


def _attribute(kind, data):
    size = 4 + len(data)
    return struct.pack("=HH", size, kind) + data + bytes(-size % 4)


def _text(kind, text):
    return _attribute(kind, text.encode() + b"\0")


def _number(kind, number):
    return _attribute(kind, struct.pack("=I", number))


def _info(kind, data=b""):
    return _attribute(IFLA_LINKINFO, _text(IFLA_INFO_KIND, kind) +
                      (_attribute(IFLA_INFO_DATA, data) if data else b""))


def _ifinfo(index=0):
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, 0, 0)


def _ask(kind, flags, body):
    """Sends one request; OSError when the kernel refuses it."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as link:
        link.send(HEAD.pack(HEAD.size + len(body), kind, NLM_F_REQUEST | NLM_F_ACK | flags, 1, 0) +
                  body)
        answer = link.recv(65536)
    error = -struct.unpack_from("=i", answer, HEAD.size)[0]
    if error:
        raise OSError(error, os.strerror(error))


def index_of(name):
    """The number of a device of this namespace."""
    return socket.if_nametoindex(name)


def add_veth(name, peer, pid):
    """A pair: `name` here, `peer` in the namespace of the process `pid`."""
    other = _ifinfo() + _text(IFLA_IFNAME, peer) + _number(IFLA_NET_NS_PID, pid)
    _ask(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, _ifinfo() + _text(IFLA_IFNAME, name) +
         _info("veth", _attribute(VETH_INFO_PEER, other)))


def add_vrf(name, table):
    """A VRF with a routing table of its own; OSError where the kernel has none."""
    _ask(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, _ifinfo() + _text(IFLA_IFNAME, name) +
         _info("vrf", _number(IFLA_VRF_TABLE, table)))
    namespace.link_up(name)


def enslave(name, master):
    """Puts a device into a VRF."""
    _ask(RTM_NEWLINK, 0, _ifinfo(index_of(name)) + _number(IFLA_MASTER, index_of(master)))


def rename(index, name):
    """Gives a device another name; it must be down on older kernels."""
    _ask(RTM_NEWLINK, 0, _ifinfo(index) + _text(IFLA_IFNAME, name))


def give_link_local(name, address):
    """Sets a device up with one link-local address, which nobody else is asked about."""
    namespace.sysctl(f"ipv6.conf.{name}.accept_dad", 0)
    namespace.sysctl(f"ipv6.conf.{name}.addr_gen_mode", 1)
    namespace.link_up(name)
    namespace.add_ipv6(name, address, 64)
