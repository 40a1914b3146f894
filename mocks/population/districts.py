"""Districts and villages of the invented state.

The district codes have the form of the Local Government Directory, but are invented.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class District:
    """A district.

    Attributes:
        letters: three letters that are part of family ids.
        code: three-digit code.
        pin: first three digits of its postal codes.
    """

    letters: str
    code: str
    name: str
    pin: str
    villages: tuple[str, ...]


DISTRICTS = (
    District("KNL", "061", "Karnal", "132", ("Nissing", "Gharaunda", "Indri", "Taraori")),
    District("PNP", "062", "Panipat", "132", ("Samalkha", "Israna", "Madlauda", "Bapoli")),
    District("AMB", "063", "Ambala", "134", ("Barara", "Mullana", "Saha", "Naraingarh")),
    District("HSR", "064", "Hisar", "125", ("Hansi", "Barwala", "Adampur", "Uklana")),
    District("RTK", "065", "Rohtak", "124", ("Kalanaur", "Meham", "Sampla", "Lakhan Majra")),
    District("SNP", "066", "Sonipat", "131", ("Gohana", "Ganaur", "Kharkhoda", "Rai")),
    District("KKR", "067", "Kurukshetra", "136", ("Pehowa", "Shahbad", "Ladwa", "Babain")),
    District("KTL", "068", "Kaithal", "136", ("Pundri", "Kalayat", "Guhla", "Siwan")),
    District("JND", "069", "Jind", "126", ("Narwana", "Safidon", "Julana", "Uchana")),
    District("BHW", "070", "Bhiwani", "127", ("Tosham", "Loharu", "Siwani", "Bawani Khera")),
    District("SRS", "071", "Sirsa", "125", ("Dabwali", "Ellenabad", "Rania", "Odhan")),
    District(
        "MGH", "072", "Mahendragarh", "123", ("Narnaul", "Kanina", "Ateli", "Nangal Chaudhry")
    ),
    District("RWR", "073", "Rewari", "123", ("Bawal", "Kosli", "Jatusana", "Khol")),
    District(
        "YNR", "074", "Yamunanagar", "135", ("Jagadhri", "Radaur", "Bilaspur", "Chhachhrauli")
    ),
)
