"""How bond and threat move: measurement equations and, later, laws of motion."""
