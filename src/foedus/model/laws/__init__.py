"""The laws of motion, one file each."""
