"""Food and Supplies, ration cards: SOAP of nuSOAP, rpc/encoded, each reply is a single text."""
