"""Where policies are read and choices are made."""

from __future__ import annotations

from django.urls import URLPattern, path

from consent.models import ACCEPTABLE_USE, PRIVACY
from consent.views import choices, claims, disclosures, policies


def _pages_of(slug: str) -> list[URLPattern]:
    """Return the pages of a policy, which are reversed with its slug.

    Without one, reversing finds the policy that is listed last.
    """
    return [
        path(address, view, {"slug": slug}, name=name)
        for address, view, name in (
            (f"{slug}/", policies.policy, "policy"),
            (f"{slug}/versions/", policies.policy_versions, "policy_versions"),
            (f"{slug}/versions/<int:number>/", policies.policy_version, "policy_version"),
            (f"{slug}/compare/", policies.policy_compare_chosen, "policy_compare_chosen"),
            (f"{slug}/compare/<int:older>/<int:newer>/", policies.policy_compare, "policy_compare"),
        )
    ]


urlpatterns = [
    *_pages_of(ACCEPTABLE_USE),
    *_pages_of(PRIVACY),
    path("accounts/claim/", claims.claim, name="claim"),
    path("accounts/claim/sign-up/", claims.sign_up, name="claim_sign_up"),
    path("account/privacy/", choices.choices, name="choices"),
    path("account/notices/<int:number>/", choices.notice, name="notice"),
    path("account/disclosures/", disclosures.disclosures, name="disclosures"),
    path("account/disclosures/who.csv", disclosures.disclosures_csv, name="disclosures_csv"),
    path("account/disclosures/who.json", disclosures.disclosures_json, name="disclosures_json"),
    path("transparency/", disclosures.transparency, name="transparency"),
    path("transparency/counts.csv", disclosures.transparency_csv, name="transparency_csv"),
    path("choose/<str:token>/", choices.choose, name="choose"),
]
