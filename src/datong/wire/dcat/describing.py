# SPDX-License-Identifier: Apache-2.0
"""From an entry to what DCAT-AP 2.1.1 says of it.

Kept here: what a page refers to is described on the same page, for the range shapes of DCAT-AP look at the class of
every node. Shared nodes (publisher, class, frequency …) come once, behind the entries. What people may do with data
stands in the access right; how departments share it, which the European vocabulary cannot say, in the `datong` terms.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from datong.kernel.sharing import Channel, UpdateCycle
from datong.wire.dcat import terms
from datong.wire.dcat.graphs import Node, Ref, Text, address, en, plain, zh
from datong.wire.dcat.site import Entry, Page, Site

_PHONE: Final = re.compile(r"\+?[0-9][0-9() -]{4,24}[0-9]")
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_CALLS: Final = frozenset({Channel.CALL.value, Channel.VERIFY.value})
Facts = list[tuple[str, Ref | Text]]
Shared = dict[str, Node]
"""Address to a node that several entries refer to."""


def describe_catalogue(site: Site, entries: Iterable[Entry], page: Page) -> Iterator[Node]:
    """Describe one page of the catalogue: the page, its entries, the catalogue, then what they share.

    Args:
        site: The node that publishes.
        entries: Entries of the page, in its order; read once, as they are needed.
        page: Where this page stands in the snapshot.
    """
    shared: Shared = {}
    datasets, services = [], []
    yield _paging(site, page)
    for entry in entries:
        datasets.append(site.entry(entry.code))
        for node in _entry(site, entry, shared):
            services += [node.iri] if "dcat:DataService" in node.kinds else []
            yield node
    yield _catalogue(site, datasets, services, page, shared)
    yield from shared.values()


def describe_entry(site: Site, entry: Entry) -> Iterator[Node]:
    """Describe one entry and all it refers to."""
    shared: Shared = {}
    yield from _entry(site, entry, shared)
    yield from shared.values()


def _paging(site: Site, page: Page) -> Node:
    facts: Facts = [
        ("hydra:totalItems", Text(str(page.total), type="xsd:integer")),
        ("hydra:first", Ref(page.first)),
        ("hydra:firstPage", Ref(page.first)),
        ("foaf:primaryTopic", Ref(site.catalogue)),
    ]
    if page.next:
        facts += [("hydra:next", Ref(page.next)), ("hydra:nextPage", Ref(page.next))]
    return Node(page.here, ("hydra:PartialCollectionView", "hydra:PagedCollection"), tuple(facts))


def _catalogue(site: Site, datasets: list[str], services: list[str], page: Page, shared: Shared) -> Node:
    home, publisher, scheme = f"{site.base}/", f"{site.base}/#node", f"{site.base}/#classes"
    shared[home] = Node(home, ("foaf:Document",), (("dct:title", zh(site.name)),))
    shared[publisher] = Node(publisher, ("foaf:Agent",), (("foaf:name", zh(site.name)), ("dct:identifier", plain(site.region))))
    facts: Facts = [
        ("dct:title", zh(f"{site.name}政务数据目录")),
        ("dct:title", en(f"Government data catalogue of {site.name}")),
        ("dct:description", zh(f"{site.name}已发布的政务数据资源（政务数据共享条例、发改高技〔2017〕1272号）。")),
        ("dct:description", en("Published government data resources: Order 809 and guide 1272.")),
        ("dct:publisher", Ref(publisher)),
        ("foaf:homepage", Ref(home)),
        ("dcat:themeTaxonomy", Ref(scheme)),
        ("dct:spatial", _region(site, site.region, shared)),
        ("dct:language", _known(terms.LANGUAGES["zh"], shared)),
        ("dct:language", _known(terms.LANGUAGES["en"], shared)),
    ]
    _scheme(scheme, shared)
    if page.modified:
        facts.append(("dct:modified", Text(page.modified.isoformat(), type="xsd:dateTime")))
    facts += [("dcat:dataset", Ref(iri)) for iri in datasets] + [("dcat:service", Ref(iri)) for iri in services]
    return Node(site.catalogue, ("dcat:Catalog",), tuple(facts))


def _entry(site: Site, entry: Entry, shared: Shared) -> Iterator[Node]:
    here = site.entry(entry.code)
    publisher = _publisher(site, entry, shared)
    access = _known(terms.access_right(entry.sharing_type, entry.opening_type), shared)
    facts: Facts = [
        ("dct:title", zh(entry.name)),
        ("dct:description", zh(entry.abstract or entry.name)),
        ("dct:identifier", plain(entry.code)),
        ("dct:publisher", publisher),
        ("dcat:contactPoint", Ref(f"{here}#contact")),
        ("dct:accessRights", access),
        ("dcat:theme", _theme(site, entry, shared)),
        ("dcat:keyword", zh(entry.class_name)),
        ("dct:spatial", _region(site, entry.region, shared)),
        ("dct:language", _known(terms.LANGUAGES["zh"], shared)),
        ("owl:versionInfo", plain(str(entry.version))),
        ("datong:sharingType", plain(entry.sharing_type)),
        ("datong:openingType", plain(entry.opening_type)),
        ("datong:updateCycle", plain(entry.update_cycle)),
        ("datong:level", plain(entry.level)),
        *[("dct:relation", Ref(site.entry(code))) for code in entry.related],
    ]
    if entry.update_cycle in list(UpdateCycle):
        facts.append(("dct:accrualPeriodicity", _known(terms.FREQUENCIES[UpdateCycle(entry.update_cycle)], shared)))
    facts += _times(entry)
    made = [_contact(here, entry), *_period(here, entry, facts), *_provenance(here, entry, facts)]
    for method in entry.sharing_methods:
        facts.append(("dcat:distribution", Ref(f"{here}#{address(method)}")))
        made += _distribution(site, entry, method, shared)
    if entry.sharing_methods and entry.use_conditions:
        made.append(Node(f"{here}#conditions", ("dct:RightsStatement",), (("rdfs:label", zh(entry.use_conditions)),)))
    if _CALLS & set(entry.sharing_methods):
        made.append(_service(site, entry, publisher, access))
    yield Node(here, ("dcat:Dataset",), tuple(facts))
    yield from made


def _times(entry: Entry) -> Facts:
    moments = {"dct:issued": entry.issued, "dct:modified": entry.modified}
    return [(name, Text(at.isoformat(), type="xsd:dateTime")) for name, at in moments.items() if at]


def _contact(here: str, entry: Entry) -> Node:
    facts: Facts = [("vcard:fn", zh(entry.provider_name))]
    said = entry.contact.strip()
    if _PHONE.fullmatch(said):
        facts.append(("vcard:hasTelephone", Ref("tel:" + re.sub(r"[^0-9+]+", "-", said).strip("-"))))
    elif _MAIL.fullmatch(said):
        facts.append(("vcard:hasEmail", Ref(f"mailto:{address(said)}")))
    elif said:
        facts.append(("vcard:note", zh(said)))
    return Node(f"{here}#contact", ("vcard:Organization", "vcard:Kind"), tuple(facts))


def _period(here: str, entry: Entry, facts: Facts) -> list[Node]:
    if not entry.period or not any(entry.period):
        return []
    facts.append(("dct:temporal", Ref(f"{here}#period")))
    ends = zip(("dcat:startDate", "dcat:endDate"), entry.period, strict=True)
    days = tuple((name, Text(day.isoformat(), type="xsd:date")) for name, day in ends if day)
    return [Node(f"{here}#period", ("dct:PeriodOfTime",), days)]


def _provenance(here: str, entry: Entry, facts: Facts) -> list[Node]:
    if not entry.system:
        return []
    facts.append(("dct:provenance", Ref(f"{here}#system")))
    return [Node(f"{here}#system", ("dct:ProvenanceStatement",), (("rdfs:label", zh(entry.system)),))]


def _distribution(site: Site, entry: Entry, method: str, shared: Shared) -> list[Node]:
    here = site.entry(entry.code)
    called = method in _CALLS
    label = Channel(method).label if method in list(Channel) else method
    facts: Facts = [
        ("dct:title", zh(f"{entry.name}（{label}）")),
        ("dct:description", zh(label)),
        ("dcat:accessURL", Ref(here)),
        ("dct:format", _known(terms.file_type("json" if called else entry.format_type or entry.format_class), shared)),
        ("dct:language", _known(terms.LANGUAGES["zh"], shared)),
        ("datong:channel", plain(method)),
        *([("dct:rights", Ref(f"{here}#conditions"))] if entry.use_conditions else []),
        *([("dcat:accessService", Ref(f"{here}#service"))] if called else []),
    ]
    return [Node(f"{here}#{address(method)}", ("dcat:Distribution",), tuple(facts))]


def _service(site: Site, entry: Entry, publisher: Ref, access: Ref) -> Node:
    here = site.entry(entry.code)
    facts: Facts = [
        ("dct:title", zh(f"{entry.name}（服务接口）")),
        ("dct:description", zh(entry.abstract or entry.name)),
        ("dct:identifier", plain(f"{entry.code}#service")),
        ("dcat:endpointURL", Ref(f"{site.gateway}/v1/resources/{address(entry.code)}")),
        ("dcat:endpointDescription", Ref(f"{site.gateway}/v1/openapi.json")),
        ("dcat:servesDataset", Ref(here)),
        ("dcat:contactPoint", Ref(f"{here}#contact")),
        ("dcat:keyword", zh(entry.class_name)),
        ("dct:publisher", publisher),
        ("dct:accessRights", access),
    ]
    return Node(f"{here}#service", ("dcat:DataService",), tuple(facts))


def _publisher(site: Site, entry: Entry, shared: Shared) -> Ref:
    iri = site.part("department", entry.provider)
    if iri not in shared:
        facts = (("foaf:name", zh(entry.provider_name)), ("dct:identifier", plain(entry.provider)))
        shared[iri] = Node(iri, ("foaf:Agent", "foaf:Organization"), facts)
    return Ref(iri)


def _theme(site: Site, entry: Entry, shared: Shared) -> Ref:
    iri, scheme = site.part("class", entry.class_code), f"{site.base}/#classes"
    if iri not in shared:
        named: Facts = [("skos:prefLabel", zh(entry.class_name)), ("skos:notation", plain(entry.class_code))]
        shared[iri] = Node(iri, ("skos:Concept",), (*named, ("skos:inScheme", Ref(scheme))))
    _scheme(scheme, shared)
    return Ref(iri)


def _scheme(iri: str, shared: Shared) -> None:
    if iri not in shared:
        names = (("dct:title", zh("政务信息资源分类")), ("dct:title", en("Classes of government data (guide 1272)")))
        shared[iri] = Node(iri, ("skos:ConceptScheme",), names)


def _region(site: Site, code: str, shared: Shared) -> Ref:
    iri = site.part("region", code)
    if iri not in shared:
        shared[iri] = Node(iri, ("dct:Location",), (("dct:identifier", plain(code)),))
    return Ref(iri)


def _known(node: Node, shared: Shared) -> Ref:
    shared.setdefault(node.iri, node)
    return Ref(node.iri)
