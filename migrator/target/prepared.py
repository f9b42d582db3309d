"""An operation whose request's body is made here: botocore does the rest, from credentials to errors."""

from __future__ import annotations

import copy
import json
import threading
from typing import Any

from migrator.plan.itemtext import in_base64


class PreparedCall:
    """Sends bodies of one operation. Safe to use from several threads.

    The first call goes through the whole client, with the body put in the place of what botocore made of an empty one
    before it is signed. What the client settles there (endpoint, headers, how to sign) is the same for every request
    of the operation, so later ones begin behind it: a fifth of the client's time. Credentials are looked up, and
    renewed, for every request.

    Where later requests begin, `_make_request`, is not of botocore's public interface. Behind it are its events,
    signing, sending, retries and parsing, which all stay. A client that has no such method is called publicly every
    time (`_swap`), which is right as well, only slower.
    """

    def __init__(self, client: Any, operation: str) -> None:
        self._client = client
        self._operation = operation
        self._model = client.meta.service_model.operation_model(operation)
        self._method = next(name for name, told in client.meta.method_to_api_mapping.items() if told == operation)
        self._body = threading.local()
        self._settled: dict[str, Any] | None = None
        self._unread = copy.copy(self._model)
        self._unread.__dict__["output_shape"] = None  # nothing for botocore to read from an answer
        client.meta.events.register(f"before-call.dynamodb.{operation}", self._swap)

    def send(self, body: bytes, **empty: Any) -> Any:
        """The parsed answer; botocore's exceptions. `empty` are parameters of the operation with nothing in them."""
        if self._settled is not None:
            return self._send_settled(self._settled, body)
        self._body.prepared = body
        try:
            return getattr(self._client, self._method)(**empty)
        finally:
            self._body.prepared = None

    def ask(self, body: bytes, **empty: Any) -> Any:
        """The answer as JSON has it, bytes in base64: botocore's reading of it, attribute by attribute, takes most of
        the time that a large answer does. The first of all is asked twice."""
        if self._settled is None:
            answer = self.send(body, **empty)
            if self._settled is None:
                return json.loads(json.dumps(answer, default=in_base64))
        http, _ = self._answered(self._settled, body, self._unread)
        return json.loads(http.content)

    def _swap(self, params: dict[str, Any], **event: Any) -> None:
        body = getattr(self._body, "prepared", None)
        if body is None:
            return
        params["body"] = body
        if hasattr(self._client, "_make_request"):
            self._settled = {**params, "headers": dict(params["headers"]), "context": dict(params["context"])}

    def _send_settled(self, settled: dict[str, Any], body: bytes) -> Any:
        return self._answered(settled, body, self._model)[1]

    def _answered(self, settled: dict[str, Any], body: bytes, model: Any) -> tuple[Any, Any]:
        context = dict(settled["context"])
        request = {**settled, "headers": dict(settled["headers"]), "body": body, "context": context}
        http, parsed = self._client._make_request(model, request, context)
        if http.status_code < 300:
            return http, parsed
        code = context.get("error_code_override") or parsed.get("Error", {}).get("Code")
        raise self._client.exceptions.from_code(code)(parsed, self._operation)
