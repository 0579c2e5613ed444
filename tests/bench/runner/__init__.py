# SPDX-License-Identifier: MIT
"""What scripts/bench is made of: programs to run, how to run them, what to make of the numbers."""
