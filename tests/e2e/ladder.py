# SPDX-License-Identifier: GPL-2.0-only
"""What `explain --json` says, compared with the packets of the same connection."""

from packet import ACK, FIN, SYN
from tap import SLACK
from traffic import wait_for

EXPLAIN = ("explain", "--json", "-N", "self")


def segments(packets, client_port):
    """The first packet of each step of the textbook, from the packets alone, by its number."""
    mine = [each for each in packets if client_port in (each.sport, each.dport)]
    steps, fins = {}, []
    for each in mine:
        opening = each.flags & (SYN | ACK)
        if opening == SYN:
            steps[1] = each
        elif opening == SYN | ACK:
            steps[2] = each
        elif 2 in steps and 3 not in steps:
            steps[3] = each
        if each.flags & FIN:
            fins.append(each)
            steps[4 if len(fins) == 1 else 6] = each
        elif len(fins) == 1 and 5 not in steps and each.ack == fins[0].end \
                and each.sport != fins[0].sport:
            steps[5] = each
        elif len(fins) == 2 and 7 not in steps and each.ack == fins[1].end \
                and each.sport != fins[1].sport:
            steps[7] = each
    return steps


def told(line):
    """The steps of an `explain` line that have a number of the textbook's."""
    return {step["number"]: step for step in line["steps"] if step["number"]}


def compare(t, name, line, packets, sender_is_local, is_last_seen=True):
    """Each number of the ladder is the one on the wire, and the symbols mean what they should.

    Of a peer's FIN that a timewait socket takes, and of its ACK, nobody tells the number where
    those sockets are not seen: not `is_last_seen`.
    """
    steps, seen = told(line), segments(packets, line["lport" if sender_is_local else "rport"])
    if SLACK > 1 and 5 in steps and 5 not in seen:
        # The kernel takes so long here over one segment that its halves look like two.
        del steps[5]
    t.equal(sorted(steps), sorted(seen), f"{name}: the same steps as in the capture")
    flaws = []
    for number, step in steps.items():
        packet = seen.get(number)
        if not packet:
            continue
        seq = packet.seq if is_last_seen or number != 6 else None
        ack = packet.ack if is_last_seen or number != 7 else None
        if step["seq"] != seq:
            flaws.append(f"step {number}: seq {step['seq']}, not {seq}")
        if step["ack_name"] and step["ack"] != ack:
            flaws.append(f"step {number}: ack {step['ack']}, not {ack}")
        flags = {flag for flag, bit in (("SYN", SYN), ("FIN", FIN), ("ACK", ACK))
                 if packet.flags & bit}
        if set(step["flags"]) != flags:
            flaws.append(f"step {number}: flags {step['flags']}, not {flags}")
        if (step["direction"] == "out") != (packet.sport == line["lport"]):
            flaws.append(f"step {number}: goes the other way")
    t.none(flaws, f"{name}: every number and flag is that of the packet")


def explained(tracer):
    """The one `explain` line of an ended Tracer."""
    lines = tracer.of("explain")
    if len(lines) != 1:
        raise AssertionError(f"{len(lines)} explain lines: {tracer.err}")
    return lines[0]


def wait_ended(tracer, within=10.0):
    """Waits until the tracer has ended by itself; True when it did."""
    return bool(wait_for(lambda: tracer.process.poll() is not None, within * tracer.patience, 0.02))
