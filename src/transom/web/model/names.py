"""What a file that crossed is called: by the last part of its path, or by its media type where that says nothing."""

from __future__ import annotations

from mimetypes import MimeTypes
from urllib.parse import unquote

from transom.dissect.exchanges import Exchange
from transom.dissect.timeline import HttpBody
from transom.http.messages import Headers
from transom.web.model.mask import Masking
from transom.wire.tap import Side


def file_name(exchange: Exchange, body: HttpBody) -> str:
    """What it is saved as: the last part of the path, or a name by its media type where the path has none."""
    return named(exchange.path or "", headers_of(exchange, body))


def masked_name(exchange: Exchange, body: HttpBody, masking: Masking) -> str:
    """The same with what is secret masked: what stands before it in the path may say that it is one."""
    return masking.text(named(masking.text(exchange.path or ""), headers_of(exchange, body)))


def named(target: str, headers: Headers) -> str:
    """The name of what stands there, with such a head."""
    if target.partition("?")[0].strip("/"):
        return name_of_path(target)
    media_type = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type == "text/html":
        return "index.html"
    return "download" + (MimeTypes().guess_extension(media_type) or "")


def headers_of(exchange: Exchange, body: HttpBody) -> Headers:
    """Of the message whose body this is."""
    head = exchange.request if body.side is Side.CLIENT else exchange.response
    return head.headers if head else Headers()


def name_of_path(target: str) -> str:
    """The last part of it, decoded."""
    path = target.partition("?")[0]
    return unquote(path.rstrip("/").rpartition("/")[2]) or path or "?"
