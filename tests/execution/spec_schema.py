"""The schema of the examples in the GraphQL specification."""

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, NewType

import strawberry
from strawberry import Parent
from strawberry.schema.config import StrawberryConfig

from schema.batch import BatchOf, Info, batch_field
from schema.errors import not_found

Hex = NewType("Hex", int)


@strawberry.enum
class Episode(Enum):
    NEWHOPE = "NEWHOPE"
    EMPIRE = "EMPIRE"


@strawberry.input
class ExampleInput:
    """3.10: `input ExampleInputObject { a: String  b: Int! }`."""

    b: int
    a: str | None = strawberry.UNSET


@strawberry.input(one_of=True)
class Pet:
    """3.10.1 (September 2025): exactly one field must be given."""

    cat: str | None = strawberry.UNSET
    dog: int | None = strawberry.UNSET


@strawberry.type
class Birthday:
    month: int = 7


@strawberry.type
class Address:
    street: str = "Station Road"


@strawberry.type
class Friend:
    id: strawberry.ID
    known: strawberry.Private[str | None]

    @strawberry.field
    def name(self) -> str | None:
        if self.known is None:
            raise not_found("Name for character with ID 1002 could not be fetched.")
        return self.known


@strawberry.type
class CertainFriend:
    id: strawberry.ID
    known: strawberry.Private[str | None]

    @strawberry.field
    def name(self) -> str:
        if self.known is None:
            raise not_found("Name for character with ID 1002 could not be fetched.")
        return self.known


FRIENDS = (("1000", "Luke Skywalker"), ("1002", None), ("1003", "Leia Organa"))


async def load_friends(parents: Parent[Sequence["Hero"]], info: Info) -> BatchOf[list[Friend]]:
    return [[Friend(id=strawberry.ID(i), known=n) for i, n in FRIENDS] for _ in parents]


async def load_certain(
    parents: Parent[Sequence["Hero"]], info: Info
) -> BatchOf[list[CertainFriend | None]]:
    return [[CertainFriend(id=strawberry.ID(i), known=n) for i, n in FRIENDS] for _ in parents]


async def load_all_certain(
    parents: Parent[Sequence["Hero"]], info: Info
) -> BatchOf[list[CertainFriend] | None]:
    return [[CertainFriend(id=strawberry.ID(i), known=n) for i, n in FRIENDS] for _ in parents]


@strawberry.type
class Hero:
    name: str = "R2-D2"
    friends: list[Friend] = batch_field(load_friends, description="each name may be null")
    certain: list[CertainFriend | None] = batch_field(
        load_certain, description="a friend without a name is null"
    )
    all_certain: list[CertainFriend] | None = batch_field(
        load_all_certain, description="one without a name makes the list null"
    )


@strawberry.type
class Sub:
    subfield1: str = "one"
    subfield2: str = "two"


@strawberry.type
class Person:
    first_name: str = "Rani"
    last_name: str = "Devi"


@strawberry.type
class Dog:
    barks: bool = True
    name: str = "Sheru"


@strawberry.type
class Cat:
    meows: bool = True
    name: str = "Mani"


@strawberry.type
class Query:
    birthday: Birthday = strawberry.field(resolver=Birthday)
    address: Address = strawberry.field(resolver=Address)
    a: Sub = strawberry.field(resolver=Sub)
    me: Person = strawberry.field(resolver=Person)

    @strawberry.field
    def b(self) -> str:
        return "b"

    @strawberry.field
    async def hero(self, episode: Episode | None = None) -> Hero | None:
        return Hero()

    @strawberry.field
    def pets(self) -> list[Annotated[Dog | Cat, strawberry.union("CatOrDog")]]:
        return [Dog(), Cat()]

    @strawberry.field
    def example(self, arg: ExampleInput | None = None) -> str:
        if arg is None:
            return "nothing"
        return f"a {'absent' if arg.a is strawberry.UNSET else arg.a}, b {arg.b}"

    @strawberry.field
    def pet(self, pet: Pet) -> str:
        return f"dog {pet.dog}" if pet.cat is strawberry.UNSET else f"cat {pet.cat}"

    @strawberry.field
    def listed(self, of: list[int | None] | None = strawberry.UNSET) -> str:
        return "absent" if of is strawberry.UNSET else repr(of)

    @strawberry.field
    def nested(
        self, of: list[list[int | None] | None] | None = None
    ) -> list[list[int | None] | None]:
        return of or []

    @strawberry.field
    def echo(self, number: float = 1.5, text: str = "none", flag: bool = True) -> str:
        return f"{number!r} {text} {flag}"

    @strawberry.field
    def later(self, day: dt.date, colour: Hex) -> dt.date:
        return day + dt.timedelta(days=colour)

    @strawberry.field
    def colour(self, of: Hex | None = None) -> Hex | None:
        return of


@strawberry.type
class TheNumber:
    the_number: int


HELD = [0]
"""The number that mutations change."""


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change_the_number(self, new_number: int) -> TheNumber:
        HELD[0] = new_number
        return TheNumber(the_number=HELD[0])

    @strawberry.mutation
    async def fail_to_change_the_number(self) -> TheNumber | None:
        raise ValueError("Cannot change the number")


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    config=StrawberryConfig(
        scalar_map={
            Hex: strawberry.scalar(
                name="Hex",
                serialize=lambda value: f"{value:x}",
                parse_value=lambda value: Hex(int(value, 16)),
            )
        }
    ),
)
