"""Files are searched for the patterns of their language, and nothing is lost by it."""

from duanban.rules import load_rules
from duanban.scan.catalogue import build_catalogue
from duanban.scan.matchers import build_matcher
from duanban.scan.prefilter import ANY, Prefilter
from duanban.scan.setup import expanded_rules
from duanban.targets.loader import load_target


def test_every_language_finds_what_a_search_for_all_patterns_finds():
    catalogue = build_catalogue(expanded_rules(), [load_target("debian-sid-loong64")])
    prefilter = Prefilter(catalogue, build_matcher)
    every = build_matcher(catalogue.patterns)
    for rule in load_rules():
        for example in rule.positive:
            data = example.text.encode()
            for language in rule.languages:
                wanted = {
                    hit
                    for hit in every.hits(data)
                    for user in catalogue.rules_of[hit]
                    if {language, ANY} & {*catalogue.rules[user].rule.languages}
                }
                assert set(prefilter.hits(language, data)) == wanted, (rule.id, language)


def test_plain_text_is_searched_for_a_fraction_of_the_patterns():
    catalogue = build_catalogue(expanded_rules(), [load_target("debian-sid-loong64")])
    asked = []

    def build(patterns):
        asked.append(len(patterns))
        return build_matcher(patterns)

    prefilter = Prefilter(catalogue, build)
    prefilter.hits("text", b"a manual")
    assert asked[0] < len(catalogue.patterns)
    assert asked[-1] < len(catalogue.patterns) / 5
