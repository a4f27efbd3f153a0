"""Covers that people upload: the browser sends the file straight to S3, and asks here what became of it."""

import json
import os
from uuid import UUID, uuid4

import boto3
from botocore.config import Config
from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel

from arcade.sign_in import user_id

CONTENT_TYPES = os.environ["UPLOADS_CONTENT_TYPES"].split(",")

# With the region and a virtual address: the global endpoint would answer new buckets with a redirect, which browsers do not follow here.
s3 = boto3.client("s3", region_name=os.environ["AWS_REGION"], config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))

router = APIRouter(prefix="/api/uploads", dependencies=[Depends(user_id)])


class NewUpload(BaseModel):
    content_type: str


@router.post("", status_code=201)
def sign(upload: NewUpload) -> dict:
    if upload.content_type not in CONTENT_TYPES:
        raise HTTPException(415, f"accepted are {', '.join(CONTENT_TYPES)}")
    name = str(uuid4())
    post = s3.generate_presigned_post(
        Bucket=os.environ["UPLOADS_BUCKET"],
        Key=os.environ["UPLOADS_PREFIX"] + name,
        Fields={"Content-Type": upload.content_type},
        Conditions=[{"Content-Type": upload.content_type}, ["content-length-range", 1, int(os.environ["UPLOADS_MAXIMUM_BYTES"])]],
        ExpiresIn=300,
    )
    return {"name": name, **post}


@router.get("/{name}")
def read(name: UUID, response: Response) -> dict:
    try:
        found = s3.get_object(Bucket=os.environ["IMAGES_BUCKET"], Key=f"{os.environ['IMAGES_RESULTS_PREFIX']}{name}.json")
    except s3.exceptions.NoSuchKey:
        response.status_code = 202
        return {"status": "waiting"}
    result = json.load(found["Body"])
    if result["status"] != "ready":
        return {"status": result["status"], "message": result["message"]}
    # The site has the images at the addresses that their keys say.
    images = [{"url": f"/{image['key']}", **{field: image[field] for field in ("size", "format", "width", "height")}} for image in result["images"]]
    return {"status": "ready", "images": images}
