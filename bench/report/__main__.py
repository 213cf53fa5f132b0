"""Lets the folder be run: `python3 bench/report COMMAND`; report.py says what there is."""

import sys

import report

sys.exit(report.main(sys.argv[1:]))
