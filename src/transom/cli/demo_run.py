"""The transfers of `transom demo`: the ordinary server and the ordinary client, four times down and once up."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from transom.cli.crossings import BY_TLS13, HOST, Crossing, Offered, Way, road, serving, ways_on_loopback
from transom.dissect.journey import Carried
from transom.dissect.recording import Recording
from transom.transfer.client import Road
from transom.transfer.get import get
from transom.transfer.put import PutRequest, put
from transom.transfer.request import GetRequest
from transom.transfer.site import Site
from transom.trust.identity import Identity
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.store import TrustStore
from transom.value import value


@dataclass
class RecordedCrossing(Crossing):
    """One transfer, and what crossed in it."""

    recording: Recording = field(default_factory=Recording)


@value
class Demo:
    """All that happened. `identity` is the server's, with its private key; `store` trusts the demo's CA."""

    downloads: tuple[RecordedCrossing, ...]
    upload: RecordedCrossing
    identity: Identity
    store: TrustStore


def made_file(folder: Path, name: str, size: int) -> Carried:
    """A new binary file of random bytes."""
    content = os.urandom(size)
    (folder / name).write_bytes(content)
    return Carried(name, size, hashlib.sha256(content).hexdigest())


async def cross_all(folder: Path, down: Carried, up: Carried) -> Demo:
    """Serve `down` from `folder`, fetch it by each of the four ways, and send `up` the other way."""
    now = datetime.now(UTC)
    ca = LocalCA.in_memory(Owner("demo", HOST), now)
    identity = ca.issue([HOST], now, "rsa")  # RSA: the static form can be shown with no other key
    shared, arrived = folder / "shared", folder / "arrived"
    shared.mkdir()
    arrived.mkdir()
    (folder / down.name).rename(shared / down.name)
    async with serving(Site(shared, upload=True), identity) as (http, https):
        downloads: list[RecordedCrossing] = []
        for way in ways_on_loopback(static_rsa=True):
            start = f"https://{HOST}:{https}" if way.offered else f"http://{HOST}:{http}"
            downloads.append(await _fetch(way, f"{start}/{down.name}", arrived, ca.trust_store))
        upload = await _send(BY_TLS13, folder / up.name, f"https://{HOST}:{https}/", shared, ca.trust_store)
    return Demo(tuple(downloads), upload, identity, ca.trust_store)


async def _fetch(way: Way, url: str, folder: Path, store: TrustStore) -> RecordedCrossing:
    crossing = RecordedCrossing(way.kind)
    target = folder / f"{way.kind}.bin"
    crossing.result = await get(GetRequest(url, output=target), _road(crossing, way, store))
    crossing.arrived_sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
    return crossing


async def _send(way: Way, file: Path, url: str, stored: Path, store: TrustStore) -> RecordedCrossing:
    crossing = RecordedCrossing(way.kind)
    crossing.result = await put(PutRequest(file, url), _road(crossing, way, store))
    crossing.arrived_sha256 = hashlib.sha256((stored / file.name).read_bytes()).hexdigest()
    return crossing


def _road(crossing: RecordedCrossing, way: Way, store: TrustStore) -> Road:
    return road(way.offered or Offered(), store, crossing.secrets.append, lambda: crossing.recording)
