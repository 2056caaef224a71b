"""Go's templates, held against what Go's and sprig's documentation say that they print."""

from __future__ import annotations

from typing import Any

import pytest

from providers.kubernetes.engines.gotemplate import Template, TemplateError

DATA: dict[str, Any] = {
    "cluster": "prod",
    "name": "Some_Cluster.Name",
    "port": 8080.0,
    "large": 1_000_000.0,
    "on": True,
    "none": None,
    "path": {"path": "apps/web/eu", "basename": "eu", "segments": ["apps", "web", "eu"]},
    "metadata": {"labels": {"my-label": "v", "env": "prod"}},
    "list": [{"n": "b"}, {"n": "a"}],
}


def filled(source: str, *options: str) -> str:
    return Template(source, options).filled(DATA)


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{.cluster}}{{dig \"nameSuffix\" \"\" .}}", "prod"),
        ("{{ index .path.segments 1 }}", "web"),
        ("{{ index .metadata.labels \"my-label\" }}", "v"),
        ("{{ normalize .name }}", "some-cluster.name"),
        ("{{ cat .name | slugify 8 }}", "some"),
        ("{{ slugify 8 false .name }}", "some-clu"),
        ("{{.port}} {{.large}} {{.on}} {{.none}} {{.gone}}", "8080 1e+06 true <no value> <no value>"),
        ("{{.path.segments}} {{.metadata.labels}}", "[apps web eu] map[env:prod my-label:v]"),
        ("a {{- /* said */ -}} b", "ab"),
        ("a\n {{- .cluster -}} \n b", "aprodb"),
        ("{{ if eq .cluster \"dev\" }}1{{ else if eq .cluster \"prod\" }}2{{ else }}3{{ end }}", "2"),
        ("{{ with .gone }}1{{ else }}{{ .cluster }}{{ end }}", "prod"),
        ("{{ range $i, $e := .path.segments }}{{ if $i }}-{{ end }}{{ $e }}{{ end }}", "apps-web-eu"),
        ("{{ range .list }}{{ if eq .n \"a\" }}{{ break }}{{ end }}{{ .n }}{{ $.on }}{{ end }}", "btrue"),
        ("{{ $x := \"1\" }}{{ if .on }}{{ $x = \"2\" }}{{ end }}{{ $x }}", "2"),
        ("{{ and .cluster .gone }}{{ or .gone .cluster }}", "<no value>prod"),
        ("{{ printf \"%s-%03d-%v-%q\" .cluster 7 .port .cluster }}", "prod-007-8080-\"prod\""),
        ("{{ .path.path | splitList \"/\" | last | upper | quote }}", "\"EU\""),
        ("{{ (split \"/\" .path.path)._1 }}", "web"),
        ("{{ base .path.path }} {{ dir .path.path }}", "eu apps/web"),
        ("{{ .gone | default \"other\" }} {{ coalesce .gone .none .cluster }}", "other prod"),
        ("{{ trimSuffix \"-x\" \"a-x\" }} {{ trunc 2 .cluster }} {{ trunc -2 .cluster }}", "a pr od"),
        ("{{ regexReplaceAll \"(p)(r)\" .cluster \"${2}-$1\" }}", "r-pod"),
        ("{{ ternary \"y\" \"n\" .on }} {{ hasKey .metadata.labels \"x\" }}", "y false"),
        ("{{ toYaml .metadata | nindent 2 }}", "\n  labels:\n    env: prod\n    my-label: v"),
        ("{{ (fromYaml \"a: {b: 3}\").a.b }} {{ toJson .path.segments }}", "3 [\"apps\",\"web\",\"eu\"]"),
        ("{{ add 1 2 \"3\" }} {{ sub 5 2 }} {{ div 7 2 }} {{ until 3 }}", "6 3 3 [0 1 2]"),
        ("{{ tpl \"{{ .cluster }}\" . }}", "prod"),
        ("{{ dict \"a\" 1 | merge (dict \"a\" 2) | toJson }}", "{\"a\":2}"),
        ("{{ `raw {{ text` }} {{ \"}}\" }}", "raw {{ text }}"),
        ("{{ list \"b\" \"a\" | sortAlpha | join \",\" }} {{ len .list }}", "a,b 2"),
    ],
)  # fmt: skip
def test_what_is_printed(source: str, printed: str) -> None:
    assert filled(source) == printed


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ .gone }}", "no entry for key 'gone'"),
        ("{{ .metadata.gone.more }}", "no entry for key 'gone'"),
        ("{{ .cluster.more }}", "can't take 'more'"),
        ("{{ now }}", "the function now is not known"),
        ('{{ env "HOME" }}', "the function env is not known"),
        ('{{ template "x" }}', "is not known"),
        ("{{ if .on }}", "has no {{end}}"),
        ("{{ .cluster", "has no }}"),
        ("{{ lower .port }}", "lower takes a text"),
        ("{{ eq .port 8080 }}", "incompatible types"),
        ('{{ fail "stop" }}', "stop"),
        ('{{ repeat 100000000 "x" }}', "too much"),
        ("{{ range until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}", "steps"),
        ("{{ range until 999 }}{{ range until 9999 }}{{ break }}{{ end }}{{ end }}", "steps"),
        ('{{ $s := "x" }}{{ range until 60 }}{{ $s = cat $s $s }}{{ end }}', "characters"),
        ("{{ $s := list 1 }}{{ range until 60 }}{{ $s = concat $s $s }}{{ end }}", "steps"),
        ('{{ tpl (printf "{{ tpl %q . }}" .cluster) . | fail }}', "prod"),
    ],
)
def test_what_is_refused(source: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why.replace("{", r"\{")):
        filled(source, "missingkey=error")
