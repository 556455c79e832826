"""``python -m proprionet`` is the command ``proprionet``."""

from proprionet.main import main

main(prog_name="proprionet")
