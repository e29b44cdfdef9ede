"""Numbers in English words, as people read them aloud."""

from __future__ import annotations

ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion")
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
MOST_DIGITS = 3 * len(SCALES)  # longer numbers are read digit by digit


def cardinal(number: int) -> str:
    """Return a number in words: 1234 is "one thousand two hundred thirty-four"; `number` is not negative."""
    groups: list[str] = []
    for scale in SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(f"{_below_thousand(group)} {scale}".strip())
    return " ".join(reversed(groups)) or ONES[0]


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{ONES[hundreds]} hundred"] if hundreds else []
    if rest >= len(ONES):
        tens, ones = divmod(rest, 10)
        words.append(TENS[tens] + (f"-{ONES[ones]}" if ones else ""))
    elif rest:
        words.append(ONES[rest])
    return " ".join(words)


def ordinal(number: int) -> str:
    """Return a place in a row in words: 21 is "twenty-first"."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    return words[:cut] + ORDINALS.get(last, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(number: int) -> str:
    """Return a year of the 19th or 20th century in words: 1905 is "nineteen oh five"."""
    century, rest = divmod(number, 100)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {cardinal(rest) if rest >= 10 else f'oh {ONES[rest]}'}"


def said_number(written: str) -> str:
    """Return how a number is read that is written in digits, with commas and a point, but without a sign.

    Zeros at the end of decimals are not read: 0.50 is "zero point five". Four digits from 1800 to 1999 are read as a
    year, numbers with a leading zero digit by digit. Of several points all are read, as in versions.
    """
    whole, *decimals = written.replace(",", "").split(".")
    if len(decimals) > 1:
        return " point ".join(_whole(part) for part in (whole, *decimals))
    digits = decimals[0] if decimals else ""
    while digits and int(digits[-1]) == 0:
        digits = digits[:-1]
    if not digits:
        is_year = len(written) == 4 and written.isdecimal() and 1800 <= int(written) < 2000
        return year(int(written)) if is_year else _whole(whole)
    return f"{_whole(whole)} point {_digits(digits)}"


def _whole(digits: str) -> str:
    if not digits:
        return ONES[0]
    if len(digits) > MOST_DIGITS or (len(digits) > 1 and int(digits[0]) == 0):
        return _digits(digits)
    return cardinal(int(digits))


def _digits(digits: str) -> str:
    return " ".join(ONES[int(digit)] for digit in digits)
