"""One forge's API over HTTP: bounded by time and size, to its own host only, tried again as the forge says,
and with no token in what is said of it.

All forges are asked in this one way. PyGithub makes a session of its own, whose answers have no bound, and
python-gitlab waits past the end of a run and hands on no header of a refusal.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import orjson
import urllib3

from drift import bounded_http
from drift.deadline import Cut, Deadline
from drift.forge import ForgeError
from drift.limits import Limits, Pages
from forges.answers import BROKEN, Answer, origin, reason, shown, throttled, wait

#: How long one request may take.
_SECONDS = 60.0
#: How often one request is sent at most, and the longest wait between two that a forge may ask for, in
#: seconds: GitHub counts by the hour.
TRIES, _LONGEST = 5, 3700.0
#: A GET's list of redirects within the forge: a renamed repository has one.
_REDIRECTS = 3
#: What may be sent twice: its second time changes nothing.
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_ANSWER_BYTES = 32 * 1024 * 1024


class Refused(ForgeError):
    """An answer that is a refusal; ``said`` is what the forge says, in one line."""

    said = ""


class Api:
    """The API of one forge below ``root``. ``headers`` are asked for before each request, since a token may
    end; ``hidden`` gives what is never to be said; ``always`` is in every query. ``called`` names the forge
    to people, ``advice`` says by status what it needs."""

    def __init__(
        self,
        root: str,
        called: str,
        deadline: Deadline,
        *,
        headers: Callable[[], Mapping[str, str]],
        hidden: Callable[[], Iterable[str]] = tuple,
        advice: Mapping[int, str] | None = None,
        always: Mapping[str, str] | None = None,
        ca: str | None = None,
    ) -> None:
        self.root, self.called, self.deadline = root, called, deadline
        self._headers, self._hidden, self._advice = headers, hidden, advice or {}
        self._always = dict(always or {})
        self._origin = origin(root)
        self._limits = Limits(answer_bytes=_ANSWER_BYTES, answer_seconds=_SECONDS)
        self._http = _manager(root, ca)
        self._http.pool_classes_by_scheme = bounded_http.pools(self._limits, deadline)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON at a path. Raises ForgeError."""
        return self.ask("GET", path, query=query).data

    def send(self, method: str, path: str, body: Any, query: Mapping[str, Any] | None = None) -> Any:
        """What is answered to a body. Raises ForgeError."""
        return self.ask(method, path, body=body, query=query).data

    def found(self, path: str, query: Mapping[str, Any] | None = None) -> Any | None:
        """The JSON at a path, None where there is nothing (404)."""
        answer = self.ask("GET", path, query=query, allowed=frozenset({404}))
        return None if answer.status == 404 else ({} if answer.data is None else answer.data)

    def pages(
        self,
        path: str,
        query: Mapping[str, Any],
        following: Callable[[Answer], str | Mapping[str, Any] | None],
    ) -> Iterator[Any]:
        """The JSON of each page of a listing. ``following`` gives the next page's address, or what it has of
        other query, None at the end."""
        seen = Pages(self._limits, f"{self.called}: {path}")
        said = dict(query)
        answer = self.ask("GET", path, query=said)
        while True:
            yield answer.data
            after = following(answer)
            if after is None:
                return
            try:
                seen.turn(after if isinstance(after, str) else tuple(sorted(after.items())))
            except Cut as error:
                raise ForgeError(error.message) from None
            if isinstance(after, str):
                answer = self.ask("GET", after)
            else:
                said |= after
                answer = self.ask("GET", path, query=said)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        allowed: frozenset[int] = frozenset(),
        again: bool = False,
    ) -> Answer:
        """One answer with a status of 2xx, or one that is ``allowed``. ``path`` is below the root, or a whole
        address of the same host; ``again``: it only asks, and may be sent twice whatever its method. Raises
        ForgeError."""
        again = again or method in _REPEATABLE
        url = path if "://" in path else f"{self.root}/{path.lstrip('/')}"
        query = {**({} if "://" in path else self._always), **(query or {})}
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, doseq=True, quote_via=quote)
        redirects = 0
        for number in range(1, TRIES + 1):
            self._within(url)
            try:
                answer = self._once(method, url, body, headers or {})
            except ForgeError as error:
                if number == TRIES or not (error.temporary and again):
                    raise
                self.pause(number)
                continue
            if answer.status in (301, 302, 303, 307, 308):
                redirects += 1
                url = self._redirected(url, answer, redirects)
                continue
            seconds = wait(answer, number)
            if seconds is None or not (again or throttled(answer)) or number == TRIES:
                break
            self._sleep(seconds, answer)
        good = 200 <= answer.status < 300 and answer.status not in self._advice
        if good or answer.status in allowed:
            return answer
        raise self._refusal(method, url, answer)

    def pause(self, number: int) -> None:
        """Waits before another try, longer each time."""
        self._sleep(min(2.0**number, 30.0), None)

    def hide(self, text: str) -> str:
        """A text without what logs in."""
        for secret in self._hidden():
            if secret:
                text = text.replace(secret, "***")
        return text

    # What stands behind

    def _once(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        said = {"Accept": "application/json", "User-Agent": "drift", **self._headers(), **headers}
        content = None
        if body is not None:
            content = orjson.dumps(body)
            said.setdefault("Content-Type", "application/json")
        try:
            timeout = urllib3.Timeout(connect=self.deadline.within(10), read=self.deadline.within(_SECONDS))
            response = self._http.request(
                method,
                url,
                body=content,
                headers=said,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            found = bounded_http.body(response, self._limits)
        except Cut as error:
            raise ForgeError(f"{self.called}: {error.message}") from None
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            why = self.hide(f"{error}")
            raise ForgeError(f"{self.called}: {shown(url)} can't be reached: {why}", temporary=True) from None
        told = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, told, self._json(url, response.status, told, found))

    def _json(self, url: str, status: int, headers: Mapping[str, str], found: bytes) -> Any:
        if not found.strip():
            return None
        try:
            return orjson.loads(found)
        except orjson.JSONDecodeError:
            if 200 <= status < 300 and status not in self._advice:
                raise ForgeError(
                    f"{self.called}: {shown(url)} answered {status} with "
                    f"{headers.get('content-type') or 'something'} instead of JSON: is this its API?",
                    status=status,
                ) from None
            return None

    def _within(self, url: str) -> None:
        """Raises ForgeError where an address is not the forge's own: the token would be sent there."""
        if origin(url) != self._origin:
            raise ForgeError(
                f"{self.called}: names {shown(url)}, another host than {self._origin}: nothing is sent there"
            )

    def _redirected(self, url: str, answer: Answer, number: int) -> str:
        target = urljoin(url, answer.headers.get("location", ""))
        if number > _REDIRECTS:
            raise ForgeError(f"{self.called}: {shown(url)} redirects without end", status=answer.status)
        if origin(target) != self._origin:
            raise ForgeError(
                f"{self.called}: {shown(url)} redirects to {origin(target)}, another host, which is sent "
                "nothing; is the token valid, and the address the API's?",
                status=answer.status,
            )
        return target

    def _sleep(self, seconds: float, answer: Answer | None) -> None:
        if seconds > _LONGEST:
            raise ForgeError(
                f"{self.called}: asks to wait {seconds / 60:.0f} minutes",
                status=answer.status if answer else None,
            )
        try:
            self.deadline.sleep(seconds)
        except Cut as error:
            raise ForgeError(
                f"{self.called}: {error.message}", status=answer.status if answer else None
            ) from None

    def _refusal(self, method: str, url: str, answer: Answer) -> ForgeError:
        said = self.hide(reason(answer.data))
        message = f"{self.called}: {method} {shown(url)}: {answer.status}{f' {said}' if said else ''}"
        if throttled(answer):
            message += "; it is asked too often"
        elif answer.status in self._advice:
            message += f"; {self._advice[answer.status]}"
        temporary = answer.status in BROKEN or throttled(answer)
        error = Refused(message, status=answer.status, temporary=temporary)
        error.said = said
        return error


def _manager(url: str, ca: str | None) -> Any:
    more: dict[str, Any] = {} if ca is None else {"ca_certs": ca}
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, **more)
    return urllib3.PoolManager(**more)
