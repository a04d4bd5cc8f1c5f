"""Reading mails that anybody wrote: bytes in, plain values out. Without the database.

Nothing here raises for anything that a mail may hold, and nothing takes longer for a hostile mail
than for an honest one of its size.
"""
