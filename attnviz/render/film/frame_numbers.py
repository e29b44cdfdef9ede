"""The numbers that H.264 gives to the frames of a segment, which must go on when frames are put between others.

A slice says in its header which frame it belongs to: 0 is the key frame, and each frame that others can refer to counts
one further, modulo a power of two (ITU-T H.264, 7.4.3, `frame_num`). Where every frame is one that the next refers to,
as in our segments, nothing else in a packet depends on its place. So a packet that says "nothing has changed" can stand
between any two others, if these are numbered anew.
"""

from __future__ import annotations

_CYCLE = 16  # as x264 counts where every frame refers to the one before it
_START = b"\0\0\1"
_SLICE = 1  # the type of a unit of data that is a slice of a frame other than a key frame
_HEAD = 0b1001101  # first_mb_in_slice 0, slice_type 5 (P), pic_parameter_set_id 0: seven bits before the number


def numbered(packet: bytes, place: int) -> bytes:
    """Return the packet of a frame as that of frame `place` of its segment, which is not the key frame.

    The number fills the last bit of the slice's first byte and the first three bits of its second one. Raises
    ValueError for a packet that does not begin as ours do.
    """
    at = packet.find(_START) + len(_START)
    if len(packet) < at + 3 or packet[at] & 31 != _SLICE or packet[at + 1] >> 1 != _HEAD:
        raise ValueError("this packet is not a slice of a frame that refers to the one before it")
    number = place % _CYCLE
    first, second = _HEAD << 1 | number >> 3, (number & 7) << 5 | packet[at + 2] & 31
    return packet[: at + 1] + bytes((first, second)) + packet[at + 3 :]
