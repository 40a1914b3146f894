"""The text of a generated function while it grows."""

from typing import Any


class Source:
    """Lines of Python, and the objects that its names stand for."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.names = names
        self._count = 0

    def add(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
        self._count += 1
        return f"{prefix}{self._count}"

    def named(self, prefix: str, value: object) -> str:
        """A name that stands for the object."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def function(self, name: str, parameters: str, filename: str) -> Any:
        """Makes the lines the body of a function."""
        code = f"def {name}({parameters}):\n" + "\n".join(self.lines)
        exec(compile(code, filename, "exec"), self.names)  # noqa: S102
        return self.names[name]
