"""Food and Supplies, ration cards: nuSOAP, rpc/encoded, one text for every answer."""
