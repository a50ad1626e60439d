"""What a government can do: instruments, and courses of action made of them."""
