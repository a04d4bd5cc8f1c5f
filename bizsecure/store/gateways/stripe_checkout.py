"""Stripe, through its own library: customers type their card on Stripe's page (SAQ A).

No card number reaches us and no script of Stripe's runs on our pages: a Checkout session is a
link. A card that Stripe keeps is a token here, in which customer and payment method stand.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import stripe
from babel.numbers import get_currency_precision
from moneyed import Money, get_currency

from bizsecure.store.gateways.interface import (
    Approved,
    Charge,
    Decline,
    Declined,
    KeptCard,
    NeedsCustomer,
    Outcome,
    Payer,
    SecurityCode,
    Sought,
    Step,
    Unknown,
    Verification,
)
from bizsecure.vault.cards import Brand, Expiry
from bizsecure.vault.services.handing import token_of
from consent.grounds import DataField
from consent.services.disclosing import Grant, spend

# Stripe looks up nothing by an idempotency key, so what was sent about then is looked through.
AROUND = timedelta(minutes=10)
DECLINES = {
    "insufficient_funds": Decline.TOO_LITTLE_MONEY,
    "expired_card": Decline.EXPIRED,
    "incorrect_cvc": Decline.WRONG_CODE,
    "invalid_cvc": Decline.WRONG_CODE,
    "incorrect_number": Decline.WRONG_NUMBER,
    "invalid_number": Decline.WRONG_NUMBER,
    "invalid_account": Decline.WRONG_NUMBER,
    "lost_card": Decline.LOST_OR_STOLEN,
    "stolen_card": Decline.LOST_OR_STOLEN,
    "pickup_card": Decline.LOST_OR_STOLEN,
    "authentication_required": Decline.NOT_CONFIRMED,
    "authentication_not_handled": Decline.NOT_CONFIRMED,
    "card_not_supported": Decline.NOT_SUPPORTED,
    "currency_not_supported": Decline.NOT_SUPPORTED,
    "processing_error": Decline.TRY_LATER,
    "issuer_not_available": Decline.TRY_LATER,
    "try_again_later": Decline.TRY_LATER,
}
BRANDS = {"amex": Brand.AMEX, "diners": Brand.DINERS} | {brand.value: brand for brand in Brand}

Answer = TypeVar("Answer", bound="Outcome | None")

logger = logging.getLogger(__name__)


class StripeGateway:
    """Checkout sessions for customers who are there, payment intents for cards that are kept."""

    recipient = "card-company"
    party = "Stripe"
    told = frozenset({DataField.NAME, DataField.BILLING_ADDRESS})
    asks_for_card = True
    pages: tuple[str, ...] = ("https://checkout.stripe.com",)

    def __init__(self, *, api: str, key: str, timeout: float) -> None:
        # What is sent and what comes back is looked at here, and by Stripe's own tests.
        self._client: Any = stripe.StripeClient(
            key,
            base_addresses={"api": api},
            http_client=stripe.RequestsClient(timeout=timeout),
            # We ask what became of a request ourselves, and tell nobody how long it took.
            max_network_retries=0,
        )
        stripe.enable_telemetry = False

    def verify(
        self, verification: Verification, grant: Grant, security_code: SecurityCode | None = None
    ) -> Outcome:
        spend(grant=grant, recipient=self.recipient, fields=self.told)

        def begin() -> Outcome:
            customer = self._customer(verification.key, verification.payer)
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "payment_method_types": ["card"],
                    "customer": customer,
                    "client_reference_id": verification.key,
                    "metadata": {"key": verification.key},
                    "success_url": verification.return_url,
                    "cancel_url": verification.return_url,
                },
                {"idempotency_key": _key(Step.VERIFY, verification.key)},
            )
            return _of_session(session)

        return _heard(begin)

    def authorise(self, charge: Charge, grant: Grant) -> Outcome:
        token = token_of(uid=charge.card, grant=grant) if charge.card else None
        spend(grant=grant, recipient=self.recipient, fields=self.told)
        if token is None:
            return _heard(lambda: self._on_their_page(charge))
        return _heard(lambda: self._with_kept_card(charge, token))

    def capture(self, *, key: str, authorisation: str, amount: Money) -> Outcome:
        def take() -> Outcome:
            intent = self._client.v1.payment_intents.capture(
                authorisation,
                {"amount_to_capture": _minor(amount)},
                {"idempotency_key": _key(Step.CAPTURE, key)},
            )
            return _of_capture(intent) or Unknown()

        return _heard(take)

    def refund(self, *, key: str, capture: str, amount: Money) -> Outcome:
        def give_back() -> Outcome:
            refund = self._client.v1.refunds.create(
                {"payment_intent": capture, "amount": _minor(amount), "metadata": {"key": key}},
                {"idempotency_key": _key(Step.REFUND, key)},
            )
            return _of_refund(refund)

        return _heard(give_back)

    def void(self, *, key: str, authorisation: str) -> Outcome:
        def let_go() -> Outcome:
            if authorisation.startswith("cs_"):
                return self._closed(key, authorisation)
            return self._cancelled(key, authorisation)

        return _heard(let_go)

    def find(self, sought: Sought) -> Outcome | None:
        ways: dict[Step, Callable[[Sought], Outcome | None]] = {
            Step.VERIFY: self._find_session,
            Step.AUTHORISE: self._find_authorisation,
            Step.CAPTURE: lambda asked: _of_capture(self._intent(asked.of)),
            Step.VOID: lambda asked: _of_void(self._intent(asked.of)),
            Step.REFUND: self._find_refund,
        }
        return _heard(lambda: ways[sought.step](sought))

    def _customer(self, key: str, payer: Payer) -> str:
        """Return a customer of Stripe's with the name and the billing address of the payer."""
        address: Any = {
            "line1": payer.street,
            "line2": payer.extra,
            "city": payer.city,
            "state": payer.region,
            "postal_code": payer.postcode,
            "country": payer.country,
        }
        made = self._client.v1.customers.create(
            {
                "name": payer.name,
                "address": {name: value for name, value in address.items() if value},
            },
            {"idempotency_key": f"customer-{key}"},
        )
        return str(made.id)

    def _on_their_page(self, charge: Charge) -> Outcome:
        session = self._client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "payment_method_types": ["card"],
                "customer": self._customer(charge.key, charge.payer),
                "client_reference_id": charge.key,
                "metadata": {"key": charge.key},
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": charge.amount.currency.code.lower(),
                            "unit_amount": _minor(charge.amount),
                            "product_data": {"name": charge.order},
                        },
                    }
                ],
                "payment_intent_data": {
                    "capture_method": "manual",
                    "metadata": {"key": charge.key},
                },
                "success_url": charge.return_url,
                "cancel_url": charge.return_url,
            },
            {"idempotency_key": _key(Step.AUTHORISE, charge.key)},
        )
        return _of_session(session)

    def _with_kept_card(self, charge: Charge, token: str) -> Outcome:
        customer, _slash, method = token.partition("/")
        params: Any = {
            "amount": _minor(charge.amount),
            "currency": charge.amount.currency.code.lower(),
            "customer": customer,
            "payment_method": method,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "description": charge.order,
            "metadata": {"key": charge.key},
        }
        if charge.customer_is_there:
            params["return_url"] = charge.return_url
        else:
            params["off_session"] = True
        options: Any = {"idempotency_key": _key(Step.AUTHORISE, charge.key)}
        return _of_intent(self._client.v1.payment_intents.create(params, options))

    def _closed(self, key: str, reference: str) -> Outcome:
        """Close a page. One that is closed or used already cannot be: then its state is asked."""
        options: Any = {"idempotency_key": _key(Step.VOID, key)}
        try:
            return Approved(
                str(self._client.v1.checkout.sessions.expire(reference, {}, options).id)
            )
        except stripe.InvalidRequestError:
            session = self._session(reference)
        if session.status == "complete" and session.payment_intent:
            return self._cancelled(f"{key}-paid", str(session.payment_intent.id))
        return Approved(reference) if session.status == "expired" else Unknown()

    def _cancelled(self, key: str, reference: str) -> Outcome:
        """Let go of an amount. What is gone or taken already cannot be: then it is asked for."""
        options: Any = {"idempotency_key": _key(Step.VOID, key)}
        try:
            return Approved(str(self._client.v1.payment_intents.cancel(reference, {}, options).id))
        except stripe.InvalidRequestError:
            return _of_void(self._intent(reference)) or Unknown()

    def _intent(self, reference: str) -> Any:
        return self._client.v1.payment_intents.retrieve(reference)

    def _session(self, reference: str) -> Any:
        return self._client.v1.checkout.sessions.retrieve(
            reference, {"expand": ["payment_intent.payment_method", "setup_intent.payment_method"]}
        )

    def _find_session(self, sought: Sought) -> Outcome | None:
        reference = sought.reference or self._named(
            self._client.v1.checkout.sessions.list(_around(sought)), sought
        )
        return _of_session(self._session(reference)) if reference else None

    def _find_authorisation(self, sought: Sought) -> Outcome | None:
        if sought.reference.startswith("pi_"):
            return _of_intent(self._intent(sought.reference))
        # First the page: a card that was refused there leaves an intent behind, and another one
        # may be typed until the page is closed.
        page = self._find_session(sought)
        if page is not None or sought.reference:
            return page
        reference = self._named(self._client.v1.payment_intents.list(_around(sought)), sought)
        return _of_intent(self._intent(reference)) if reference else None

    def _find_refund(self, sought: Sought) -> Outcome | None:
        refunds = self._client.v1.refunds.list({"payment_intent": sought.of, "limit": 100})
        for refund in refunds.auto_paging_iter():
            if _metadata_key(refund) == sought.key:
                return _of_refund(refund)
        return None

    @staticmethod
    def _named(found: Any, sought: Sought) -> str:
        """Return the reference of what carries the key, among all that was made about then."""
        everything: Iterable[Any] = found.auto_paging_iter()
        return next((str(each.id) for each in everything if _metadata_key(each) == sought.key), "")


def is_signed(body: bytes, header: str, *, secret: str) -> bool:
    """Whether a call comes from Stripe and was made within the last five minutes."""
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, 300))
    except (stripe.SignatureVerificationError, ValueError):
        return False


def _heard(ask: Callable[[], Answer]) -> Answer | Declined | Unknown:
    """Return what Stripe answers; whatever is no clear answer is Unknown."""
    try:
        return ask()
    except stripe.CardError as refused:
        return _declined(refused.error)
    except stripe.StripeError as problem:
        # Its code and not its words, in which what was sent may stand.
        logger.warning("Stripe: %s %s", type(problem).__name__, problem.code)
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.exception("Stripe's answer makes no sense")
    return Unknown()


def _of_session(session: Any) -> Outcome:
    if session.status == "open":
        return NeedsCustomer(str(session.url), str(session.id))
    if session.status == "expired":
        return Declined(Decline.NOT_CONFIRMED, str(session.id))
    if session.mode == "setup":
        return _of_setup(session.setup_intent)
    paid = _of_intent(session.payment_intent)
    card = getattr(session.payment_intent.payment_method, "card", None)
    if isinstance(paid, Approved) and card is not None:
        brand = BRANDS.get(str(card.brand), Brand.OTHER)
        return replace(paid, brand=brand.value, last_four=str(card.last4))
    return paid


def _of_setup(setup: Any) -> Outcome:
    if setup.status != "succeeded":
        return Declined(Decline.NOT_CONFIRMED, str(setup.id))
    card = setup.payment_method.card
    return Approved(
        str(setup.id),
        card=KeptCard(
            token=f"{setup.customer}/{setup.payment_method.id}",
            brand=BRANDS.get(str(card.brand), Brand.OTHER),
            last_four=str(card.last4),
            expiry=Expiry(int(card.exp_year), int(card.exp_month)),
        ),
    )


def _of_intent(intent: Any) -> Outcome:
    match intent.status:
        case "requires_capture" | "succeeded":
            return Approved(str(intent.id), _money(intent.amount, intent.currency))
        case "requires_action":
            return NeedsCustomer(str(intent.next_action.redirect_to_url.url), str(intent.id))
        case "requires_payment_method" | "canceled":
            return _declined(intent.last_payment_error, str(intent.id))
        case _:
            return Unknown()


def _of_capture(intent: Any) -> Outcome | None:
    match intent.status:
        case "succeeded":
            return Approved(str(intent.id), _money(intent.amount_received, intent.currency))
        case "requires_capture":
            return None
        case "canceled":
            return Declined(Decline.REFUSED, str(intent.id))
        case _:
            return Unknown()


def _of_void(intent: Any) -> Outcome | None:
    if intent.status == "canceled":
        return Approved(str(intent.id))
    return Declined(Decline.REFUSED, str(intent.id)) if intent.status == "succeeded" else None


def _of_refund(refund: Any) -> Outcome:
    match refund.status:
        case "succeeded" | "pending":
            return Approved(str(refund.id), _money(refund.amount, refund.currency))
        case "failed" | "canceled":
            return Declined(Decline.REFUSED, str(refund.id))
        case _:
            return Unknown()


def _declined(error: Any, reference: str = "") -> Declined:
    words = (getattr(error, "decline_code", None), getattr(error, "code", None))
    reason = next((DECLINES[word] for word in words if word in DECLINES), Decline.REFUSED)
    intent = getattr(error, "payment_intent", None)
    return Declined(reason, reference or str(getattr(intent, "id", "") or ""))


def _key(step: Step, key: str) -> str:
    return f"{step}-{key}"


def _metadata_key(thing: Any) -> str:
    return str(thing.metadata["key"]) if thing.metadata and "key" in thing.metadata else ""


def _around(sought: Sought) -> Any:
    since, until = sought.asked_at - AROUND, sought.asked_at + AROUND
    created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
    return {"created": created, "limit": 100}


def _minor(money: Money) -> int:
    """Return an amount in the smallest unit of its currency, as Stripe counts."""
    return int(money.amount.scaleb(get_currency_precision(money.currency.code)))


def _money(amount: int, currency: str) -> Money:
    code = str(currency).upper()
    return Money(Decimal(amount).scaleb(-get_currency_precision(code)), get_currency(code))
