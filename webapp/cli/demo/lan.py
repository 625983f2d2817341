"""The demo on the local network: over TLS, with a plain door beside it for the page of trust."""

import socket
from io import StringIO

import click
import segno

from webapp.core.tls import Tls


def address_here() -> str:
    """Return this machine's address on the local network; nothing is sent to find it.

    :raises click.ClickException: there is none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            raise click.ClickException(
                "没有找到局域网，请先连接网络。\nNo local network was found; connect to one first."
            ) from None


def show(tls: Tls, trust_url: str, link: str) -> None:
    """Print the two steps of a phone, each with its QR code."""
    click.echo("手机先扫第一个码，按页面提示信任证书（只需一次），再扫第二个码登录。")
    click.echo(
        "With a phone, scan the first code and trust the certificate (once); then the second."
    )
    click.echo(f"\n① 信任证书 Trust the certificate   {trust_url}")
    click.echo(qr(trust_url))
    click.echo(f"证书指纹 Its fingerprint (SHA-256):\n{tls.fingerprint}\n")
    click.echo(f"② 以督查员身份登录 Sign in as the inspector   {link}")
    click.echo(qr(link))


def qr(text: str) -> str:
    """Return a QR code for a terminal."""
    drawn = StringIO()
    segno.make(text, error="l").terminal(drawn, border=2, compact=True)
    return drawn.getvalue()
