"""How much may be asked: requests a minute, answers at once, tokens a day, money a month."""
