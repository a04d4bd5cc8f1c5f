"""The ways to be paid: one interface, and an adapter for each company behind it."""
