# SPDX-License-Identifier: Apache-2.0
"""Application systems and their keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.models import Account, Application
from datong.crypto import keys
from datong.crypto.certificates import named, thumbprint
from datong.crypto.signing import SM2
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories.certificates import a_certificate
from factories.organisations import a_department, an_application, an_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant():
    return an_officer(roles=[Role.APPLICANT], department=a_department("民政厅"))


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_fresh_pair_is_shown_once(applicant):
    made = an_application(by=applicant)
    private = load_pem_private_key(made.private_key.encode(), None)
    assert public_pem(private) == made.application.public_key
    assert made.private_key.splitlines()[1] not in str(list(Application.objects.values()))
    assert organisations.application(made.application.client_id) == made.application
    act = audit.acts(subject=made.application.client_id)[0]
    assert act.facts["department"] == applicant.department


def test_a_given_key_is_taken_and_no_private_key_made(applicant):
    public = an_application(by=applicant).application.public_key
    made = usecases.rotate_application_key(queries.applications()[0].client_id, by=applicant)
    assert made.private_key
    again = usecases.register_application("第二个", by=applicant, responsible="李四", public_key=public)
    assert (again.private_key, again.application.public_key) == ("", public)


def test_a_public_key_of_sm2_is_taken(applicant, tmp_path):
    public = keys.generate(tmp_path / "app.key", SM2).public_pem().decode()
    made = an_application(by=applicant, public_key=public)
    assert (made.application.public_key, made.private_key) == (public, "")


def test_a_key_belongs_to_one_application(applicant):
    public = an_application(by=applicant).application.public_key
    with pytest.raises(Conflict) as refused:
        an_application(by=applicant, public_key=public)
    assert "public_key" in refused.value.fields


@pytest.mark.parametrize(
    "key",
    [
        "nonsense",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        public_pem(rsa.generate_private_key(65537, 2048)),
        public_pem(ec.generate_private_key(ec.SECP256R1())),
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIBjn+88FL4dBlHnQadYw+EcfJkbLvqq1gtDi76/QnWp\n-----END PRIVATE KEY-----\n",
        "公钥",
        "x" * 5000,
    ],
)
def test_only_ed25519_and_sm2_public_keys_are_taken(applicant, key):
    with pytest.raises(Malformed) as refused:
        an_application(by=applicant, public_key=key)
    assert "public_key" in refused.value.fields
    assert key[30:60] not in str(refused.value) or len(key) < 31


def test_names_are_unique_in_a_department_only(applicant):
    an_application(by=applicant, name="低保核对")
    with pytest.raises(Conflict):
        an_application(by=applicant, name="低保核对")
    an_application(by=an_officer(roles=[Role.CONSUMER_HEAD], department=a_department("教育厅")), name="低保核对")


@pytest.mark.parametrize("role", [Role.COMPILER, Role.PROVIDER_HEAD, Role.AUTHORITY, Role.SYSADMIN])
def test_others_register_nothing(role):
    with pytest.raises(Refused):
        an_application(by=an_officer(roles=[role], department=a_department()))


def test_another_department_sees_and_touches_nothing(applicant):
    made = an_application(by=applicant).application
    stranger = an_officer(roles=[Role.CONSUMER_HEAD], department=a_department("教育厅"))
    assert queries.applications(by=stranger) == []
    for attempt in (
        lambda: queries.application(made.client_id, by=stranger),
        lambda: usecases.rotate_application_key(made.client_id, by=stranger),
        lambda: usecases.suspend_application(made.client_id, by=stranger, reason="没有理由"),
        lambda: queries.application("a\x00", by=applicant),
    ):
        with pytest.raises(Unknown):
            attempt()


def test_the_department_stops_and_the_security_officer_restores(applicant):
    made = an_application(by=applicant).application
    security = an_officer(roles=[Role.SECURITY])
    assert not usecases.suspend_application(made.client_id, by=applicant, reason="停用").active
    with pytest.raises(Refused):
        usecases.restore_application(made.client_id, by=applicant, reason="恢复")
    assert usecases.restore_application(made.client_id, by=security, reason="查明").active
    assert not usecases.suspend_application(made.client_id, by=security, reason="异常调用").active
    assert [act.facts.get("reason") for act in audit.acts(subject=made.client_id)][:3] == ["异常调用", "查明", "停用"]
    with pytest.raises(Malformed):
        usecases.suspend_application(made.client_id, by=security, reason="")


def test_a_key_replaced_with_an_overlap_stays_until_it_ends_by_hand(applicant):
    first = an_application(by=applicant).application
    now = datetime.now(UTC)
    second = usecases.rotate_application_key(first.client_id, by=applicant, overlap=24).application
    assert (second.former_key, second.public_key != first.public_key) == (first.public_key, True)
    assert timedelta(hours=23) < second.former_ends - now < timedelta(hours=25)
    assert audit.acts(subject=first.client_id)[0].facts["overlap_hours"] == "24"
    third = usecases.rotate_application_key(first.client_id, by=applicant, overlap=1).application
    assert third.former_key == second.public_key
    ended = usecases.end_former_key(first.client_id, by=an_officer(roles=[Role.SECURITY]))
    assert (ended.former_key, ended.former_ends, ended.public_key) == ("", None, third.public_key)
    assert audit.acts(subject=first.client_id)[0].tag == "organisations.application.former_key_ended"
    with pytest.raises(Conflict):
        usecases.end_former_key(first.client_id, by=applicant)


def test_a_key_that_still_ends_belongs_to_its_application(applicant):
    first = an_application(by=applicant).application
    usecases.rotate_application_key(first.client_id, by=applicant, overlap=24)
    with pytest.raises(Conflict):
        an_application(by=applicant, public_key=first.public_key)
    Application.objects.update(former_ends=datetime.now(UTC) - timedelta(seconds=1))
    assert queries.application(first.client_id).former_key == ""
    assert an_application(by=applicant, public_key=first.public_key).application.public_key == first.public_key


@pytest.mark.parametrize("overlap", [-1, 169, 10**9])
def test_an_overlap_has_its_bounds(applicant, overlap):
    made = an_application(by=applicant).application
    with pytest.raises(Malformed) as refused:
        usecases.rotate_application_key(made.client_id, by=applicant, overlap=overlap)
    assert "overlap" in refused.value.fields


def test_the_key_in_use_is_no_new_key(applicant):
    made = an_application(by=applicant).application
    with pytest.raises(Conflict):
        usecases.rotate_application_key(made.client_id, by=applicant, public_key=made.public_key, overlap=1)


def test_a_department_says_from_where_its_application_calls(applicant):
    made = an_application(by=applicant).application
    guarded = usecases.guard_application(made.client_id, by=applicant, networks=["10.1.0.0/16", "192.0.2.7"], signed=True)
    assert (guarded.networks, guarded.signed) == (("10.1.0.0/16", "192.0.2.7/32"), True)
    facts = audit.acts(subject=made.client_id)[0].facts
    assert facts == {"networks": "10.1.0.0/16、192.0.2.7/32", "signed": "yes", "certificates": ""}
    usecases.guard_application(made.client_id, by=applicant, networks=list(guarded.networks), signed=True)
    assert len(audit.acts(subject=made.client_id)) == 2
    with pytest.raises(Malformed):
        usecases.guard_application(made.client_id, by=applicant, networks=["10.1.0.1/16"], signed=True)
    with pytest.raises(Unknown):
        stranger = an_officer(roles=[Role.CONSUMER_HEAD], department=a_department("教育厅"))
        usecases.guard_application(made.client_id, by=stranger, networks=[], signed=False)


def test_a_department_says_with_which_certificates_its_application_connects(applicant, client, settings):
    made = an_application(by=applicant).application
    old, new = thumbprint(b"old"), thumbprint(b"new")
    ask = {"by": applicant, "networks": [], "signed": False}
    with pytest.raises(Conflict) as refused:
        usecases.guard_application(made.client_id, **ask, certificates=[old])
    assert "certificates" in refused.value.fields
    settings.NODE = replace(settings.NODE, certificate_proxies=("10.0.0.5",))
    assert usecases.guard_application(made.client_id, **ask, certificates=[old, f" {old}", new]).certificates == (old, new)
    assert audit.acts(subject=made.client_id)[0].facts["certificates"] == f"{old}、{new}"
    for amiss in (["x"], [old, new, thumbprint(b"third")]):
        with pytest.raises(Malformed) as refused:
            usecases.guard_application(made.client_id, **ask, certificates=amiss)
        assert "certificates" in refused.value.fields
    settings.NODE = replace(settings.NODE, certificate_proxies=())
    assert usecases.guard_application(made.client_id, by=applicant, networks=[], signed=True).certificates == (old, new)
    client.force_login(Account.objects.get(username=applicant.account))
    page = f"/applications/{made.client_id}"
    assert client.post(f"{page}/guard", {"networks": "", "certificates": "nonsense"}).status_code == 422
    assert client.post(f"{page}/guard", {"networks": "", "certificates": f"{new}，\n {old}"}).status_code == 409
    settings.NODE = replace(settings.NODE, certificate_proxies=("10.0.0.5",))
    pasted = a_certificate().public_bytes(Encoding.PEM).decode()
    assert client.post(f"{page}/guard", {"networks": "", "certificates": f"{pasted}\n{old}"}).status_code == 302
    assert organisations.application(made.client_id).certificates == (named(pasted), old)
    assert client.post(f"{page}/guard", {"networks": "", "certificates": f"{new}，\n {old}"}).status_code == 302
    shown = client.get(page).content.decode()
    assert shown.index(new) < shown.index(old)
    assert client.post(f"{page}/guard", {"networks": "", "certificates": ""}).status_code == 302
    assert not organisations.application(made.client_id).certificates


def test_the_pages_replace_a_key_and_guard(applicant, client):
    made = an_application(by=applicant).application
    client.force_login(Account.objects.get(username=applicant.account))
    page = f"/applications/{made.client_id}"
    assert "只显示这一次" in client.post(f"{page}/rotate", {"overlap": "24", "public_key": ""}).content.decode()
    assert "立即停用旧密钥" in client.get(page).content.decode()
    assert client.post(f"{page}/rotate", {"overlap": "25", "public_key": ""}).status_code == 422
    assert client.post(f"{page}/guard", {"networks": "10.1.0.0/16，192.0.2.7", "signed": "1"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "192.0.2.7/32" in shown and "每次调用都要签名" in shown
    assert client.post(f"{page}/guard", {"networks": "nowhere"}).status_code == 422
    assert client.post(f"{page}/end").status_code == 302
    assert "立即停用旧密钥" not in client.get(page).content.decode()
