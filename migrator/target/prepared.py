"""An operation whose request's body is made here: botocore does the rest, from credentials to errors."""

from __future__ import annotations

import threading
from typing import Any


class PreparedCall:
    """Sends bodies of one operation. Safe to use from several threads.

    The first call goes through the whole client, with the body put in the place of what botocore made of an empty one
    before it is signed. What the client settles there (endpoint, headers, how to sign) is the same for every request
    of the operation, so later ones begin behind it: a fifth of the client's time. Credentials are looked up, and
    renewed, for every request.
    """

    def __init__(self, client: Any, operation: str) -> None:
        self._client = client
        self._operation = operation
        self._model = client.meta.service_model.operation_model(operation)
        self._method = next(name for name, told in client.meta.method_to_api_mapping.items() if told == operation)
        self._body = threading.local()
        self._settled: dict[str, Any] | None = None
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

    def _swap(self, params: dict[str, Any], **event: Any) -> None:
        body = getattr(self._body, "prepared", None)
        if body is None:
            return
        params["body"] = body
        if hasattr(self._client, "_make_request"):
            self._settled = {**params, "headers": dict(params["headers"]), "context": dict(params["context"])}

    def _send_settled(self, settled: dict[str, Any], body: bytes) -> Any:
        context = dict(settled["context"])
        request = {**settled, "headers": dict(settled["headers"]), "body": body, "context": context}
        http, parsed = self._client._make_request(self._model, request, context)
        if http.status_code < 300:
            return parsed
        code = context.get("error_code_override") or parsed.get("Error", {}).get("Code")
        raise self._client.exceptions.from_code(code)(parsed, self._operation)
