"""Mail that no person wrote to us, as it comes in German, English and French; each with what it is."""

from __future__ import annotations


def sample(
    sender: str, subject: str, *head: str, body: str = "Please see above.", kind: str = "text/plain"
) -> bytes:
    lines = [
        f"From: {sender}",
        "To: help@shop.example",
        f"Subject: {subject}",
        "Message-ID: <1@far.example>",
        *(
            []
            if any(line.lower().startswith("content-type") for line in head)
            else [f"Content-Type: {kind}; charset=utf-8"]
        ),
        *head,
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


def calendar(method: str, *, attached: bool) -> tuple[str, str]:
    """Header and body of an answer to an invitation."""
    outer = "mixed" if attached else "alternative"
    place = 'Content-Disposition: attachment; filename="invite.ics"\r\n' if attached else ""
    body = (
        "--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nI will be there.\r\n"
        f"--cut\r\nContent-Type: text/calendar; method={method}; charset=utf-8\r\n{place}\r\n"
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--cut--"
    )
    return f'Content-Type: multipart/{outer}; boundary="cut"', body


_REPORT = 'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"'
_REPORT_BODY = (
    "--cut\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
    "--cut\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n--cut--"
)
_RECEIPT = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"'
_GOOGLE, _GOOGLE_BODY = calendar("REPLY", attached=True)
_OUTLOOK, _OUTLOOK_BODY = calendar("REPLY", attached=False)
_ASKED, _ASKED_BODY = calendar("REQUEST", attached=False)

SAMPLES: dict[str, bytes] = {
    # out of office
    "away_exchange_en": sample(
        "Jo <jo@far.example>",
        "Automatic reply: your order",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "In-Reply-To: <a@shop.example>",
    ),
    "away_exchange_de": sample(
        "Uwe <uwe@far.example>",
        "Automatische Antwort: Ihre Rechnung",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        body="Ich bin bis zum 3. Mai nicht im Büro.",
    ),
    "away_exchange_fr": sample(
        "Luc <luc@far.example>",
        "Réponse automatique : votre commande",
        "Auto-Submitted: auto-replied",
        body="Je suis absent jusqu'au 3 mai.",
    ),
    "away_sieve": sample("Jo <jo@far.example>", "Auto: question", "Auto-Submitted: auto-replied (vacation)"),
    "away_gmail": sample(
        "Jo <jo@far.example>",
        "Away Re: question",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Auto-Submitted: auto-replied",
    ),
    "away_precedence": sample("Jo <jo@far.example>", "Gone fishing", "Precedence: auto_reply"),
    "away_autorespond": sample("Jo <jo@far.example>", "Re: question", "X-Autorespond: question"),
    "away_loop": sample("Jo <jo@far.example>", "Re: question", "X-Loop: jo@far.example"),
    "away_null_path": sample("Jo <jo@far.example>", "Re: question", "Return-Path: <>"),
    "away_no_header_en": sample(
        "Jo <jo@far.example>", "Out of Office: question", body="I am away until May."
    ),
    "away_no_header_de": sample(
        "Uwe <uwe@far.example>", "Abwesenheitsnotiz: Frage", body="Ich bin im Urlaub und lese keine Mails."
    ),
    "away_no_header_fr": sample("Luc <luc@far.example>", "Absence du bureau", body="Je suis en congé."),
    # bounces
    "bounce_report": sample(
        "MAILER-DAEMON@far.example",
        "Undelivered Mail Returned to Sender",
        "Return-Path: <>",
        _REPORT,
        body=_REPORT_BODY,
    ),
    "bounce_qmail": sample(
        "MAILER-DAEMON@far.example", "failure notice", body="Hi. This is the qmail-send program."
    ),
    "bounce_exchange_de": sample(
        "postmaster@far.example", "Unzustellbar: Ihre Rechnung", "Return-Path: <>", _REPORT, body=_REPORT_BODY
    ),
    "bounce_fr": sample("Mail Delivery System <mdaemon@far.example>", "Échec de remise : votre commande"),
    "bounce_no_header": sample("support@far.example", "Delivery Status Notification (Failure)"),
    "bounce_delayed": sample(
        "postmaster@far.example", "Delayed Mail (still being retried)", _REPORT, body=_REPORT_BODY
    ),
    "bounce_verp": sample("bounces+shop=7@far.example", "Returned mail: see transcript for details"),
    "read_receipt": sample("Jo <jo@far.example>", "Read: your order", _RECEIPT, body=_REPORT_BODY),
    "read_receipt_de": sample(
        "Uwe <uwe@far.example>", "Gelesen: Ihre Rechnung", body="Ihre Nachricht wurde gelesen."
    ),
    "read_receipt_fr": sample(
        "Luc <luc@far.example>", "Accusé de réception : commande", body="Votre message a été lu."
    ),
    # lists
    "list_id": sample(
        "Jo <jo@far.example>", "[dev] a patch", "List-Id: <dev.far.example>", "List-Post: <mailto:d@f>"
    ),
    "list_precedence": sample("Jo <jo@far.example>", "[dev] a patch", "Precedence: list"),
    "list_owner": sample("dev-owner@far.example", "Your subscription"),
    "list_request": sample("dev-request@far.example", "confirm 12ab34", body="Reply to confirm."),
    # newsletters
    "news_en": sample(
        "Far <news@far.example>", "Our spring sale", "List-Unsubscribe: <https://far.example/u>"
    ),
    "news_de": sample("Fern <newsletter@fern.example>", "Angebote der Woche", body="Nur noch bis Freitag!"),
    "news_fr": sample("Loin <info@loin.example>", "Soldes d'été", "Precedence: bulk", body="Jusqu'à -50 %."),
    "notification": sample("Portal <notifications@far.example>", "3 new messages"),
    "no_reply_en": sample("Far <no-reply@far.example>", "Your invoice 4711"),
    "no_reply_de": sample("Bank <nicht-antworten@bank.example>", "Ihr Kontoauszug"),
    "no_reply_fr": sample("Loin <ne-pas-repondre@loin.example>", "Votre facture"),
    "cron": sample("root@host.example", "Cron <root@host> backup", "Auto-Submitted: auto-generated"),
    # tickets
    "ticket_en": sample("Far help <help@far.example>", "[Ticket #48213] We received your request"),
    "ticket_de": sample(
        "Hilfe <hilfe@fern.example>", "Ihre Anfrage 4711 ist eingegangen, wir haben sie erhalten"
    ),
    "ticket_fr": sample("Aide <aide@loin.example>", "Votre demande n° 4711 a été reçue"),
    "ticket_marked": sample("Far <support@far.example>", "Re: order", "X-Auto-Response-Suppress: All"),
    "ticket_hashes": sample("Far <support@far.example>", "Request received ## 48213 ##"),
    "ticket_receipt_de": sample("Shop <service@fern.example>", "Eingangsbestätigung", body="Vielen Dank."),
    # calendars
    "calendar_google": sample(
        "Jo <jo@far.example>", "Accepted: Visit @ Tue 4 May", _GOOGLE, body=_GOOGLE_BODY
    ),
    "calendar_outlook": sample("Uwe <uwe@far.example>", "Zugesagt: Besuch", _OUTLOOK, body=_OUTLOOK_BODY),
    "calendar_fr": sample("Luc <luc@far.example>", "Refusé : Visite", _OUTLOOK, body=_OUTLOOK_BODY),
    "calendar_no_word": sample("Jo <jo@far.example>", "Visit", _ASKED, body=_ASKED_BODY),
    "calendar_attached": sample("Jo <jo@far.example>", "Visit", _GOOGLE, body=_GOOGLE_BODY),
    # our own, and nobody's
    "our_own": sample("Shop <help@shop.example>", "A question"),
    "two_senders": sample("a@far.example, b@far.example", "A question"),
}

PEOPLE: dict[str, bytes] = {
    "de": sample("Uwe <uwe@far.example>", "Frage zur Bestellung", body="Wann kommt das Paket?"),
    "en": sample(
        "Jo <jo@far.example>", "Re: your offer", "In-Reply-To: <a@shop.example>", body="Can I have two?"
    ),
    "fr": sample("Luc <luc@far.example>", "Ma commande", body="Bonjour, quand arrive le colis ?"),
    "not_automatic": sample("Jo <jo@far.example>", "Is anybody there?", "Auto-Submitted: no"),
    "about_being_away": sample("Jo <jo@far.example>", "Delivery while I am away", body="I am out next week."),
    "robotic_name": sample("Bo <abbot@far.example>", "A question"),
}
