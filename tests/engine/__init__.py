"""One run on several members: the same report, whatever becomes of them."""
