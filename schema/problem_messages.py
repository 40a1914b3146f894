"""Sentences for citizens about problems with what they submit, in both languages.

No sentence contains a value that the citizen entered.
"""

from collections.abc import Mapping

from schema.language import Text
from schema.problem_codes import ProblemCode

PROBLEM_MESSAGES: Mapping[ProblemCode, Text] = {
    ProblemCode.REQUIRED: Text("Please fill in this field.", "कृपया यह जानकारी भरें।"),
    ProblemCode.UNKNOWN_FIELD: Text(
        "This form has changed. Please open it again.",
        "यह फ़ॉर्म बदल गया है। कृपया इसे फिर से खोलें।",
    ),
    ProblemCode.NOT_SHOWN: Text(
        "This field is not needed with your other answers. Please leave it empty.",
        "आपके अन्य उत्तरों के साथ इसकी आवश्यकता नहीं है। कृपया इसे ख़ाली छोड़ें।",
    ),
    ProblemCode.NOT_A_NUMBER: Text("Please enter a number.", "कृपया संख्या भरें।"),
    ProblemCode.NOT_A_DATE: Text("Please enter a date.", "कृपया तारीख़ भरें।"),
    ProblemCode.NOT_A_MOMENT: Text("Please enter a date and a time.", "कृपया तारीख़ और समय भरें।"),
    ProblemCode.TOO_SMALL: Text("The smallest number allowed is {limit}.", "न्यूनतम संख्या {limit} है।"),
    ProblemCode.TOO_LARGE: Text("The largest number allowed is {limit}.", "अधिकतम संख्या {limit} है।"),
    ProblemCode.TOO_SHORT: Text(
        "Please enter at least {limit} characters.", "कृपया कम से कम {limit} अक्षर भरें।"
    ),
    ProblemCode.TOO_LONG: Text(
        "Please enter at most {limit} characters.", "कृपया अधिकतम {limit} अक्षर भरें।"
    ),
    ProblemCode.WRONG_FORM: Text(
        "Please check what you entered: it does not have the right form.",
        "कृपया जाँच लें: भरी हुई जानकारी सही रूप में नहीं है।",
    ),
    ProblemCode.UNREADABLE_TEXT: Text(
        "This text has characters that can't be used. Please type it again.",
        "इसमें ऐसे चिह्न हैं जिनका उपयोग नहीं हो सकता। कृपया फिर से लिखें।",
    ),
    ProblemCode.NOT_AN_OPTION: Text(
        "Please choose one of the options.", "कृपया दिए गए विकल्पों में से चुनें।"
    ),
    ProblemCode.ONE_VALUE_ONLY: Text("Please choose one only.", "कृपया केवल एक चुनें।"),
    ProblemCode.REPEATED: Text(
        "This was entered twice. Please remove one.", "यह दो बार भरा गया है। कृपया एक हटाएँ।"
    ),
    ProblemCode.TOO_LONG_FOR_DEPARTMENT: Text(
        "This is too long for the department's records. Please shorten it.",
        "यह विभाग के रिकॉर्ड के लिए बहुत लंबा है। कृपया इसे छोटा करें।",
    ),
    ProblemCode.UNKNOWN_EVIDENCE: Text(
        "This document is not needed here. Please remove it.",
        "इस दस्तावेज़ की यहाँ आवश्यकता नहीं है। कृपया इसे हटाएँ।",
    ),
    ProblemCode.MEDIA_TYPE_NOT_ALLOWED: Text(
        "This kind of file is not accepted here. Please use another format.",
        "इस प्रकार की फ़ाइल यहाँ मान्य नहीं है। कृपया दूसरा प्रारूप उपयोग करें।",
    ),
    ProblemCode.FILE_TOO_LARGE: Text(
        "The file is too large. Please use a smaller one.",
        "फ़ाइल बहुत बड़ी है। कृपया छोटी फ़ाइल उपयोग करें।",
    ),
    ProblemCode.ATTACHMENT_NOT_AVAILABLE: Text(
        "This document is no longer stored. Please upload it again.",
        "यह दस्तावेज़ अब सुरक्षित नहीं है। कृपया इसे फिर से अपलोड करें।",
    ),
    ProblemCode.LIKELY_DUPLICATE: Text(
        "There is already an open application for this service. You can still apply again.",
        "इस सेवा के लिए एक आवेदन पहले से लंबित है। आप चाहें तो फिर भी आवेदन कर सकते हैं।",
    ),
    ProblemCode.KEY_CONFLICT: Text(
        "This page has an error. Please open the form again.",
        "इस पेज में कोई त्रुटि है। कृपया फ़ॉर्म फिर से खोलें।",
    ),
    ProblemCode.NOT_ONLINE: Text(
        "You can't apply online for this service. Please go to a service centre or the "
        "department's office.",
        "इस सेवा के लिए ऑनलाइन आवेदन नहीं हो सकता। कृपया सेवा केंद्र या विभाग के कार्यालय जाएँ।",
    ),
    ProblemCode.NOT_OFFERED: Text(
        "The department does not take this online yet. Please go to the department's office or "
        "website.",
        "विभाग अभी इसे ऑनलाइन नहीं लेता। कृपया विभाग के कार्यालय या वेबसाइट पर जाएँ।",
    ),
    ProblemCode.NOT_SENT_BACK: Text(
        "The department is not waiting for an answer to this application.",
        "विभाग इस आवेदन पर किसी उत्तर की प्रतीक्षा नहीं कर रहा है।",
    ),
    ProblemCode.ALREADY_FINISHED: Text(
        "The department has already finished this application.",
        "विभाग इस आवेदन पर कार्यवाही पूरी कर चुका है।",
    ),
    ProblemCode.NOT_FINISHED: Text(
        "You can rate it when the department has finished.",
        "विभाग की कार्यवाही पूरी होने पर आप राय दे सकते हैं।",
    ),
    ProblemCode.NOT_REFUSED_OR_OVERDUE: Text(
        "You can appeal after the department has decided, or when its time limit has passed.",
        "विभाग के निर्णय के बाद या समय सीमा बीतने पर आप अपील कर सकते हैं।",
    ),
    ProblemCode.OUT_OF_RANGE: Text(
        "Please choose a number from {least} to {most}.",
        "कृपया {least} से {most} तक की संख्या चुनें।",
    ),
}
"""The sentence for each code, except for those of files that can't be stored. They come with their
own sentences (`schema.upload.FileProblem`)."""

DOCUMENT_MISSING = Text("Please attach this document: {name}.", "कृपया यह दस्तावेज़ जोड़ें: {name}।")
"""The sentence for a required document."""


def problem_message(code: ProblemCode, **values: object) -> Text:
    """Return the sentence for a problem, with values such as `limit` in it."""
    return filled(PROBLEM_MESSAGES[code], **values)


def filled(text: Text, **values: object) -> Text:
    """Return a text with values in place of `{name}`.

    Args:
        values: a `Text` is used in the language of the text around it.
    """

    def given(in_hindi: bool) -> dict[str, object]:
        return {
            name: ((each.hi or each.en) if in_hindi else each.en)
            if isinstance(each, Text)
            else each
            for name, each in values.items()
        }

    hindi = None if text.hi is None else text.hi.format(**given(True))
    return Text(text.en.format(**given(False)), hindi)
