"""Given names and surnames in Latin and Devanagari."""

from typing import NamedTuple


class Name(NamedTuple):
    """A name in both scripts; Latin is in upper case, as departments store it."""

    latin: str
    devanagari: str

    def with_surname(self, surname: "Name") -> "Name":
        """Return this given name with a surname."""
        return Name(
            f"{self.latin} {surname.latin}".strip(),
            f"{self.devanagari} {surname.devanagari}".strip(),
        )


NO_SURNAME = Name("", "")

MEN = (
    Name("SURESH", "सुरेश"),
    Name("RAMESH", "रमेश"),
    Name("MAHESH", "महेश"),
    Name("RAJ KUMAR", "राज कुमार"),
    Name("SATISH", "सतीश"),
    Name("ANIL", "अनिल"),
    Name("SUNIL", "सुनील"),
    Name("VIJAY", "विजय"),
    Name("AJAY", "अजय"),
    Name("SANJAY", "संजय"),
    Name("RAKESH", "राकेश"),
    Name("MUKESH", "मुकेश"),
    Name("DINESH", "दिनेश"),
    Name("NARESH", "नरेश"),
    Name("JAI PRAKASH", "जय प्रकाश"),
    Name("OM PRAKASH", "ओम प्रकाश"),
    Name("RAM NIWAS", "राम निवास"),
    Name("KRISHAN LAL", "कृष्ण लाल"),
    Name("BALBIR", "बलबीर"),
    Name("DHARAMBIR", "धर्मबीर"),
    Name("RANBIR", "रणबीर"),
    Name("SUBHASH", "सुभाष"),
    Name("ASHOK", "अशोक"),
    Name("VINOD", "विनोद"),
    Name("PARVEEN", "प्रवीण"),
    Name("SANDEEP", "संदीप"),
    Name("PARDEEP", "प्रदीप"),
    Name("KULDEEP", "कुलदीप"),
    Name("AMIT", "अमित"),
    Name("SUMIT", "सुमित"),
    Name("ROHIT", "रोहित"),
    Name("MOHIT", "मोहित"),
    Name("ANKIT", "अंकित"),
    Name("VIKAS", "विकास"),
    Name("DEEPAK", "दीपक"),
    Name("SACHIN", "सचिन"),
    Name("RAHUL", "राहुल"),
    Name("NAVEEN", "नवीन"),
    Name("MANOJ", "मनोज"),
    Name("HARI SINGH", "हरि सिंह"),
)

WOMEN = (
    Name("SUNITA", "सुनीता"),
    Name("ANITA", "अनीता"),
    Name("BABITA", "बबीता"),
    Name("KAVITA", "कविता"),
    Name("SAVITA", "सविता"),
    Name("GEETA", "गीता"),
    Name("SEEMA", "सीमा"),
    Name("REKHA", "रेखा"),
    Name("SUMAN", "सुमन"),
    Name("KAMLA", "कमला"),
    Name("BIMLA", "बिमला"),
    Name("NIRMALA", "निर्मला"),
    Name("SANTOSH", "संतोष"),
    Name("KRISHNA", "कृष्णा"),
    Name("SHAKUNTLA", "शकुंतला"),
    Name("RAJ BALA", "राज बाला"),
    Name("PHOOL WATI", "फूल वती"),
    Name("RAM PYARI", "राम प्यारी"),
    Name("CHANDER KALA", "चंद्र कला"),
    Name("POONAM", "पूनम"),
    Name("POOJA", "पूजा"),
    Name("JYOTI", "ज्योति"),
    Name("NEHA", "नेहा"),
    Name("PRIYANKA", "प्रियंका"),
    Name("MONIKA", "मोनिका"),
    Name("RITU", "रितु"),
    Name("MANISHA", "मनीषा"),
    Name("SONIA", "सोनिया"),
    Name("PREETI", "प्रीति"),
    Name("ANJU", "अंजू"),
)

SURNAMES = (
    Name("SINGH", "सिंह"),
    Name("KUMAR", "कुमार"),
    Name("SHARMA", "शर्मा"),
    Name("VERMA", "वर्मा"),
    Name("YADAV", "यादव"),
    Name("MALIK", "मलिक"),
    Name("DAHIYA", "दहिया"),
    Name("HOODA", "हुड्डा"),
    Name("SAINI", "सैनी"),
    Name("KASHYAP", "कश्यप"),
    Name("PAL", "पाल"),
    Name("RANA", "राणा"),
    Name("JANGRA", "जांगड़ा"),
    Name("SANGWAN", "सांगवान"),
    Name("GUPTA", "गुप्ता"),
    Name("CHAUHAN", "चौहान"),
)

WIVES_SURNAMES = (Name("DEVI", "देवी"), Name("RANI", "रानी"))
