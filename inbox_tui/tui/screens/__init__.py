"""What fills the terminal: the inbox, the troubles, the full text, the help, a small choice."""
