"""Why a file is not accepted, in words for citizens."""

from schema.language import Text
from schema.upload import FileProblem


class FileRefusedError(Exception):
    """A file is not accepted.

    Attributes:
        problem: why.
    """

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


EMPTY = FileProblem(
    "EMPTY",
    Text("The file is empty. Choose the file again.", "फ़ाइल खाली है। फ़ाइल फिर से चुनें।"),
)
TYPE_NOT_ALLOWED = FileProblem(
    "TYPE_NOT_ALLOWED",
    Text(
        "This type of file is not accepted. Send a PDF file or a photo (JPEG or PNG).",
        "इस प्रकार की फ़ाइल नहीं ली जाती। PDF फ़ाइल या फ़ोटो (JPEG या PNG) भेजें।",
    ),
)
DAMAGED = FileProblem(
    "DAMAGED",
    Text(
        "The file is damaged or not complete. Save or scan it again, then send it.",
        "फ़ाइल खराब या अधूरी है। उसे फिर से सेव या स्कैन करके भेजें।",
    ),
)
ADDED_CONTENT = FileProblem(
    "ADDED_CONTENT",
    Text(
        "The file has hidden content of another type. Save it again as PDF, JPEG or PNG.",
        "फ़ाइल में किसी दूसरे प्रकार की छिपी सामग्री है। उसे PDF, JPEG या PNG में फिर से सेव करें।",
    ),
)
IMAGE_TOO_LARGE = FileProblem(
    "IMAGE_TOO_LARGE",
    Text(
        "The picture has too many pixels. Take it with a smaller size, or scan it with 300 dpi.",
        "फ़ोटो बहुत बड़ी है। उसे छोटे आकार में लें, या 300 dpi पर स्कैन करें।",
    ),
)
INFECTED = FileProblem(
    "INFECTED",
    Text(
        "The file contains a virus. Check your device, and send another file.",
        "फ़ाइल में वायरस है। अपने डिवाइस की जाँच करें और दूसरी फ़ाइल भेजें।",
    ),
)


def too_large(limit: int) -> FileProblem:
    """Return the problem of a file with more than `limit` bytes."""
    size = f"{limit / (1 << 20):.1f} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
    return FileProblem(
        "TOO_LARGE",
        Text(
            f"The file is too large. At most {size} are accepted.",
            f"फ़ाइल बहुत बड़ी है। अधिकतम {size} की फ़ाइल ली जाती है।",
        ),
    )
