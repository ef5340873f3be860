# SPDX-License-Identifier: Apache-2.0
"""Addresses of organisations."""

from django.urls import path

from datong.contexts.organisations.pages import applications, deputies, people, sessions

app_name = "organisations"
urlpatterns = [
    path("sign-in", sessions.sign_in, name="sign_in"),
    path("sign-out", sessions.sign_out, name="sign_out"),
    path("account", sessions.account, name="account"),
    path("account/password", sessions.password, name="password"),
    path("account/totp", sessions.enrol, name="enrol"),
    path("account/totp/confirm", sessions.confirm, name="confirm"),
    path("accounts", people.accounts, name="accounts"),
    path("accounts/new", people.new_account, name="new_account"),
    path("accounts/<str:username>", people.one_account, name="one_account"),
    path("accounts/<str:username>/reset", people.reset, name="reset"),
    path("accounts/<str:username>/<slug:verb>", people.change_account, name="change_account"),
    path("deputies", deputies.deputies, name="deputies"),
    path("deputies/new", deputies.delegate, name="delegate"),
    path("deputies/<int:delegation>/end", deputies.end, name="end_delegation"),
    path("departments", people.departments, name="departments"),
    path("departments/new", people.new_department, name="new_department"),
    path("applications", applications.applications, name="applications"),
    path("applications/new", applications.register, name="register"),
    path("applications/<str:client_id>", applications.application, name="application"),
    path("applications/<str:client_id>/<slug:verb>", applications.change, name="change_application"),
]
