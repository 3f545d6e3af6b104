"""The HTTP side: health, customers' feedback in and out, and the log of calls, all as JSON."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import Meta

from server.backend import Backend, new_id, version
from server.call_starts import Asked
from server.errors import ServerFault
from server.protocol import FeedbackCard, Presence, ServerStatus
from server.store.rows import CallDetail, CallRow
from server.token import same_token

_CREATED, _OK = 201, 200
Limit = Annotated[int, QueryParameter(ge=1, le=500)]


class FeedbackRefused(ServerFault):
    """The feedback says nothing."""

    status = 400
    code = "empty_feedback"


class FeedbackIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer said. ``stars`` 1-5, ``recommend`` 0-10 (NPS), ``effort`` 1-5 (5 = easy); one answer at least.

    ``received_at`` is Unix time in seconds, now when left out.
    """

    channel: Literal["phone", "e-mail", "chat", "face to face", "paper"] = "phone"
    stars: Annotated[int, Meta(ge=1, le=5)] | None = None
    solved: bool | None = None
    recommend: Annotated[int, Meta(ge=0, le=10)] | None = None
    effort: Annotated[int, Meta(ge=1, le=5)] | None = None
    comment: Annotated[str, Meta(max_length=4000)] = ""
    nominated: bool = False
    may_share: bool = False
    customer: Annotated[str, Meta(max_length=200)] = ""
    call_id: Annotated[str, Meta(max_length=64)] | None = None
    received_at: Annotated[float, Meta(ge=0)] | None = None

    def card(self) -> FeedbackCard:
        """The card an overlay shows.

        Raises:
            FeedbackRefused: there is no answer in it.
        """
        answers = (self.stars, self.solved, self.recommend, self.effort)
        if all(answer is None for answer in answers) and not self.comment.strip() and not self.nominated:
            raise FeedbackRefused("There is no answer in this feedback.", "Send stars, solved, recommend or a comment.")
        values: dict[str, Any] = msgspec.structs.asdict(self)
        values["received_at"] = self.received_at or time.time()
        return FeedbackCard(feedback_id=new_id(), **values)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is. ``store`` and ``models`` are words, ``uptime`` is seconds, ``call_id`` the call going on."""

    version: str
    pid: int
    uptime: float
    status: ServerStatus
    store: str
    models: str
    presence: Presence
    overlays: int
    call_id: str | None


class CallWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call that a softphone wants listened to; ``external_id`` is what the softphone calls it."""

    external_id: Annotated[str, Meta(max_length=200)] = ""


class CallAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The call that was asked for, and how it is with it."""

    call_id: str
    external_id: str
    state: Literal["starting", "going", "ending", "over"]


@dataclass(frozen=True, slots=True)
class Pages:
    """The HTTP handlers on one backend; ``token`` is the per-user secret."""

    backend: Callable[[], Backend]
    token: str
    started: float = field(default_factory=time.monotonic)

    def handlers(self) -> list[Any]:
        """What Litestar routes to."""
        return [self._health(), *self._feedback(), *self._calls()]

    def _guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        del handler
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same_token(given.strip(), self.token):
            raise NotAuthorizedException(
                "Send the header Authorization: Bearer TOKEN, with the token from the server's token file.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _health(self) -> Any:
        @get("/v1/health")
        async def health() -> Health:
            """How the server is. No token needed."""
            backend = self.backend()
            return Health(
                version=version(),
                pid=os.getpid(),
                uptime=round(time.monotonic() - self.started, 1),
                status=backend.status.status,
                store=backend.status.store,
                models=backend.status.models,
                presence=backend.presence.presence,
                overlays=backend.hub.clients,
                call_id=backend.hub.present_call,
            )

        return health

    def _feedback(self) -> list[Any]:
        @post("/v1/feedback", guards=[self._guard])
        async def give_feedback(
            data: JSONBody[FeedbackIn],
            key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)] = None,
        ) -> Response[FeedbackCard]:
            """Keep a customer's feedback and show it to the agent. The same Idempotency-Key again changes nothing."""
            stored = await self.backend().add_feedback(data.card(), key)
            return Response(stored.card, status_code=_CREATED if stored.fresh else _OK)

        @get("/v1/feedback", guards=[self._guard])
        async def list_feedback(limit: Limit = 50, before: FromQuery[float | None] = None) -> list[FeedbackCard]:
            """The newest feedback first; ``before`` is Unix time in seconds."""
            return await asyncio.to_thread(self.backend().store.feedback, limit, before)

        return [give_feedback, list_feedback]

    def _calls(self) -> list[Any]:
        @get("/v1/calls", guards=[self._guard])
        async def list_calls(limit: Limit = 50, before: FromQuery[float | None] = None) -> list[CallRow]:
            """The newest calls first; ``before`` is Unix time in seconds."""
            return await asyncio.to_thread(self.backend().store.calls, limit, before)

        @post("/v1/calls", guards=[self._guard])
        async def start_call(
            data: JSONBody[CallWanted],
            key: Annotated[str, HeaderParameter(name="Idempotency-Key", max_length=200)] = "",
        ) -> Response[CallAsked]:
            """Begin a call, as a softphone does. 201 when it is begun for this, 200 when the conversation has one."""
            asked = self.backend().calls.start(external_id=data.external_id, key=key)
            return Response(_told(asked), status_code=_CREATED if asked.fresh else _OK)

        @post("/v1/calls/{call_id:str}/end", guards=[self._guard], status_code=_OK)
        async def end_call(call_id: FromPath[str]) -> CallAsked:
            """End a call, by its id here or by the softphone's. Once it is over, nothing changes."""
            return _told(await self.backend().calls.end(call_id))

        @get("/v1/calls/{call_id:str}", guards=[self._guard])
        async def one_call(call_id: FromPath[str]) -> CallDetail:
            """One call with its events, note and the outcomes of its cues."""
            store = self.backend().store
            await asyncio.to_thread(store.flush)  # so that who saw a call end finds all of it
            return await asyncio.to_thread(store.call, call_id)

        return [start_call, end_call, list_calls, one_call]


def _told(asked: Asked) -> CallAsked:
    return CallAsked(call_id=asked.call_id, external_id=asked.external_id, state=asked.state)
