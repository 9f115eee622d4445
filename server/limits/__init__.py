"""How much may be asked: requests a minute, answers at once, tokens a day, money a month."""

from server.limits.gate import Gate, open_gate, over_budget
from server.limits.scopes import Asker

__all__ = ["Asker", "Gate", "open_gate", "over_budget"]
