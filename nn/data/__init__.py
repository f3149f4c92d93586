"""Data: datasets, the loader that batches them, transforms, encodings of text, and real data sets.

    train = nn.data.Digits(flat=True)
    for images, labels in nn.data.DataLoader(train, batch_size=32, shuffle=True):
        ...                                              # (32, 64) and (32,), as Tensors

`dataset.py` says what a dataset is, `loader.py` how it becomes batches, `folder.py` where files are
looked for.
"""

from nn.data.cifar10 import CIFAR10, CIFAR10Subset
from nn.data.collate import default_collate
from nn.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from nn.data.digits import Digits
from nn.data.encoding import one_hot
from nn.data.errors import DataError, MissingDataError
from nn.data.folder import data_folder
from nn.data.idx import read_idx
from nn.data.images import ImageDataset
from nn.data.loader import DataLoader
from nn.data.mnist import MNIST, FashionMNIST
from nn.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    WeightedRandomSampler,
)
from nn.data.sms_spam import SMSSpam
from nn.data.text import Vocabulary, tokenize
from nn.data.text_files import NextToken, SentencePairs, TextFile
from nn.data.transforms import (
    Compose,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomShift,
    ToDtype,
    rotate,
)
from nn.data.vectorizers import BagOfWords, TfIdf

__all__ = [
    "CIFAR10",
    "MNIST",
    "BagOfWords",
    "BatchSampler",
    "CIFAR10Subset",
    "Compose",
    "ConcatDataset",
    "DataError",
    "DataLoader",
    "Dataset",
    "Digits",
    "FashionMNIST",
    "ImageDataset",
    "MissingDataError",
    "NextToken",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomSampler",
    "RandomShift",
    "SMSSpam",
    "Sampler",
    "SentencePairs",
    "SequentialSampler",
    "Subset",
    "TensorDataset",
    "TextFile",
    "TfIdf",
    "ToDtype",
    "Vocabulary",
    "WeightedRandomSampler",
    "data_folder",
    "default_collate",
    "one_hot",
    "random_split",
    "read_idx",
    "rotate",
    "tokenize",
]
