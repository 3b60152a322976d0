"""Secrets that are known by what they are, wherever they stand: by the marks that who issues them gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from transom.value import value
from transom.web.model.secret_forms.marks import Marks
from transom.web.model.secret_forms.spans import Span, group
from transom.web.model.secret_forms.text import Text


@value
class Shape:
    """Each match of `pattern` has one of `marks` in it, which are quick to find, `before` bytes behind its beginning.

    Or fewer. With `in_any_case`, the marks are in small letters.
    """

    what: str
    marks: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    before: int = 0
    in_any_case: bool = False


_WORD, _URL64, _DOTTED, _BASE64 = rb"\w", rb"[\w-]", rb"[\w.-]", rb"[\w+/=-]"


def _issued(who: str, marks: bytes, letter: bytes, least: int, within: bytes = b"") -> Shape:
    """What begins so and goes on with so many letters at least; one that the end cuts may be shorter.

    Each of the marks has one of `within` in it, which are fewer to look for.
    """
    begins = tuple(marks.split())
    any_of = b"|".join(map(re.escape, begins))
    pattern = rb"(?<![\w-])((?:%s)(?:%s{%d,}|%s*\Z))" % (any_of, letter, least, letter)
    looked_for = tuple(within.split()) or begins
    before = max(begin.find(mark) for begin in begins for mark in looked_for)
    return Shape(who, looked_for, re.compile(pattern), before)


_ISSUED = (
    _issued("AWS", b"AKIA ASIA ABIA", rb"[A-Z0-9]", 16),
    _issued("GitHub", b"ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", _WORD, 20),
    _issued("GitLab", b"glpat- gldt- glrt- glptt- glcbt- glsoat-", _URL64, 16),
    _issued("Slack", b"xoxa- xoxb- xoxc- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-", _DOTTED, 10, b"xox xapp-"),
    _issued("Stripe", b"sk_live_ sk_test_ rk_live_ rk_test_ whsec_", _BASE64, 16, b"k_live_ k_test_ whsec_"),
    _issued("OpenAI and others", b"sk-", _URL64, 20),
    _issued("Google", b"AIza 1//0 GOCSPX- ya29.", _DOTTED, 20),
    _issued("npm", b"npm_", _WORD, 30),
    _issued("PyPI", b"pypi-AgE", _URL64, 16),
    _issued("SendGrid", b"SG.", _DOTTED, 20),
    _issued("Vault", b"hvs. hvb. hvr.", _DOTTED, 20),
    _issued("Hugging Face", b"hf_", _WORD, 20),
    _issued("DigitalOcean", b"dop_v1_ doo_v1_ dor_v1_", _WORD, 20, b"_v1_"),
    _issued("Docker", b"dckr_pat_ dckr_oat_", _URL64, 16, b"dckr_"),
    _issued("Shopify", b"shpat_ shpss_ shpca_ shppa_", _WORD, 20, b"shp"),
    _issued("Atlassian", b"ATATT3", _BASE64, 20),
    _issued("Grafana", b"glsa_ glc_", _BASE64, 20),
    _issued("age", b"AGE-SECRET-KEY-1", _WORD, 20),
)

_BY_FORM = (
    Shape(
        "a JSON Web Token (RFC 7519), signed or encrypted",
        (b"eyJ",),
        re.compile(rb"(?<![\w-])(eyJ[\w-]{4,16384}(?:\.[\w-]*){1,4})"),
    ),
    Shape(
        "a private key (RFC 7468, OpenSSH, PGP)",
        (b"-----BEGIN ",),
        re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(.*?)(?:-----END|\Z)", re.DOTALL),
    ),
    Shape(
        "a private key of PuTTY",
        (b"Private-Lines",),
        re.compile(rb"Private-Lines: [0-9]{1,5}\s(.*?)(?:Private-MAC|\Z)", re.DOTALL),
    ),
    Shape(
        "what follows the scheme of a login (RFC 9110 §11)",
        (b"basic", b"bearer", b"negotiate", b"ntlm"),
        re.compile(
            rb"(?:[Bb](?i:asic|earer)|[Nn](?i:egotiate|tlm))[ \t]{1,64}(?=[a-z+/._~-]{0,4096}[0-9A-Z=])([\w+/.~=-]{8,})"
        ),
        in_any_case=True,
    ),
    Shape(
        "a line of a TLS key log (RFC 9850)",
        (b"CLIENT_RANDOM", b"RSA", b"SECRET"),
        re.compile(
            rb"(?:CLIENT_RANDOM|RSA|SECRET(?:_[0-9]{1,4})?)[ \t]{1,64}[0-9A-Fa-f]{16,64}[ \t]{1,64}([0-9A-Fa-f]+)"
        ),
    ),
    Shape(
        "a password as crypt(5) has it",
        (b"$",),
        re.compile(rb"\$(?:[1567y]|2[abxy]|apr1|argon2(?:id?|d)|scrypt)\$([\w./,=$+-]{8,})"),
    ),
    Shape("a webhook of Slack", (b"/B",), re.compile(rb"(T[A-Z0-9]{7,12}/B[A-Z0-9]{7,12}/\w{16,})"), before=13),
    Shape("the token of a bot of Telegram", (b":AA",), re.compile(rb":(?<=[0-9]{8}:)(AA[\w-]{30,})")),
)

SHAPES = (*_ISSUED, *_BY_FORM)
_MARKS = Marks(dict.fromkeys(mark for shape in SHAPES if not shape.in_any_case for mark in shape.marks))


def known(text: Text) -> Iterator[Span]:
    """What has one of these shapes."""
    places = _MARKS.places(text.data)
    for shape in SHAPES:
        at = 0
        marks = text.places(*shape.marks) if shape.in_any_case else sorted(_places(shape, places))
        for mark in marks:
            for start in range(max(at, mark - shape.before), mark + 1):
                if found := shape.pattern.match(text.data, start):
                    yield group(found)
                    at = found.end()
                    break


def _places(shape: Shape, places: Mapping[bytes, Sequence[int]]) -> Iterator[int]:
    return (at for mark in shape.marks for at in places.get(mark, ()))
