"""What Vault lent to a run: kept alive while it goes on, given back at its end."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from drift.secret import SecretError

#: When this part of its time is over a loan is renewed: early enough to try again a few times.
_RENEWED = 1 / 3
#: What is tried again comes no sooner (seconds).
_LEAST = 1.0


@dataclass(slots=True)
class Loan:
    """Something of Vault's that ends at ``until`` (``time.monotonic()``) unless it is renewed, each time for
    ``seconds``. ``id`` is the lease's; the token itself has none."""

    id: str
    seconds: float
    until: float
    renewable: bool

    def due(self, now: float) -> float:
        """In how many seconds it is to be renewed."""
        return max(_LEAST, self.until - now - self.seconds * (1 - _RENEWED)) if self.renewable else math.inf


#: Renews one loan; gives for how many seconds, and whether it can be again. Raises SecretError.
Renew = Callable[[Loan], tuple[float, bool]]


class Loans:
    """The loans of one login. A thread renews them from the first that can be on. Safe to share."""

    def __init__(self, renew: Renew) -> None:
        self._renew = renew
        self._loans: dict[str, Loan] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._over = False
        self._thread: threading.Thread | None = None

    def add(self, id_: str, seconds: float, renewable: bool) -> Callable[[], float]:
        """Keeps a loan; gives what tells for how many seconds it is still good. What ends never (0 seconds, a
        root token) is kept as that."""
        ends = seconds or math.inf
        loan = Loan(id_, ends, time.monotonic() + ends, renewable and ends < math.inf)
        with self._lock:
            self._loans[id_] = loan
            if loan.renewable and self._thread is None and not self._over:
                self._thread = threading.Thread(target=self._keep, daemon=True, name="vault-leases")
                self._thread.start()
        self._wake.set()
        return lambda: max(0.0, loan.until - time.monotonic())

    @property
    def ids(self) -> list[str]:
        """The leases that have not ended."""
        now = time.monotonic()
        with self._lock:
            return [loan.id for loan in self._loans.values() if loan.id and loan.until > now]

    def end(self) -> None:
        """Nothing is renewed any more."""
        self._over = True
        self._wake.set()

    def _keep(self) -> None:
        while not self._over:
            now = time.monotonic()
            with self._lock:
                loans = [one for one in self._loans.values() if one.until > now]
            wait = min((one.due(now) for one in loans), default=math.inf)
            self._wake.wait(None if math.isinf(wait) else wait)
            if self._wake.is_set():
                self._wake.clear()
                continue
            now = time.monotonic()
            for one in loans:
                if one.due(now) <= _LEAST and not self._over:
                    self._renewed(one)

    def _renewed(self, loan: Loan) -> None:
        try:
            seconds, again = self._renew(loan)
        except SecretError as error:
            if error.temporary:  # tried again when a third of what is left is over
                loan.seconds = max(0.0, loan.until - time.monotonic())
            else:
                loan.renewable = False
            return
        loan.seconds, loan.until = seconds, time.monotonic() + seconds
        loan.renewable = again and seconds > 0
