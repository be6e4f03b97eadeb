"""A null modem of two pseudo-terminals."""

import os
import select
import threading
import tty


class Wire:
    """Two terminals joined: what is written on one is read on the other; `sent` is what the master wrote.

    `cut`: nothing passes. `noise`: a function that may change what passes towards the master.
    """

    def __init__(self):
        self.ends = [os.openpty(), os.openpty()]
        self.names = [os.ttyname(slave) for _, slave in self.ends]
        for master, slave in self.ends:
            tty.setraw(master)
            tty.setraw(slave)
        self.cut = False
        self.noise = bytes
        self.sent = b""
        self.over = False
        self.thread = threading.Thread(target=self.pump, daemon=True)
        self.thread.start()

    def pump(self):
        masters = [master for master, _ in self.ends]
        while not self.over:
            for ready in select.select(masters, [], [], 0.05)[0]:
                passed = os.read(ready, 4096)
                if ready == masters[0]:
                    self.sent += passed
                else:
                    passed = self.noise(passed)
                if not self.cut:
                    os.write(masters[1 - masters.index(ready)], passed)

    def close(self):
        self.over = True
        self.thread.join()
        for pair in self.ends:
            for end in pair:
                os.close(end)
