"""The SMS Spam Collection: 5,574 text messages, each marked as spam or not."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import numpy as np

from nn.data.dataset import Dataset, check_index
from nn.data.errors import DataError
from nn.data.folder import Download, Source, locate, read_lines

__all__ = ["SMSSpam"]

_FILE = "SMSSpamCollection"
_PAPER_TRAIN = 1674


class SMSSpam(Dataset):
    """Text messages with label 0 for ham and 1 for spam: item i is (text, label).

    root: the folder with the file SMSSpamCollection, or with a folder sms_spam/ that has it; the
    folder named by $GRAPHGRAD_DATA, or the user's cache, if None.  download: fetches the file
    through pooch if it is not there.
    `texts` is a list of strings and `labels` int64 (N,). The file has 403 duplicate lines, so a
    random split leaks messages from one part into the other; see paper_split.
    Raises MissingDataError for a file that is nowhere; DataError for a line that is not UTF-8, has
    no tab, or another label.
    Source: Almeida, Gómez Hidalgo, Yamakami, Contributions to the Study of SMS Spam Filtering: New
    Collection and Results, ACM DocEng 2011.
    """

    classes: ClassVar[tuple[str, ...]] = ("ham", "spam")
    """What the labels mean."""
    source: ClassVar[Source] = Source(
        "SMSSpam",
        ("sms_spam",),
        (
            Download(
                "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
                "sha256:1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3",
                ((_FILE, _FILE),),
            ),
        ),
    )

    def __init__(
        self, root: str | os.PathLike[str] | None = None, *, download: bool = False
    ) -> None:
        (path,) = locate(self.source, [(_FILE,)], root, download)
        self.texts: list[str] = []
        labels = []
        for number, line in enumerate(read_lines(path), 1):
            label, tab, text = line.partition("\t")
            if not tab or label not in self.classes:
                raise DataError(
                    f"{path}: line {number} begins with {line[:20]!r}, not with ham or spam and a "
                    "tab. The file is damaged or of another kind; get it again."
                )
            self.texts.append(text)
            labels.append(self.classes.index(label))
        self.labels = np.array(labels, np.int64)

    def __len__(self) -> int:
        """The number of messages."""
        return len(self.texts)

    def __getitem__(self, index: Any) -> tuple[str, int]:
        """(text, label) at index. Raises IndexError outside [−N, N)."""
        place = check_index(self, index)
        return self.texts[place], int(self.labels[place])

    def paper_split(self) -> tuple[SMSSpam, SMSSpam]:
        """The paper's two parts: the first 1,674 messages (30%) to train on, the others to test.

        The paper says 30% without saying which; of the last 3,900 messages 86.95% are ham, its
        number for a filter that rejects nothing.
        Raises ValueError if there are not more messages than that.
        """
        if len(self) <= _PAPER_TRAIN:
            raise ValueError(
                f"SMSSpam.paper_split: it takes the first {_PAPER_TRAIN} messages to train on, but "
                f"there are only {len(self)}. Load the whole collection."
            )
        return self._part(slice(_PAPER_TRAIN)), self._part(slice(_PAPER_TRAIN, None))

    def _part(self, part: slice) -> SMSSpam:
        cut = object.__new__(type(self))
        cut.texts, cut.labels = self.texts[part], self.labels[part]
        return cut
