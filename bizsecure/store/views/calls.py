"""Where gateways call. No cookie and no form: what counts is the signature."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bizsecure.store.gateways.choosing import read_call
from bizsecure.store.services.listening import hear


@csrf_exempt
@require_POST
def gateway_calls(request: HttpRequest, gateway: str) -> HttpResponse:
    """Hear a call: 400 for one that is not signed, 200 for any that is, the second time too."""
    if gateway != settings.PAYMENT_GATEWAY:
        raise Http404
    call = read_call(gateway, request.body, request.headers, time.time())
    if call is None:
        return HttpResponseBadRequest("not signed, or not understood", content_type="text/plain")
    hear(gateway=gateway, call=call)
    return HttpResponse("heard", content_type="text/plain")
