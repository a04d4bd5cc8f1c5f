"""Addresses of the shop."""

from __future__ import annotations

from django.urls import path

from bizsecure.store.views import calls, cart, catalogue, checkout, held, orders

urlpatterns = [
    path("webhooks/<str:gateway>/", calls.gateway_calls, name="gateway_calls"),
    path("shop/", catalogue.show_shop, name="shop"),
    path("shop/compare/", catalogue.compare, name="compare_plans"),
    path("shop/<slug:slug>/", catalogue.show_product, name="product"),
    path("cart/", cart.show_cart, name="cart"),
    path("cart/add/", cart.add_to_cart, name="cart_add"),
    path("cart/change/", cart.change_cart, name="cart_change"),
    path("cart/undo/", cart.undo_sign_in, name="cart_undo"),
    path("cart/suggestions/", cart.switch_suggestions, name="suggestions"),
    path("terms/", orders.show_terms, name="terms"),
    path("terms/<int:number>/", orders.show_terms, name="terms_version"),
    path("checkout/", checkout.show_checkout, name="checkout"),
    path("checkout/begin/", checkout.begin, name="checkout_begin"),
    path("checkout/confirm/", checkout.confirm, name="checkout_confirm"),
    path("checkout/address/", checkout.save_address, name="checkout_address"),
    path("checkout/place/", checkout.place, name="checkout_place"),
    path("account/orders/", orders.order_list, name="orders"),
    path("account/orders/<str:number>/", orders.show_order, name="order"),
    path("account/orders/<str:number>/cancel/", orders.cancel, name="order_cancel"),
    path("account/orders/<str:number>/pay/", orders.pay_again, name="order_pay"),
    path("account/orders/<str:number>/call-off/", orders.call_payment_off, name="order_call_off"),
    path("account/orders/<str:number>/look/", orders.look_again, name="order_look"),
    path("account/orders/<str:number>/<str:kind>/", orders.show_invoice, name="invoice"),
    path("account/orders/<str:number>/<str:kind>.pdf", orders.invoice_pdf, name="invoice_pdf"),
    path("account/services/", held.service_list, name="services"),
    path("account/services/<uuid:uid>/", held.show_service, name="service"),
    path("account/services/<uuid:uid>/renew/", held.renew, name="service_renew"),
    path("account/services/<uuid:uid>/cancel/", held.cancel, name="service_cancel"),
    path("account/services/<uuid:uid>/keep/", held.keep, name="service_keep"),
]
