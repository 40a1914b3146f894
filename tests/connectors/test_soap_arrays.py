"""Arrays of rpc/encoded replies that announce how many items they have."""

import pytest
from lxml import etree

from adapters.connectors.soap.encoded import EncodedReader

ENCODING_11 = 'xmlns:e="http://schemas.xmlsoap.org/soap/encoding/"'
ENCODING_12 = 'xmlns:e="http://www.w3.org/2003/05/soap-encoding"'


@pytest.mark.parametrize(
    ("array", "missing"),
    [
        (f'<rows {ENCODING_11} e:arrayType="x:Row[3]"><i>1</i><i>2</i></rows>', "2 of 3"),
        (f'<rows {ENCODING_11} e:arrayType="x:Row[2]"></rows>', "0 of 2"),
        (f'<rows {ENCODING_12} e:itemType="x:Row" e:arraySize="2"><i>1</i></rows>', "1 of 2"),
        (f'<rows><r><in {ENCODING_11} e:arrayType="x:S[2]"><i>1</i></in></r></rows>', "1 of 2"),
        (f'<rows {ENCODING_11} e:arrayType="x:Row[2]"><i>1</i><i>2</i></rows>', None),
        # Some servers always announce none, or leave the number out.
        (f'<rows {ENCODING_11} e:arrayType="x:Row[0]"><i>1</i></rows>', None),
        (f'<rows {ENCODING_11} e:arrayType="x:Row[]"><i>1</i></rows>', None),
        (f'<rows {ENCODING_11} e:arrayType="x:Row[2,3]"><i>1</i></rows>', None),
        (f'<rows {ENCODING_12} e:itemType="x:Row" e:arraySize="*"><i>1</i></rows>', None),
        # The other items of a sparse array have no value.
        (f'<rows {ENCODING_11} e:arrayType="x:Row[9]" e:offset="[4]"><i>1</i></rows>', None),
        (f'<rows {ENCODING_11} e:arrayType="x:Row[9]"><i e:position="[4]">1</i></rows>', None),
    ],
)
def test_an_array_with_fewer_items_than_it_announces(array: str, missing: str | None) -> None:
    body = etree.fromstring(f"<Body><reply>{array}</reply></Body>")
    reader = EncodedReader(body)
    reader.read(body[0])
    expected = [] if missing is None else [f"{missing} items of an array were received"]
    assert [each.raw for each in reader.warnings] == expected
    assert {each.code for each in reader.warnings} <= {"INCOMPLETE"}
