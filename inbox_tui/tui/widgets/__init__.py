"""What stands on a screen. Widgets take data and post messages; they never call the inbox."""
