"""What is raised when an adapter does not keep the contract."""


class ContractBrokenError(Exception):
    """An adapter does not do what every adapter must do.

    Attributes:
        message: what it does instead.
        remedy: where to look.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
