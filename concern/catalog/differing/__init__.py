"""How correct variants of one request differ for those who use the product, or pay for it: measured on running variants."""
