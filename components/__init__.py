"""What the program is made of: settings, Argo CD, projects and name resolution."""

import atexit
import gc

# By default Python looks for cycles after each 700 new objects. A run ends after seconds, and with 1,000
# Applications a quarter of its processor time went into that (2.6 s, now 2.0 s, on Pulumi's mocks).
gc.set_threshold(50_000, 20, 100)
# At its end Python looks through everything once more, for 0.1 s of each process, before it gives all back.
atexit.register(gc.freeze)
