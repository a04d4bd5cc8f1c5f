"""Uses while they are drafted: words can be mended, one use has one key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from consent.drafts import as_draft
from consent.models import PolicyVersion, Use
from consent.reasons import Reason
from consent.services.publishing import save_draft
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft


def test_the_words_of_a_use_that_stood_only_in_a_draft_can_be_mended(
    policy: PolicyVersion,
) -> None:
    save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    mended = replace(UPTIME_WATCH, purpose="watch that your site is up")
    version = save_draft(draft=a_draft(2, RUN_ACCOUNT, mended), actor=SYSTEM)
    assert as_draft(version).uses[1].purpose == "watch that your site is up"


def test_the_words_of_a_published_use_cannot(policy: PolicyVersion) -> None:
    with pytest.raises(Refused) as refusal:
        save_draft(
            draft=a_draft(2, RUN_ACCOUNT, replace(PRODUCT_NEWS, purpose="sell")), actor=SYSTEM
        )
    assert refusal.value.reason is Reason.USE_IS_ANOTHER


def test_a_use_that_no_draft_declares_any_more_is_forgotten(policy: PolicyVersion) -> None:
    save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    save_draft(draft=a_draft(2, RUN_ACCOUNT), actor=SYSTEM)
    assert set(Use.objects.values_list("key", flat=True)) == {"run-account", "product-news"}


def test_a_use_has_one_key(policy: PolicyVersion) -> None:
    with pytest.raises(Refused) as refusal:
        save_draft(
            draft=a_draft(2, RUN_ACCOUNT, replace(PRODUCT_NEWS, key="more-news")), actor=SYSTEM
        )
    assert refusal.value.reason is Reason.USE_HAS_A_KEY
    assert refusal.value.facts == {"use": "more-news", "known": "product-news"}
