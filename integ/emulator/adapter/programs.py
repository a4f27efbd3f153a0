"""What runs for an image, as the harness wrote it (programs.ts)."""

import json
import os
from pathlib import Path

from botocore.exceptions import ClientError

from .api import client
from .engine import CannotStart


def program_of(image):
    """Answers the digest of the image and its program; an image without one cannot be pulled."""
    digest = digest_of(image)
    programs = json.loads(Path(os.environ["PROGRAMS_FILE"]).read_text())
    if digest not in programs:
        raise CannotStart(f"CannotPullContainerError: the emulator has no program for {image}: call programs.set('{digest}', …)")
    return digest, programs[digest]


def digest_of(image):
    """An image from elsewhere than a repository of the account has no digest here, and goes by its name."""
    name, _, digest = image.partition("@")
    if ".dkr.ecr." not in image:
        return digest or image
    repository, _, tag = name.split("/", 1)[1].partition(":")
    wanted = {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
    try:
        found = client("ecr").describe_images(repositoryName=repository, imageIds=[wanted])["imageDetails"]
    except ClientError as error:
        found = []
        reason = error.response["Error"]["Message"]
    else:
        reason = "not found"
    if not found:
        raise CannotStart(f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {reason}")
    return found[0]["imageDigest"]
