"""From whom a new zone takes an answer, shape by shape; the oracle in `effects/` tries many at random."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError
from components.dns.leading_in import Taken
from components.dns.plan import Surroundings
from components.dns.zones import ForwardedZone, HostsZone
from tests.dns.planning import NODELOCALDNS, planned, taken


def root(*lines: str, zone: str = ".") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{zone}:53 {{\n{body}}}\n"


KUBEADM = root(
    "errors",
    "kubernetes cluster.local in-addr.arpa ip6.arpa {\n        fallthrough in-addr.arpa ip6.arpa\n    }",
    "forward . /etc/resolv.conf",
    "cache 30",
    "loop",
)


@pytest.mark.parametrize(
    "zone", ["local", "cluster.local", "svc.cluster.local", "arpa", "in-addr.arpa", "1.168.192.in-addr.arpa"]
)
def test_a_zone_that_takes_names_of_the_cluster_is_refused(zone: str) -> None:
    with pytest.raises(CorefileError, match="away from the cluster itself"):
        taken(KUBEADM, zone)


@pytest.mark.parametrize("zone", ["protobox", "git.local", "example.org"])
def test_a_zone_beside_the_clusters_takes_nothing(zone: str) -> None:
    assert taken(KUBEADM, zone) == []


def test_the_clusters_zone_below_the_forwarded_one_is_refused_unless_it_has_a_block_of_its_own() -> None:
    plugin = "kubernetes k8s.protobox"
    with pytest.raises(CorefileError, match=r"take \*.k8s.protobox away from the cluster"):
        taken(root(plugin, "forward . 10.0.0.1"))
    assert taken(root("forward . 10.0.0.1") + root(plugin, zone="k8s.protobox")) == []


def test_a_kubernetes_plugin_without_zones_serves_those_of_its_block() -> None:
    with pytest.raises(CorefileError, match="away from the cluster"):
        taken(root("kubernetes", "forward . 10.0.0.1"))


def test_in_a_node_local_cache_the_clusters_zone_has_a_block_of_its_own_and_local_takes_nothing() -> None:
    zones = ("cluster.local",)
    assert taken(NODELOCALDNS, "local", cluster=zones) == []
    with pytest.raises(CorefileError, match="away from the cluster"):
        taken(NODELOCALDNS, "git.cluster.local", cluster=zones)
    with pytest.raises(CorefileError, match="away from the cluster"):
        taken(root("forward . 10.0.0.1"), "local", cluster=zones)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "hosts {\n        10.0.0.9 registry.protobox other.example\n        fallthrough\n    }",
            ["registry.protobox (hosts, line 2)"],
        ),
        ("hosts /etc/hosts example.org {\n        10.0.0.9 a.protobox\n    }", []),
        ('hosts {\n        "10.0.0.9 a.protobox # x"\n    }', ["a.protobox (hosts, line 2)"]),
        ("hosts /etc/coredns/x", ["*.protobox (hosts, /etc/coredns/x, not readable from here)"]),
        ("rewrite name git.protobox gitlab.example.org", ["git.protobox (rewrite, line 2)"]),
        ("rewrite stop name suffix .protobox .default.svc.cluster.local", ["*.protobox (rewrite, line 2)"]),
        ("rewrite name suffix .lab.protobox .example.org", ["*.lab.protobox (rewrite, line 2)"]),
        ("rewrite name suffix .example.org .protobox", []),
        ("rewrite name prefix git. hub.", ["*.protobox (rewrite, line 2)"]),
        (
            "rewrite name regex (.*)\\.lab\\.protobox {1}.default.svc.cluster.local",
            ["*.lab.protobox (rewrite, line 2)"],
        ),
        (
            "rewrite {\n        name regex (.*)\\.example\\.org {1}.a\n        answer name (.*)\\.a b\n    }",
            [],
        ),
        ("file /etc/coredns/db.protobox protobox", ["*.protobox (file, line 2)"]),
        ("auto lab.protobox {\n        directory /zones\n    }", ["*.lab.protobox (auto, line 2)"]),
        ("etcd skydns.example", []),
        ("etcd", ["*.protobox (etcd, line 2)"]),
        ("k8s_external protobox", ["*.protobox (k8s_external, line 2)"]),
        ("dynupdate protobox {\n        file db\n    }", ["*.protobox (dynupdate, line 2)"]),
        (
            'template IN A protobox {\n        answer "{{ .Name }} 60 IN A 10.0.0.9"\n    }',
            ["*.protobox (template, line 2)"],
        ),
        (
            'template IN A {\n        match ^git\\.protobox\\.$\n        answer "x IN A 10.0.0.9"\n    }',
            ["*.git.protobox (template, line 2)"],
        ),
        (
            'template IN A {\n        match \\.nip\\.io\\.$\n        answer "x IN A 10.9.9.9"\n    }',
            [],
        ),
        ("forward lab.protobox 10.0.0.9", ["*.lab.protobox (forward, line 2)"]),
        ("forward protobox 10.0.0.9 {\n        except protobox\n    }", []),
        ("local", ["localhost.protobox (local, line 2)"]),
        ("whoami", []),
        ("erratic example.org", []),
        ("template IN A {\n        match (.*[.])?apps[.]home[.]arpa[.]$\n        answer x\n    }", []),
    ],
)
def test_what_a_plugin_answers_below_the_zone_is_told_with_its_line(line: str, expected: list[str]) -> None:
    assert taken(root(line, "forward . 10.0.0.1")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hosts {\n        import s\n    }", ["a.protobox (hosts, line 6)"]),
        ("rewrite {\n        import s\n    }", ["b.protobox (rewrite, line 6)"]),
        ("forward protobox 10.0.0.9 {\n        import s\n    }", []),
    ],
)
def test_what_a_snippet_brings_between_the_braces_of_a_plugin_counts(line: str, expected: list[str]) -> None:
    lines = {"hosts": "10.0.0.9 a.protobox", "rewrite": "name b.protobox c.test"}
    snippet = f"(s) {{\n    {lines.get(line.partition(' ')[0], 'except protobox')}\n}}\n"
    assert taken(snippet + root("errors", line, "forward . 10.0.0.1")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "kubernetes {$DOMAIN} in-addr.arpa",
        "hosts {\n        10.0.0.9 registry.{$SITE}\n    }",
        "hosts {\n        {%IP%} registry.protobox\n    }",
        "rewrite name suffix .{$SITE} .example.org",
        'template IN A {$SITE} {\n        answer "{{ .Name }} 60 IN A 10.0.0.9"\n    }',
        'template IN A {\n        match {$SITE}\n        answer "{{ .Name }} 60 IN A 10.0.0.9"\n    }',
        "forward {$SITE} 10.0.0.9",
        "file /etc/coredns/db {$SITE}",
        "etcd {$SITE}",
    ],
)
def test_names_that_only_the_environment_knows_are_refused(line: str) -> None:
    with pytest.raises(CorefileError, match=r"environment knows which names .* is about"):
        taken(root(line, "forward . 10.0.0.1"))


@pytest.mark.parametrize(
    "line",
    [
        "rewrite name suffix .old.test .svc.{$DOMAIN}",
        "forward lab.test {$SERVER}",
        "route53 example.org.:{$ID} {\n        aws_access_key {$KEY} {$SECRET}\n    }",
        "acl {$SITE} {\n        block\n    }",
    ],
)
def test_who_answers_and_with_which_keys_may_come_from_the_environment(line: str) -> None:
    assert taken(root(line, "forward . {$UPSTREAM}")) == []


def test_a_hosts_file_of_the_node_cannot_be_read() -> None:
    text = root("hosts {\n        fallthrough\n    }", "forward . 10.0.0.1")
    assert taken(text) == []
    assert taken(text, hidden=["/etc/hosts"]) == ["*.protobox (hosts, /etc/hosts, not readable from here)"]


def test_a_part_of_the_zone_that_hosts_entries_let_nothing_through_for_is_told() -> None:
    line = "hosts /etc/coredns/x lab.protobox {\n        fallthrough\n    }"
    files = {"/etc/coredns/x": ""}
    zone = HostsZone("protobox", ("192.168.1.7",))
    assert planned(root(line, "forward . 10.0.0.1"), [zone], around=Surroundings(files)).warnings == ()
    stopping = root(line.replace("fallthrough", "ttl 60"), "forward . 10.0.0.1")
    (warning,) = planned(stopping, [zone], around=Surroundings(files)).warnings
    assert warning == "protobox: `hosts` (line 2) no longer holds for the names below protobox"


def test_that_a_zone_file_ends_the_search_for_a_name_no_longer_holds() -> None:
    files = {"/etc/coredns/db.corp": DATABASE}
    zone = HostsZone("git.corp", ("192.168.1.7",))
    text = root("file /etc/coredns/db.corp corp", "forward . 10.0.0.1")
    (warning,) = planned(text, [zone], around=Surroundings(files)).warnings
    assert warning == "git.corp: `file` (line 2) no longer holds for the names below git.corp"
    through = text.replace("corp\n", "corp {\n        fallthrough\n    }\n")
    assert planned(through, [zone], around=Surroundings(files)).warnings == ()


def test_an_address_with_its_interface_is_one() -> None:
    text = root(
        "hosts {\n        fe80::1%eth0 registry.protobox\n        fallthrough\n    }", "forward . 10.0.0.1"
    )
    assert taken(text) == ["registry.protobox (hosts, line 2)"]
    (name,) = taken(text, "ip6.arpa")
    assert name.endswith(".0.8.e.f.ip6.arpa (hosts, line 2)")


def test_the_reverse_names_of_hosts_entries_are_taken_by_a_reverse_zone() -> None:
    text = root("hosts {\n        192.168.1.9 registry.example\n    }")
    assert taken(text, "168.192.in-addr.arpa") == ["9.1.168.192.in-addr.arpa (hosts, line 2)"]
    assert taken(text.replace("192.168.1.9", "no_reverse\n        192.168.1.9"), "168.192.in-addr.arpa") == []


def test_reverse_names_are_answered_whatever_zones_the_hosts_plugin_has() -> None:
    text = root("hosts /etc/hosts example {\n        172.16.5.5 ci.example\n        fallthrough\n    }")
    assert taken(text, "16.172.in-addr.arpa") == ["5.5.16.172.in-addr.arpa (hosts, line 2)"]


@pytest.mark.parametrize(
    "line",
    [
        r"rewrite name regex (.*)\.corp\.test {1}.example.com",
        "template IN A {\n        match \\.corp\\.test\n        answer x\n    }",
    ],
)
def test_an_expression_that_also_matches_in_the_middle_of_a_name_is_a_warning(line: str) -> None:
    plan = planned(root(line, "forward . 10.0.0.1"))
    assert plan.taken == ()
    assert "names below protobox with `corp.test` in the middle match it, too" in plan.warnings[0]


def test_the_names_of_a_parent_zone_are_taken_from_whoever_has_it() -> None:
    text = root("forward . 10.0.0.1") + root("forward . 10.0.0.5", zone="corp")
    assert taken(text, "git.corp") == ["*.git.corp (forward, line 5)"]
    assert taken(text, "corp.example") == []


def test_a_block_on_another_address_loses_nothing() -> None:
    text = root("bind 10.0.0.1", "forward . 9.9.9.9") + root(
        "bind 10.0.0.2", "forward . 10.0.0.5", zone="corp"
    )
    assert taken(text, "git.corp") == []


def test_names_that_a_longer_zone_has_stay_there_and_are_told() -> None:
    text = root("hosts {\n        10.0.0.9 a.lab.protobox b.protobox\n    }") + root(
        "whoami", zone="lab.protobox"
    )
    assert taken(text) == ["b.protobox (hosts, line 2)"]
    (warning,) = planned(text).warnings
    assert "stay with the server block for lab.protobox:53 (line 6)" in warning


def test_a_rule_that_no_longer_holds_is_a_warning() -> None:
    (warning,) = planned(root("acl {\n        block\n    }", "forward . 10.0.0.1")).warnings
    assert warning == "protobox: `acl` (line 2) no longer holds for the names below protobox"


DATABASE = """\
$ORIGIN corp.
@ 60 IN SOA a b 1 1 1 1 1
hub 60 IN CNAME git.protobox.
www 60 IN CNAME hub
sub 60 IN DNAME lab.protobox.
far 60 IN CNAME x.sub
*.wild 60 IN A 10.0.0.9
web 60 IN A 10.0.0.9
"""


@pytest.mark.parametrize(
    ("plugin", "path"),
    [
        ("file /etc/coredns/db.corp", "/etc/coredns/db.corp"),
        ("auto {\n        directory /zones\n    }", "/zones/db.corp"),
        ("auto corp {\n        directory /zones (.*)[.]zone {1}\n    }", "/zones/corp.zone"),
    ],
)
def test_names_outside_that_lead_into_the_zone_are_told(plugin: str, path: str) -> None:
    text = root("forward . 10.0.0.1") + root(plugin, zone="corp")
    leading = {name.partition(" ")[0] for name in taken(text, files={path: DATABASE})}
    assert leading == {"hub.corp", "www.corp", "*.sub.corp", "far.corp"}
    assert "cannot be read from here" in planned(text).warnings[0]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("git.corp", []),
        ("web.corp", ["web.corp"]),
        ("wild.corp", ["*.wild.corp"]),
        ("a.wild.corp", ["*.a.wild.corp"]),
    ],
)
def test_of_a_zone_file_that_can_be_read_only_the_names_that_it_has_are_taken(
    zone: str, expected: list[str]
) -> None:
    text = root("file /etc/coredns/db.corp corp", "forward . 10.0.0.1")
    found = taken(text, zone, files={"/etc/coredns/db.corp": DATABASE})
    assert [name.partition(" ")[0] for name in found] == expected


def test_a_zone_file_that_another_block_has_made_useless_leads_nowhere() -> None:
    text = root("file /etc/coredns/db.corp corp", "forward . 10.0.0.1") + root(
        "forward . 10.0.0.2", zone="corp"
    )
    assert taken(text, files={"/etc/coredns/db.corp": DATABASE}) == []


def test_a_template_that_leads_to_a_name_which_stays_with_a_longer_zone_changes_nothing() -> None:
    alias = 'template IN A alias.test {\n        answer "{{ .Name }} 60 IN CNAME git.lab.protobox."\n    }'
    text = root(alias, "forward . 10.0.0.1")
    assert taken(text) == ["*.alias.test (template, line 2: it leads to git.lab.protobox)"]
    assert taken(text + root("forward . 10.0.0.3", zone="git.lab.protobox")) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("{{ .Group.a }}.protobox.", ["*.alias.test (template, line 2: it leads to protobox)"]),
        ("{{ .Group.a }}.{{ .Group.b }}.", ["*.alias.test (template, line 2: it leads to protobox)"]),
        ("{{ .Group.a }}.lab.protobox", ["*.alias.test (template, line 2: it leads to lab.protobox)"]),
        ("{{ .Group.a }}.example.org.", []),
    ],
)
def test_a_template_that_makes_the_name_it_leads_to_may_lead_into_the_zone(
    target: str, expected: list[str]
) -> None:
    line = f'template IN A alias.test {{\n        answer "{{{{ .Name }}}} 60 IN CNAME {target}"\n    }}'
    assert taken(root(line, "forward . 10.0.0.1")) == expected


def test_a_rule_for_answers_that_leads_into_the_zone_may_have_braces_of_its_own() -> None:
    line = "rewrite continue {\n        cname exact a.test. git.protobox.\n    }"
    expected = "* (rewrite, line 2: it leads to git.protobox)"
    assert expected in taken(root(line, "forward . 10.0.0.1"))


def test_a_parent_zone_that_shares_its_block_with_the_root_is_asked_where_the_root_is() -> None:
    assert taken("co.uk, .:53 {\n    forward . /etc/resolv.conf\n}\n", "firm.co.uk") == []


def test_a_plugin_that_nobody_knows_is_refused_where_it_could_lose_names_and_nowhere_else() -> None:
    strange = "oracle_of_delphi"
    with pytest.raises(CorefileError, match="does not know the plugin 'oracle_of_delphi'"):
        taken(root(strange))
    assert taken(root("forward . 10.0.0.1") + root(strange, zone="example.org")) == []


def test_a_view_is_refused_where_it_answers_for_the_zone() -> None:
    view = "view v {\n        expr true\n    }"
    text = root("forward . 10.0.0.1") + root(view, "whoami", zone="corp") + root("whoami", zone="corp")
    with pytest.raises(CorefileError, match="has a view"):
        taken(text, "git.corp")
    assert taken(text) == []


def test_what_a_file_brings_counts_as_if_it_stood_in_the_corefile() -> None:
    text = root("import custom/*.override", "forward . 10.0.0.1") + "import custom/*.server\n"
    files = {
        "/etc/coredns/custom/a.override": "hosts {\n    10.0.0.9 registry.protobox\n}\n",
        "/etc/coredns/custom/b.server": "lab.protobox {\n    whoami\n}\n",
    }
    found = planned(text, around=Surroundings(files))
    assert [str(name) for name in found.taken] == [
        "registry.protobox (hosts, /etc/coredns/custom/a.override, line 1)"
    ]
    assert "(/etc/coredns/custom/b.server, line 1)" in found.warnings[0]


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(CorefileError, match="nobody can read from here what 'zones/protobox' imports"):
        taken(root("forward . 10.0.0.1") + "import zones/protobox\n")
    hidden = Surroundings(hidden=("/etc/coredns/zones",))
    with pytest.raises(CorefileError, match="nobody can read"):
        planned(root("forward . 10.0.0.1") + "import zones/*\n", around=hidden)


@pytest.mark.parametrize(
    ("accepted", "holds"),
    [
        (["a.protobox"], True),
        (["*.protobox"], True),
        (["b.protobox"], False),
        (["protobox"], False),
        ([], False),
    ],
)
def test_a_name_is_accepted_by_itself_or_by_all_that_is_around_it(
    accepted: list[str], *, holds: bool
) -> None:
    assert Taken("a.protobox", "hosts, line 7").accepted(accepted) is holds


def test_two_zones_of_one_stack_are_judged_each() -> None:
    text = root("hosts {\n        10.0.0.9 a.lab b.protobox\n    }")
    zones = [ForwardedZone(zone, ("192.168.1.7",)) for zone in ("lab", "protobox")]
    assert [name.name for name in planned(text, zones).taken] == ["a.lab", "b.protobox"]
