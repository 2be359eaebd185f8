"""``python -m tests.faults``: see ``whole``."""

from tests.faults.whole import main

main()
