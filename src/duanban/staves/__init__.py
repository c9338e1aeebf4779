"""What holds an architecture back: the causes, what each costs, and which to solve first."""
