"""Remembers answers as long as the store has not changed."""
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

MOST_ANSWERS = 96

P = ParamSpec("P")
R = TypeVar("R")

_answers: OrderedDict[tuple, object] = OrderedDict()
_lock = threading.Lock()


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """`function(store, …)` is asked once per store revision and arguments; what it gives must not be changed by callers.

    The viewer is one of the arguments, so nothing seen by one is handed to another with less right; the language is left out.
    """
    @wraps(function)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        store = args[0]
        key = (function.__qualname__, str(store.path), store.revision(), _without_language(args[1:]), tuple(sorted(kwargs.items())))  # type: ignore[attr-defined]
        with _lock:
            if key in _answers:
                _answers.move_to_end(key)
                return _answers[key]  # type: ignore[return-value]
        value = function(*args, **kwargs)
        with _lock:
            _answers[key] = value
            while len(_answers) > MOST_ANSWERS:
                _answers.popitem(last=False)
        return value
    return answer


def _without_language(arguments: tuple) -> tuple:
    return tuple((type(a).__name__, a.units, a.info_class, a.share_level) if hasattr(a, "share_level") else a for a in arguments)
