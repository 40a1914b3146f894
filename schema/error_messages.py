"""Sentences for citizens about each kind of error, in both languages."""

from collections.abc import Mapping

from schema.codes import ErrorCode
from schema.language import Language, Text

FAULTY_REQUEST = Text(
    "This page has an error. Please tell the helpdesk.",
    "इस पेज में कोई त्रुटि है। कृपया हेल्पडेस्क को बताएँ।",
)
FAULTY_HUB = Text(
    "Something went wrong here. Please tell the helpdesk.",
    "हमारी ओर से कोई त्रुटि हुई है। कृपया हेल्पडेस्क को बताएँ।",
)
BUSY = Text(
    "Many people are using this service at the moment. Please try again in a minute.",
    "इस समय बहुत लोग यह सेवा उपयोग कर रहे हैं। कृपया एक मिनट बाद फिर प्रयास करें।",
)
TOO_OFTEN = Text(
    "You have tried this many times. Please wait a few minutes and try again.",
    "आपने यह कई बार किया है। कृपया कुछ मिनट रुककर फिर प्रयास करें।",
)
NO_ANSWER = Text(
    "The department does not answer at the moment. Please try again later.",
    "विभाग से अभी उत्तर नहीं मिल रहा है। कृपया बाद में फिर प्रयास करें।",
)
UNREADABLE = Text(
    "The department's information can't be read at the moment. Please try again later.",
    "विभाग की जानकारी अभी नहीं पढ़ी जा सकती। कृपया बाद में फिर प्रयास करें।",
)
INCOMPLETE = Text(
    "The department did not send everything. Please try again later.",
    "विभाग से पूरी जानकारी नहीं मिली। कृपया बाद में फिर प्रयास करें।",
)

ERROR_MESSAGES: Mapping[ErrorCode, Text] = {
    ErrorCode.BAD_REQUEST: FAULTY_REQUEST,
    ErrorCode.GRAPHQL_PARSE_FAILED: FAULTY_REQUEST,
    ErrorCode.GRAPHQL_VALIDATION_FAILED: FAULTY_REQUEST,
    ErrorCode.OVERLOADED: BUSY,
    ErrorCode.LIMIT_EXCEEDED: FAULTY_REQUEST,
    ErrorCode.COST_BUDGET_EXCEEDED: TOO_OFTEN,
    ErrorCode.RATE_LIMITED: TOO_OFTEN,
    ErrorCode.BAD_USER_INPUT: Text(
        "Something that you entered is not right. Please check it.",
        "आपकी भरी हुई कोई जानकारी सही नहीं है। कृपया जाँच लें।",
    ),
    ErrorCode.NOT_FOUND: Text(
        "Nothing was found under this number. Please check it.",
        "इस संख्या से कुछ नहीं मिला। कृपया संख्या जाँच लें।",
    ),
    ErrorCode.TOO_MANY_MATCHES: Text(
        "Too many people match. Please enter more details.",
        "बहुत अधिक व्यक्ति मिले। कृपया और जानकारी भरें।",
    ),
    ErrorCode.UNAUTHENTICATED: Text(
        "Please sign in again.",
        "कृपया फिर से साइन इन करें।",
    ),
    ErrorCode.ISSUER_UNAVAILABLE: Text(
        "Sign-in is not available at the moment. Please try again in a minute.",
        "साइन इन अभी उपलब्ध नहीं है। कृपया एक मिनट बाद फिर प्रयास करें।",
    ),
    ErrorCode.DOCUMENT_NOT_FOUND: Text(
        "This page is not set up correctly. Please inform the helpdesk.",
        "यह पेज ठीक से तैयार नहीं है। कृपया हेल्पडेस्क को सूचित करें।",
    ),
    ErrorCode.DOCUMENT_NOT_TRUSTED: Text(
        "This page is not set up correctly. Please inform the helpdesk.",
        "यह पेज ठीक से तैयार नहीं है। कृपया हेल्पडेस्क को सूचित करें।",
    ),
    ErrorCode.FORBIDDEN: Text(
        "You are not allowed to see or do this.", "आपको यह देखने या करने की अनुमति नहीं है।"
    ),
    ErrorCode.PURPOSE_REQUIRED: FAULTY_REQUEST,
    ErrorCode.PURPOSE_NOT_ALLOWED: FAULTY_REQUEST,
    ErrorCode.PURPOSE_NOT_COVERED: Text(
        "This information may not be used for this purpose.",
        "यह जानकारी इस उद्देश्य के लिए उपयोग नहीं की जा सकती।",
    ),
    ErrorCode.CONSENT_REQUIRED: Text(
        "The person has not agreed to this yet.",
        "इसके लिए व्यक्ति की सहमति अभी नहीं मिली है।",
    ),
    ErrorCode.CONSENT_ENDED: Text(
        "This request or consent has ended. Please make a new request.",
        "यह अनुरोध या सहमति समाप्त हो चुकी है। कृपया नया अनुरोध करें।",
    ),
    ErrorCode.CODE_REJECTED: Text(
        "The code is wrong or too old. Please check it, or send a new code.",
        "कोड ग़लत है या पुराना हो चुका है। कृपया जाँच लें या नया कोड भेजें।",
    ),
    ErrorCode.MESSAGES_UNAVAILABLE: Text(
        "No message can be sent at the moment. Please try again later.",
        "अभी संदेश नहीं भेजा जा सकता। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.STORE_UNAVAILABLE: Text(
        "This service is not available at the moment. Please try again later.",
        "यह सेवा अभी उपलब्ध नहीं है। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.UPLOADS_UNAVAILABLE: Text(
        "Documents can't be uploaded at the moment. Please try again later.",
        "अभी दस्तावेज़ अपलोड नहीं हो सकते। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.NOT_CONFIGURED: Text(
        "No department offers this here yet.", "यह सुविधा अभी किसी विभाग से उपलब्ध नहीं है।"
    ),
    ErrorCode.UNUSABLE_ROW: Text(
        "The department's record is incomplete. Please ask the department.",
        "विभाग का रिकॉर्ड अधूरा है। कृपया विभाग से संपर्क करें।",
    ),
    ErrorCode.INTERNAL: FAULTY_HUB,
    ErrorCode.CIRCUIT_OPEN: NO_ANSWER,
    ErrorCode.DEADLINE_EXCEEDED: Text(
        "There was no time left to ask the department. Please try again.",
        "विभाग से पूछने का समय नहीं बचा। कृपया फिर प्रयास करें।",
    ),
    ErrorCode.DEPARTMENT_PENDING: Text(
        "The department has not answered yet. Please look again in a moment.",
        "विभाग से अभी उत्तर नहीं आया है। कृपया थोड़ी देर बाद फिर देखें।",
    ),
    ErrorCode.DEPARTMENT_BUSY: BUSY,
    ErrorCode.DEPARTMENT_TIMEOUT: NO_ANSWER,
    ErrorCode.DEPARTMENT_UNREACHABLE: NO_ANSWER,
    ErrorCode.DEPARTMENT_FAULT: Text(
        "The department's system has an error. Please try again later.",
        "विभाग की प्रणाली में त्रुटि है। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.DEPARTMENT_OVERLOADED: Text(
        "The department is overloaded at the moment. Please try again later.",
        "विभाग पर इस समय बहुत अधिक भार है। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.DEPARTMENT_REFUSED: UNREADABLE,
    ErrorCode.DEPARTMENT_AUTH_FAILED: UNREADABLE,
    ErrorCode.DEPARTMENT_MAINTENANCE: Text(
        "The department is closed for maintenance. Please try again later.",
        "विभाग की प्रणाली रखरखाव के लिए बंद है। कृपया बाद में फिर प्रयास करें।",
    ),
    ErrorCode.DEPARTMENT_MALFORMED_REPLY: UNREADABLE,
    ErrorCode.DEPARTMENT_INCOMPLETE_REPLY: INCOMPLETE,
    ErrorCode.DEPARTMENT_FILE_LATE: Text(
        "The department has not sent its latest information yet.",
        "विभाग से नई जानकारी अभी नहीं आई है।",
    ),
    ErrorCode.DEPARTMENT_REPLY_TOO_LARGE: UNREADABLE,
}
"""The sentence for each code. `SourceStatus.message` names the department and the times."""


def error_message(code: ErrorCode, lang: Language) -> str:
    """Return the sentence for a kind of error in a language."""
    return ERROR_MESSAGES[code].in_language(lang)
