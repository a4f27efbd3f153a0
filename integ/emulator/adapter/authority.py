"""Writes a throw-away certificate authority and a server certificate for 127.0.0.1 and localhost, and later, called with a
name as well, a certificate for that name."""

import datetime
import ipaddress
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def name(common_name):
    # No longer; clients look at the alternative names.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def certificate(subject, key, issuer, issuer_key, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=7))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def create(directory):
    key = ec.generate_private_key(ec.SECP256R1())
    authority = certificate("emulator authority", key, "emulator authority", key, [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(False, False, False, False, False, True, True, False, False), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ])
    write(directory / "authority", authority, key)
    issue(directory, "server", "localhost", [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


def issue(directory, file, subject, names):
    authority_key = serialization.load_pem_private_key((directory / "authority.key").read_bytes(), password=None)
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    key = ec.generate_private_key(ec.SECP256R1())
    signed = certificate(subject, key, "emulator authority", authority_key, [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName(names), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ])
    write(directory / file, signed, key)


def write(file, signed, key):
    pem = serialization.Encoding.PEM
    Path(f"{file}.pem").write_bytes(signed.public_bytes(pem))
    Path(f"{file}.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def main(directory, name=None):
    if name is None:
        create(directory)
    else:
        issue(directory, f"host-{name}", name, [x509.DNSName(name)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
