"""An image that is asked for and is not there is an error, and no empty answer.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
"""

from ministack.core.responses import error_response_json
from ministack.services import ecr


def install():
    describe = ecr._describe_images

    def describe_images(data):
        name = data.get("repositoryName", "")
        missing = [image for image in data.get("imageIds") or [] if name in ecr._repositories and not ecr._find_image(name, image)]
        if not missing:
            return describe(data)
        return error_response_json(
            "ImageNotFoundException", f"The image with imageId {missing[0]} does not exist within the repository with name '{name}'", 400)

    ecr._describe_images = describe_images
