"""Addresses of the pages about messages."""

from __future__ import annotations

from django.urls import path

from notifications.views import announcements, cases, messages, metrics, provider, unsubscribe

urlpatterns = [
    path("account/messages/", messages.message_list, name="messages"),
    path("account/messages/<int:number>/", messages.message, name="message"),
    path("account/messages/<int:number>/html/", messages.message_html, name="message_html"),
    path("account/announcements/<int:number>/", announcements.announcement, name="announcement"),
    path("account/cases/", cases.case_list, name="cases"),
    path("account/cases/<str:number>/", cases.case, name="case"),
    path("contact/", cases.contact, name="contact"),
    path("contact/sent/<str:number>/", cases.contact_sent, name="contact_sent"),
    path("case/<str:token>/", cases.case_by_link, name="case_by_link"),
    path("webhooks/mail/<slug:provider>/", provider.provider_mail, name="provider_mail"),
    # Mailgun sends the mail itself, not what it reads in it, to an address that ends with "mime".
    path("webhooks/mail/<slug:provider>/mime/", provider.provider_mail, name="provider_mime"),
    path("webhooks/mail/<slug:provider>/events/", provider.provider_events, name="provider_events"),
    path("metrics", metrics.metrics, name="metrics"),
    # Stands in mails for ever: nothing may come before it, such as a language.
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
