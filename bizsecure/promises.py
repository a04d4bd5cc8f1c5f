"""What the company promises its customers: the one table that code, pages and documents read.

The promises page shows it, the tests in tests/promises/ are named after its ids, and
docs/promises.md is written from it: `python -m bizsecure.promises > docs/promises.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TESTS = Path("tests", "promises")

INTRODUCTION = """\
# What BizSecure promises its customers

Written from the table in `bizsecure/promises.py` by `python -m bizsecure.promises`: change the
table, not this page. Where no test is named, no test holds the promise so far.

"Personal information" is what identifies a customer: name, e-mail address, postal address,
telephone number, card.
"""
TABLE_HEAD = "| id | promise | what makes it true | tests that hold it |\n|---|---|---|---|"


@dataclass(frozen=True)
class Promise:
    """A promise, the section of the policy it stands in, and the behavior that keeps it."""

    id: str
    group: str
    promise: str
    kept_by: str

    @property
    def test_file(self) -> Path:
        """The test of this promise, from the root of the project, whether it exists or not."""
        return TESTS / f"test_{self.id.lower().replace('-', '_')}.py"


def as_markdown(promises: Iterable[Promise], tests: Collection[Path]) -> str:
    """Return the promises as a document with a table for each group.

    Of `tests`, paths from the root of the project, each promise names the one that is its own.
    """
    sections = [INTRODUCTION]
    for group, members in groupby(promises, key=attrgetter("group")):
        rows = "\n".join(_row(promise, tests) for promise in members)
        sections.append(f"## {group}\n\n{TABLE_HEAD}\n{rows}\n")
    return "\n".join(sections)


def written_tests() -> set[Path]:
    """Return the tests of promises that exist, as paths from the root of the project."""
    return {path.relative_to(PROJECT) for path in (PROJECT / TESTS).glob("test_*.py")}


def _row(promise: Promise, tests: Collection[Path]) -> str:
    test = promise.test_file
    link = f"[{test.stem}](../{test.as_posix()})" if test in tests else ""
    return f"| {promise.id} | {promise.promise} | {promise.kept_by} | {link} |"


PROMISES: tuple[Promise, ...] = (
    Promise(
        "DATA-1",
        "Data held",
        "Customers give name, address, telephone and card data to establish service.",
        "They are collected at sign-up and checkout only, each field says why it is asked "
        "for, and the customer sees all of it in the control panel.",
    ),
    Promise(
        "DATA-2",
        "Data held",
        "The company keeps account status, choice of services and customer logs.",
        "The customer sees these too: status, services, and a log of everything that happened "
        "to the account.",
    ),
    Promise(
        "SEC-1",
        "Data security",
        "Sensitive information is encrypted, in transit and stored.",
        "HTTPS only outside development; card number, telephone and postal address are "
        "encrypted in the database under keys that can be rotated; a card is shown as brand "
        "and last four digits only, and its security code is never stored.",
    ),
    Promise(
        "SEC-2",
        "Data security",
        "Only employees who need it have access, and they keep it confidential.",
        "Staff roles; a staff member must accept the confidentiality terms before any "
        "customer record opens; every staff look at and change of personal information is "
        "recorded with the reason and shown to the customer.",
    ),
    Promise(
        "SEC-3",
        "Data security",
        "Questions about security have an address.",
        "A security contact page and /.well-known/security.txt.",
    ),
    Promise(
        "SEC-4",
        "Data security",
        "Nothing on the Internet is entirely secure, and customers are told so.",
        "Said where data is asked for; a breach can be announced to exactly the customers it "
        "touches.",
    ),
    Promise(
        "MAIL-1",
        "E-mail links",
        "Every message from the feedback page is read and answered promptly.",
        "Feedback becomes a case in an inbox: who read it, when it was answered, how long it "
        "took; the oldest unanswered is impossible to overlook.",
    ),
    Promise(
        "MAIL-2",
        "E-mail links",
        "Comments may be kept to improve the site or discarded after review.",
        "Each case ends as answered, kept or discarded; discarded ones lose their content "
        "after a stated period.",
    ),
    Promise(
        "COOKIE-1",
        "Cookies",
        "A cookie remembers the visitor's name and the contents of the shopping cart; leave, "
        "come back, the cart is intact.",
        "A signed cookie holds both, without an account and without a database row for the "
        "visitor; after signing in the cart follows the customer to other devices.",
    ),
    Promise(
        "COOKIE-2",
        "Cookies",
        "The site is tailored to the customer's interests.",
        "Suggestions from the cart and the services held, computed from first-party data "
        "only; the customer can see why and switch it off.",
    ),
    Promise(
        "COOKIE-3",
        "Cookies",
        "The site requires cookies; without them it is limited.",
        "A browser without cookies can still read everything public and is told, in plain "
        "words, what does not work and why. Nothing breaks.",
    ),
    Promise(
        "COOKIE-4",
        "Cookies",
        "Partners' cookies are out of the company's hands.",
        "No page of ours loads anything from, or sets a cookie for, another site; the cookie "
        "page lists each cookie that we set, its purpose and lifetime.",
    ),
    Promise(
        "LOG-1",
        "Log files",
        "IP addresses serve trends, administration, movement and broad demographics, in aggregate.",
        "Traffic pages for staff: visits by hour, page, referrer, country or network, and "
        "paths through the site.",
    ),
    Promise(
        "LOG-2",
        "Log files",
        "IP addresses are not linked to personally identifiable information and stay internal.",
        "What is stored cannot be joined to a customer, not even by us: no customer id, "
        "session or exact address beside it; a test proves it. Security needs (sign-in "
        "throttling) keep an address only as long as the throttle lasts.",
    ),
    Promise(
        "LINK-1",
        "Links",
        "Other sites' privacy is not ours.",
        "A link that leaves the site is marked and says so before one leaves.",
    ),
    Promise(
        "THIRD-1",
        "Third parties",
        "On a purchase, card data, name and billing address go to the card company for "
        "verification and authorization.",
        "Through one payment gateway interface; each disclosure is recorded: what, to whom, "
        "why, when.",
    ),
    Promise(
        "THIRD-2",
        "Third parties",
        "Name and billing information go to partners (ScanAlert, GeoTrust) to deliver what "
        "was bought.",
        "Only to the partner whose product is in the order, only the declared fields, "
        "recorded likewise.",
    ),
    Promise(
        "THIRD-3",
        "Third parties",
        "Personal information is not sold, shared or rented to anyone else.",
        "The register of disclosures is the only door: a disclosure without a declared "
        "recipient, purpose and field list is refused in code.",
    ),
    Promise(
        "THIRD-4",
        "Third parties",
        "Offers on behalf of partners are sent by the company; customers give their data to "
        "the partner themselves.",
        "Partner offers are sent by us to those who have not opted out; the partner receives "
        "no customer data, and no link in the mail identifies the customer to it.",
    ),
    Promise(
        "THIRD-5",
        "Third parties",
        "If part of the business is sold, customer information is likely among the assets; "
        "the company will attempt to notify those impacted.",
        "A business-transfer notice to exactly the impacted customers, with proof of each attempt.",
    ),
    Promise(
        "OPT-1",
        "Opt-out and modification",
        "Customers may opt out of notices of new or upgraded products from the company and "
        "its partners by writing to the opt-out address.",
        "A mail to that address works with no staff; so do one click in the mail itself "
        "(RFC 8058), a link without signing in, and the control panel.",
    ),
    Promise(
        "OPT-2",
        "Opt-out and modification",
        "Essential information about the account or the system can't be opted out of.",
        "Essential notices ignore opt-outs, and product news cannot be sent as essential "
        "without a second staff member agreeing.",
    ),
    Promise(
        "OPT-3",
        "Opt-out and modification",
        "Customers access and modify their personal information in the control panel.",
        "View and edit everything; history of changes; download of everything.",
    ),
    Promise(
        "OPT-4",
        "Opt-out and modification",
        "All other customers do so through the billing department.",
        "Customers without a panel sign-in: staff act on their behalf, recorded as such, and "
        "the customer is told by mail or letter.",
    ),
    Promise(
        "OPT-5",
        "Opt-out and modification",
        "Corrections also by signing in or by mail to support.",
        "Support mail becomes a case linked to the customer.",
    ),
    Promise(
        "CHANGE-1",
        "Changes",
        "The policy may change; changes are posted on the site.",
        "Published versions never change or vanish; each has its date, and any two can be "
        "compared.",
    ),
    Promise(
        "CHANGE-2",
        "Changes",
        "A new manner of using personal information is announced by e-mail or prominent "
        "notice 30 days before it takes effect.",
        "A scheduled job mails every affected customer, and the site shows the notice; a "
        "version cannot take effect for a customer who has not had 30 full days.",
    ),
    Promise(
        "CHANGE-3",
        "Changes",
        "Customers have a choice about each such use.",
        "A yes or no per new use, changeable at any time, recorded with the version seen; "
        "code that uses personal information asks before it does, and silence is not a yes.",
    ),
    Promise(
        "CHANGE-4",
        "Changes",
        "Using the site means accepting the current policy.",
        "The version in force at sign-up and each later acceptance or acknowledgement are "
        "recorded, and stand on one page of the account with the text as it was.",
    ),
    Promise(
        "DISC-1",
        "Disclosure",
        "Otherwise information is disclosed only to identify, contact or bring action against "
        "someone causing harm, or where the law requires.",
        "Entered in the register by staff with one of those grounds and a second person's "
        "approval; the customer sees it unless the law forbids (and then from the day it no "
        "longer does).",
    ),
    Promise(
        "DISC-2",
        "Disclosure",
        "Contents of customers' communications are disclosed only: to provide service; to "
        "protect legitimate interests; under a valid legal order; to law enforcement when "
        "inadvertently obtained and apparently about a crime.",
        "The same register with those four grounds, and no fifth. A yearly transparency "
        "report counts them.",
    ),
    Promise(
        "DISC-3",
        "Disclosure",
        "No censorship or surveillance; but communications that may harm are reviewed, "
        "deleted or blocked, on the grounds of the Acceptable Use Policy.",
        "The acceptable use policy is published and versioned like the privacy policy. Each "
        "action names a ground that the version in force has, what it rests on and how long it "
        "lasts, and is recorded in a ledger; the customer is told, sees it in the account and "
        "objects there, and somebody else looks again. The transparency report counts them.",
    ),
)

if __name__ == "__main__":
    sys.stdout.write(as_markdown(PROMISES, written_tests()))
