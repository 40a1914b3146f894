"""Food and Supplies, ration cards: nuSOAP, rpc/encoded, everything packed into one text."""
