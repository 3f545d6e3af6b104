"""What can go wrong with a shipped or chosen model.

ModelError
├── ModelMissing          a file of the model is not there or cannot be read
├── ManifestInvalid       the manifest is not TOML, lacks something, or says what cannot be meant
├── ModelChanged          a file is not the one the manifest pins (size or SHA-256)
└── ModelUnfit            the file is the pinned one, but not a model that Spiegel can run
"""

from typing import ClassVar


class ModelError(Exception):
    """The root of this folder's errors: ``what`` happened, and in ``advice`` what to do about it."""

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class ModelMissing(ModelError):
    """A file of the model is not there or cannot be read; once it is put back, trying again works."""

    retryable: ClassVar[bool] = True


class ManifestInvalid(ModelError):
    """The manifest is not TOML, lacks something, or says what cannot be meant."""


class ModelChanged(ModelError):
    """A file's size or SHA-256 is not what the manifest pins: it was damaged, swapped or only half copied."""


class ModelUnfit(ModelError):
    """ONNX Runtime does not load the model, or its inputs and outputs are not those of the manifest."""
