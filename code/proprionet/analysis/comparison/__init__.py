"""Networks compared over their instances, and what the papers claim of them."""
