"""Functions on texts.

Source: masterminds.github.io/sprig/strings.html and string_slice.html; argo-cd, applicationset/utils.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any

import re2

from providers.kubernetes.engines.gotemplate.functions import function
from providers.kubernetes.engines.gotemplate.values import TemplateError, inner

_LONGEST = 253
_MOST = 1024 * 1024

function("trim", "s")(str.strip)
function("upper", "s")(str.upper)
function("lower", "s")(str.lower)
function("trimAll", "ss")(lambda cut, text: text.strip(cut))
function("trimSuffix", "ss")(lambda cut, text: text.removesuffix(cut))
function("trimPrefix", "ss")(lambda cut, text: text.removeprefix(cut))
function("nospace", "s")(lambda text: re.sub(r"\s", "", text))
function("contains", "ss")(lambda part, text: part in text)
function("hasPrefix", "ss")(lambda part, text: text.startswith(part))
function("hasSuffix", "ss")(lambda part, text: text.endswith(part))
function("replace", "sss")(lambda old, new, text: text.replace(old, new))
function("indent", "is")(lambda count, text: _indented(count, text))
function("nindent", "is")(lambda count, text: "\n" + _indented(count, text))
function("plural", "ssi")(lambda one, many, count: one if count == 1 else many)
function("swapcase", "s")(str.swapcase)
function("base", "s")(lambda path: posixpath.basename(path.rstrip("/")) or ("/" if path else "."))
function("dir", "s")(lambda path: _clean(posixpath.dirname(path)))
function("clean", "s")(lambda path: _clean(path))
function("ext", "s")(lambda path: "." + path.rpartition(".")[2] if "." in posixpath.basename(path) else "")
function("isAbs", "s")(lambda path: path.startswith("/"))
function("regexMatch", "ss")(lambda glob, text: _regex(glob).search(text) is not None)
function("mustRegexMatch", "ss")(lambda glob, text: _regex(glob).search(text) is not None)
function("regexFind", "ss")(lambda glob, text: _found(glob, text))
function("regexReplaceAllLiteral", "sss")(lambda glob, text, new: _regex(glob).sub(lambda _: new, text))
function("regexQuoteMeta", "s")(lambda text: re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text))
function("toString", "a")(inner)
function("print", "a*")(lambda *several: _printed(several))
function("println", "a*")(lambda *several: " ".join(map(inner, several)) + "\n")
function("normalize", "s")(lambda text: normalized(text))
function("join", "sa")(lambda by, several: by.join(_strings(several)))
function("sortAlpha", "a")(lambda several: sorted(_strings(several)))
function("toStrings", "a")(lambda several: _strings(several))
function("splitList", "ss")(lambda by, text: text.split(by) if by else list(text))


@function("title", "s")
def _title(text: str) -> str:
    return re.sub(r"(^|[^\w'])(\w)", lambda one: one[1] + one[2].upper(), text)


@function("untitle", "s")
def _untitle(text: str) -> str:
    return re.sub(r"(^|\s)(\w)", lambda one: one[1] + one[2].lower(), text)


@function("repeat", "is")
def _repeat(count: int, text: str) -> str:
    if count < 0 or count * len(text) > _MOST:
        raise TemplateError(f"repeat: {count} times is too much")
    return text * count


@function("substr", "iis")
def _substr(start: int, end: int, text: str) -> str:
    if start < 0:
        return text[: max(end, 0)]
    return text[start:] if end < 0 or end > len(text) else text[start:end]


@function("trunc", "is")
def _trunc(count: int, text: str) -> str:
    if count < 0 and len(text) + count > 0:
        return text[len(text) + count :]
    return text[:count] if 0 <= count < len(text) else text


@function("abbrev", "is")
def _abbrev(count: int, text: str) -> str:
    return text if count < 4 or len(text) <= count else f"{text[: count - 3]}..."


@function("quote", "a*")
def _quote(*several: Any) -> str:
    return " ".join(json.dumps(inner(one), ensure_ascii=False) for one in several if one is not None)


@function("squote", "a*")
def _squote(*several: Any) -> str:
    return " ".join(f"'{inner(one)}'" for one in several if one is not None)


@function("cat", "a*")
def _cat(*several: Any) -> str:
    return " ".join(inner(one) for one in several if one is not None)


@function("snakecase", "s")
def _snake(text: str) -> str:
    return "_".join(_words(text)).lower()


@function("kebabcase", "s")
def _kebab(text: str) -> str:
    return "-".join(_words(text)).lower()


@function("camelcase", "s")
def _camel(text: str) -> str:
    return "".join(one[:1].upper() + one[1:] for one in re.split(r"[-_.\s]+", text))


@function("split", "ss")
def _split(by: str, text: str) -> dict[str, str]:
    return {f"_{index}": one for index, one in enumerate(text.split(by))}


@function("splitn", "sis")
def _splitn(by: str, count: int, text: str) -> dict[str, str]:
    several = text.split(by, count - 1) if count > 0 else text.split(by)
    return {f"_{index}": one for index, one in enumerate(several)}


@function("regexFindAll", "ssi")
def _find_all(expression: str, text: str, count: int) -> list[str]:
    found = [one[0] for one in _regex(expression).finditer(text)]
    return found if count < 0 else found[:count]


@function("regexReplaceAll", "sss")
def _replace_all(expression: str, text: str, new: str) -> str:
    def filled(one: Any) -> str:
        def group(name: re.Match[str]) -> str:
            said = name[1] or name[2]
            try:
                return one[int(said) if said.isdigit() else said] or ""
            except (IndexError, KeyError):
                return ""

        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", group, new)

    return str(_regex(expression).sub(filled, text))


@function("regexSplit", "ssi")
def _regex_split(expression: str, text: str, count: int) -> list[str]:
    if count == 0:
        return []
    found: list[str] = []
    at = 0
    for one in _regex(expression).finditer(text):
        if 0 < count == len(found) + 1:
            break
        found.append(text[at : one.start()])
        at = one.end()
    return [*found, text[at:]]


@function("printf", "sa*")
def _printf(form: str, *arguments: Any) -> str:
    """The verbs that texts and whole numbers are printed with. Raises TemplateError for others."""
    rest = list(arguments)

    def filled(one: re.Match[str]) -> str:
        verb = one[3]
        if verb == "%":
            return "%"
        if not rest:
            raise TemplateError(f"printf: there is no value for {one[0]}")
        value = rest.pop(0)
        flags, width = one[1], one[2] or ""
        if verb in "sv" and (verb == "v" or isinstance(value, str)):
            told = inner(value)
        elif verb == "d" and isinstance(value, int) and not isinstance(value, bool):
            told = f"{value:+d}" if "+" in flags else str(value)
        elif verb == "q" and isinstance(value, str):
            told = json.dumps(value, ensure_ascii=False)
        elif verb == "t" and isinstance(value, bool):
            told = inner(value)
        elif verb == "x" and isinstance(value, int):
            told = f"{value:x}"
        elif verb == "f" and isinstance(value, float):
            told = f"{value:.{one[4] or '6'}f}"
        else:
            raise TemplateError(f"printf: {one[0]} of {inner(value)[:50]!r} is not known")
        if not width:
            return told
        if "-" in flags:
            return told.ljust(int(width))
        return told.rjust(int(width), "0" if "0" in flags and verb in "dxf" else " ")

    found = re.sub(r"%([-+0 #]*)(\d{1,4})?(?:\.(?P<p>\d{1,2}))?([a-zA-Z%])", _renumbered(filled), form)
    if rest:
        raise TemplateError("printf: there are more values than verbs")
    return found


def _renumbered(filled: Any) -> Any:
    class One:
        def __init__(self, match: re.Match[str]) -> None:
            self.groups = (match[0], match[1], match[2], match[4], match[3])

        def __getitem__(self, index: int) -> Any:
            return self.groups[index]

    return lambda match: filled(One(match))


@function("slugify", "a*")
def _slugify(*several: Any) -> str:
    """The longest length (50), whether words are kept whole (true), and the name, which is last.

    Source: argo-cd, applicationset/utils, SlugifyName; github.com/gosimple/slug.
    """
    longest, smart, name = 50, True, ""
    if several and not isinstance(several[-1], str):
        raise TemplateError("slugify takes a text last")
    if several:
        name = several[-1]
    if len(several) > 1 and (not isinstance(several[0], int) or isinstance(several[0], bool)):
        raise TemplateError("slugify takes a length first")
    if len(several) > 1:
        longest = several[0]
    if len(several) > 2:
        smart = bool(several[1])
    told = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9\-_]", "-", normalized(name).replace(".", "-"))).strip("-_")
    if len(told) <= longest:
        return told
    if not smart:
        return told[:longest].strip("-_")
    cut = told[: longest + 1]
    return (cut.rpartition("-")[0] or told[:longest]).strip("-_")


def normalized(text: str) -> str:
    """What may be a DNS name of a text. Source: argo-cd, applicationset/utils, SanitizeName."""
    return re.sub(r"[^-a-z0-9.]", "-", text.lower())[:_LONGEST].strip("-.")


def _printed(several: tuple[Any, ...]) -> str:
    """Values one behind the other, with a space between two of which none is a text."""
    found = ""
    for index, one in enumerate(several):
        if index and not isinstance(one, str) and not isinstance(several[index - 1], str):
            found += " "
        found += inner(one)
    return found


def _indented(count: int, text: str) -> str:
    if not 0 <= count <= 1000:
        raise TemplateError(f"indent: {count} is no number of spaces")
    pad = " " * count
    return pad + text.replace("\n", "\n" + pad)


def _strings(value: Any) -> list[str]:
    if value is None:
        return []
    return [inner(one) for one in value if one is not None] if isinstance(value, list) else [inner(value)]


def _clean(path: str) -> str:
    return posixpath.normpath(path) if path else "."


def _regex(expression: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options=options)
    except re2.error as error:
        raise TemplateError(f"{expression!r} is no regular expression: {error}") from error


def _found(expression: str, text: str) -> str:
    one = _regex(expression).search(text)
    return one[0] if one else ""


def _words(text: str) -> list[str]:
    return [one for one in re.split(r"[-_.\s]+|(?<=[a-z0-9])(?=[A-Z])", text) if one]
