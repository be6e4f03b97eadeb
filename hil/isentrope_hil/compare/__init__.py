"""Other makers' laws of the expansion valve beside the firmware's, on the same plants.

None of them is a second controller: the firmware runs in every trial and starts the machine, keeps its speed
and fan and reads its sensors; at a stated moment a law takes the valve over, and nothing else (`seam`).
"""
