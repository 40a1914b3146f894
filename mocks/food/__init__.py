"""Food and Supplies, ration cards: SOAP with nuSOAP, rpc/encoded; each reply is one text."""
