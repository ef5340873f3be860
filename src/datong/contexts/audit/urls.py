# SPDX-License-Identifier: Apache-2.0
"""Addresses of audit."""

from django.urls import path

from datong.contexts.audit.pages import acts, evidence, persons, proofs

app_name = "audit"
urlpatterns = [
    path("acts", acts.acts, name="acts"),
    path("evidence", evidence.evidence, name="evidence"),
    path("evidence/verify", evidence.verify, name="verify"),
    path("evidence/receipt", evidence.receipt, name="receipt"),
    path("evidence/persons", persons.persons, name="persons"),
    path("evidence/records", proofs.records, name="records"),
    path("evidence/export", proofs.export, name="export"),
    path("evidence/records/<slug:log>/<int:index>", proofs.proof, name="proof"),
    path("evidence/notes/<slug:log>", evidence.note, name="note"),
    path("evidence/stamp.json", evidence.stamp, name="stamp"),
    path("evidence/node.pub", evidence.public_key, name="public_key"),
]
