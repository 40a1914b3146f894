"""WSDLs of the fictional forest department, one for each style of SOAP."""

ROW = """
<xs:complexType name="Row"><xs:sequence>
  <xs:element name="Number" type="xs:string"/><xs:element name="Owner" type="xs:string"/>
  <xs:element name="Status" type="xs:int"/>
  <xs:element name="Notes" type="xs:string" minOccurs="0" nillable="true"/>
  <xs:element name="Applied" type="xs:string" minOccurs="0"/>
  <xs:element name="Changed" type="xs:dateTime" minOccurs="0"/>
  <xs:element name="Name" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType>
"""
WRAPPED = """
<xs:element name="Find"><xs:complexType><xs:sequence>
  <xs:element name="Owner" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="Session" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="FindResponse"><xs:complexType><xs:sequence>
  <xs:element name="Row" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element>
"""
TEXT = WRAPPED.replace(
    '<xs:element name="Row" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>',
    '<xs:element name="FindResult" type="xs:string" minOccurs="0"/>',
)
DATASET = WRAPPED.replace(
    '<xs:element name="Row" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>',
    '<xs:element name="FindResult" minOccurs="0"><xs:complexType><xs:sequence>'
    '<xs:element ref="xs:schema"/><xs:any/></xs:sequence></xs:complexType></xs:element>',
)
LOGIN = """
<xs:element name="Login"><xs:complexType><xs:sequence>
  <xs:element name="User" type="xs:string"/><xs:element name="Password" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="LoginResponse"><xs:complexType><xs:sequence>
  <xs:element name="Session" type="xs:string" minOccurs="0"/>
  <xs:element name="Said" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="Logoff"><xs:complexType><xs:sequence>
  <xs:element name="Session" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="LogoffResponse"><xs:complexType/></xs:element>
<xs:element name="Ticket" type="xs:string"/>
"""


def document_wsdl(
    elements: str = WRAPPED,
    *,
    operations: tuple[str, ...] = ("Find",),
    soap: str = "soap",
    action: str = "urn:forest/Find",
    header: str = "",
    imports: str = "",
) -> str:
    """Return a document/literal WSDL; the global element `header` is the header part `ticket`."""
    namespace = {"soap": "soap/", "soap12": "soap12/"}[soap]
    messages = "".join(
        f'<message name="{name}In"><part name="parameters" element="t:{name}"/></message>'
        f'<message name="{name}Out"><part name="parameters" element="t:{name}Response"/></message>'
        for name in operations
    )
    part = f'<message name="Header"><part name="ticket" element="t:{header}"/></message>'
    use = f'<{soap}:header message="t:Header" part="ticket" use="literal"/>' if header else ""
    ports = "".join(
        f'<operation name="{name}"><input message="t:{name}In"/><output message="t:{name}Out"/>'
        "</operation>"
        for name in operations
    )
    bound = "".join(
        f'<operation name="{name}"><{soap}:operation soapAction="{action}"/>'
        f'<input><{soap}:body use="literal"/>{use}</input>'
        f'<output><{soap}:body use="literal"/></output></operation>'
        for name in operations
    )
    return f"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:forest"
  xmlns:t="urn:forest" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:{soap}="http://schemas.xmlsoap.org/wsdl/{namespace}">
  <types><xs:schema targetNamespace="urn:forest" elementFormDefault="qualified">
    {imports}{ROW}{elements}</xs:schema></types>
  {messages}{part if header else ""}
  <portType name="Port">{ports}</portType>
  <binding name="Binding" type="t:Port">
    <{soap}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bound}
  </binding>
  <service name="Forest"><port name="Port" binding="t:Binding">
    <{soap}:address location="http://203.0.113.1/"/></port></service>
</definitions>"""


def rpc_wsdl(use: str = "literal") -> str:
    """Return an rpc/literal or rpc/encoded WSDL with an array of rows in the reply."""
    encoding = (
        'encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"' if use == "encoded" else ""
    )
    rows = """<xs:complexType name="Rows"><xs:complexContent>
        <xs:restriction base="enc:Array">
        <xs:attribute ref="enc:arrayType" w:arrayType="t:Row[]"/></xs:restriction>
      </xs:complexContent></xs:complexType>"""
    if use == "literal":
        rows = """<xs:complexType name="Rows"><xs:sequence>
        <xs:element name="item" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence></xs:complexType>"""
    body = f'<soap:body use="{use}" namespace="urn:forest" {encoding}/>'
    return f"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:forest"
  xmlns:t="urn:forest" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <types><xs:schema targetNamespace="urn:forest">
    <xs:import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
    <xs:complexType name="Owners"><xs:complexContent><xs:restriction base="enc:Array">
      <xs:attribute ref="enc:arrayType" w:arrayType="xs:string[]"/></xs:restriction>
    </xs:complexContent></xs:complexType>
    <xs:complexType name="Criteria"><xs:all><xs:element name="Owner" type="xs:string"/>
      <xs:element name="Limit" type="xs:int"/></xs:all></xs:complexType>
    {ROW}{rows}
  </xs:schema></types>
  <message name="FindIn"><part name="criteria" type="t:Criteria"/></message>
  <message name="FindOut"><part name="rows" type="t:Rows"/></message>
  <portType name="Port"><operation name="Find"><input message="t:FindIn"/>
    <output message="t:FindOut"/></operation></portType>
  <binding name="Binding" type="t:Port">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Find"><soap:operation soapAction=""/>
      <input>{body}</input><output>{body}</output></operation>
  </binding>
  <service name="Forest"><port name="Port" binding="t:Binding">
    <soap:address location="http://203.0.113.1/"/></port></service>
</definitions>"""
