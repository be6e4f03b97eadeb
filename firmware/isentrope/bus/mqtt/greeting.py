"""How an MQTT session begins: connected, greeted, subscribed, and Home Assistant told what there is. Borrowed
(`tables`): nobody needs it until the next one.
"""

from micropython import const

from ...tables import borrowed
from .packets import head, number, text

_PATIENCE_MS = const(10_000)  # own


async def begin(client, ctx, host: str, port: int, user: bytes, secret: bytes, keep_alive_s: int):
    """A stream to the broker. OSError: none, or not in time; Refused: it wants nobody by this name."""
    host = await borrowed("bus.names").resolved(host, ctx)
    client.opened(await borrowed("ports.tcp").connect(host, port, _PATIENCE_MS))
    buf = client.buf
    will = (client.base + "/available").encode()
    await client.ask(connect(buf, client.name.encode(), keep_alive_s, will, b"offline", user, secret))
    for topic, qos in (((client.base + "/+/set").encode(), 1), (client.birth, 0)):
        await client.ask(subscribe(buf, client.next(), topic, qos))


async def discover(client, ctx):
    """Tell Home Assistant."""
    made = borrowed("bus.mqtt.discovery")
    ctx.heap.collect()
    names = ctx.names
    topic = "homeassistant/device/%s/config" % client.name
    await client.publish(topic, lambda: made.pieces(client.name, client.base, names, ctx.fitted), True, True)


def connect(buf, name, keep_alive: int, will, gone, user=b"", secret=b"") -> int:
    """A clean session as `name`; the broker publishes `gone` to `will`, retained, where it ends untold.

    `keep_alive` in seconds; no user name without a byte of it, as no password.
    """
    flags = 0x26  # clean session, a will of QoS 0, retained
    size = 10 + 2 + len(name) + 2 + len(will) + 2 + len(gone)
    if user:
        flags |= 0x80
        size += 2 + len(user)
        if secret:
            flags |= 0x40
            size += 2 + len(secret)
    at = text(buf, head(buf, 0x10, size), b"MQTT")
    buf[at] = 4
    buf[at + 1] = flags
    at = text(buf, number(buf, at + 2, keep_alive), name)
    at = text(buf, text(buf, at, will), gone)
    if user:
        at = text(buf, at, user)
        if secret:
            at = text(buf, at, secret)
    return at


def subscribe(buf, identity: int, topic, qos: int) -> int:
    at = number(buf, head(buf, 0x82, 2 + 2 + len(topic) + 1), identity)
    at = text(buf, at, topic)
    buf[at] = qos
    return at + 1
