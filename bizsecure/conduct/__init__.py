"""What our staff do about communications and services that do harm (DISC-3)."""
