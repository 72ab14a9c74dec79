"""How fast recurrent layers are on this machine, beside others, as ratios of interleaved runs.

`rows.measure` takes a `cases.Case`, lets everyone who can do that work run it in turns in one
process, and gives medians and ratios with their intervals. It refuses where results differ.
"""
