"""The pages of the provider."""

from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from urllib.parse import urlencode

from mocks.identity.people import Person

PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Sign in: identity provider (mock)</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem; }
a { display: block; padding: .4rem .6rem; border-radius: .4rem; color: inherit;
    text-decoration: none; }
a:hover, a:focus { background: #eef3fb; }
small { color: #555; margin-left: .5rem; }
ul { list-style: none; padding: 0; }
.notice { background: #fff6dd; padding: .5rem .8rem; border-radius: .4rem; }
</style>
</head>
<body>
$content
</body>
</html>
""")


def sign_in_page(
    client: str, people: Sequence[Person], query: Mapping[str, str], unknown: str
) -> str:
    """Return the page that lists the people who can sign in.

    Args:
        client: name of the application.
        people: the listed people.
        query: parameters of the request, which each link repeats.
        unknown: a login that does not exist; empty if none was given.
    """
    kept = {name: value for name, value in query.items() if name not in ("login_hint", "prompt")}
    rows = "\n".join(
        f'<li><a href="?{escape(urlencode({**kept, "login_hint": each.login}))}">'
        f"{escape(each.name)}<small>{escape(each.about)}</small></a></li>"
        for each in people
    )
    hidden = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in kept.items()
    )
    notice = f'<p class="notice">There is nobody {escape(unknown)}.</p>' if unknown else ""
    return PAGE.substitute(
        content=f"""\
<h1>Sign in</h1>
<p>This is a mock of the state's identity provider. All people are invented, and need no password.
{escape(client)} wants to know who you are.</p>
{notice}
<ul>
{rows}
</ul>
<form>
{hidden}
<label>Somebody else: <input name="login_hint" size="32" placeholder="citizen:7KNL042103" required>
</label>
<button>Sign in</button>
</form>"""
    )


def error_page(message: str) -> str:
    """Return a page that shows an error."""
    return PAGE.substitute(content=f"<h1>Sign-in is not possible</h1>\n<p>{escape(message)}</p>")
