# SPDX-License-Identifier: Apache-2.0
"""Applications, middleware, templates, languages."""

from pathlib import Path

from datong.config.node import env

FOLDER, NODE = env.node()
DEBUG = env.debug()
HERE = Path(__file__).resolve().parent.parent

CONTEXTS = [
    *("audit", "organisations", "periods", "connections", "catalog", "sharing", "exchange"),
    *("demands", "corrections", "disputes", "deliveries", "subscriptions", "notifications", "portal"),
]  # lowest rung first
WITHDRAWAL_GUARDS = ("datong.contexts.sharing.face.live_grants",)
"""Who is asked before a published resource leaves the catalogue: code to the numbers of what lives on it."""
ALTERATION_GUARDS = ("datong.contexts.sharing.face.harmed_grants",)
"""Who is asked before items of one go away: code and fields to the numbers of what would lose them."""
LAKE_HOLDERS = ("datong.contexts.deliveries.face.versions_in_use",)
"""Who still reads versions of a lake table: resource code to the versions."""
DISPUTED_CORRECTIONS = "datong.contexts.corrections.face.disputed"
"""Who tells disputes of a report of an error: number and officer to what may be disputed of it."""
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "ninja",
    "procrastinate.contrib.django",
    *[f"datong.contexts.{name}" for name in CONTEXTS],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "datong.config.pages.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "datong.config.problems.ProblemMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "datong.contexts.organisations.pages.middleware.OfficerMiddleware",
    "datong.config.pages.refusals.RefusalMiddleware",
    "datong.config.pages.guard.GuardMiddleware",
]
if env.traces():
    MIDDLEWARE.insert(0, "datong.config.node.traces.requests.TraceMiddleware")
ROOT_URLCONF = "datong.config.urls"
WSGI_APPLICATION = "datong.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "datong.config.pages.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "datong.config.pages.context.shell",
            ],
        },
    }
]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86_400
AUTH_USER_MODEL = "organisations.Account"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/workbench"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
NINJA_PAGINATION_PER_PAGE = 50
