"""Changes of state about conduct: deciding, objecting, looking again, and letting time pass."""
