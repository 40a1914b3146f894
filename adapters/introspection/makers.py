"""What made a WSDL, by what its documents are known for."""


def make_of(content: bytes) -> str:
    """What made the document, by what it is known for."""
    head = content[:20_000].lower()
    marks = (
        (b"microsoft.com/wsdl", ".NET asmx"), (b"tempuri.org", ".NET"), (b"wcf", "WCF"),
        (b"axis2", "Axis2"), (b"apache axis version", "Axis1"), (b"xml.apache.org", "Axis1"),
        (b"cxf.apache.org", "CXF"), (b"jax-ws", "JAX-WS (Metro)"), (b"spyne", "Spyne"),
        (b"nusoap", "NuSOAP (PHP)"), (b"zend", "Zend (PHP)"), (b"xml-soap", "Apache SOAP"),
        (b"gsoap", "gSOAP"), (b"sap.com", "SAP"), (b"oracle", "Oracle"), (b"weblogic", "WebLogic"),
        (b"borland", "Delphi"), (b"themindelectric", "GLUE"), (b"jbossws", "JBossWS"),
    )  # fmt: skip
    return next((name for mark, name in marks if mark in head), "")
