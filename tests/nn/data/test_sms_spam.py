"""The SMS Spam Collection: one message a line, and no CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from nn.data import DataError, DataLoader, SMSSpam
from tests.nn.data.files import needs_data


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "SMSSpamCollection"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_line_is_a_label_a_tab_and_a_message_with_anything_in_it(tmp_path: Path) -> None:
    write(tmp_path, 'ham\tsay "hi,\tthere\nspam\tWin £900!\x85now\u2028!\r\nham\t\n')
    messages = SMSSpam(tmp_path)
    assert messages.texts == ['say "hi,\tthere', "Win £900!\x85now\u2028!", ""]
    assert messages.labels.tolist() == [0, 1, 0] and messages.labels.dtype == "int64"
    assert messages[1] == (messages.texts[1], 1) and messages.classes[1] == "spam"
    texts, labels = next(iter(DataLoader(messages, 3)))
    assert texts == messages.texts and labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("ham\ta\nspam b\n", "line 2 begins with 'spam b'"),
        ("label\ttext\nham\ta\n", "line 1 begins with"),
        ("ham\ta\n\nham\tb\n", "line 2 begins with ''"),
        ("", "the file is empty"),
        (b"ham\ta\nspam\t\xa3900\n", "line 2 is not UTF-8: byte 0xa3"),
    ],
)
def test_a_faulty_file_is_named_with_the_line(
    tmp_path: Path, content: str | bytes, fault: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError, match=fault) as caught:
        SMSSpam(tmp_path)
    assert str(caught.value).startswith(str(path))


def test_the_papers_split_cuts_after_1674_lines(tmp_path: Path) -> None:
    write(tmp_path, "".join(f"{'spam' if i % 3 else 'ham'}\t{i}\n" for i in range(1700)))
    train, test = SMSSpam(tmp_path).paper_split()
    assert (len(train), len(test)) == (1674, 26)
    assert train.texts[-1] == "1673" and test[0] == ("1674", 0)
    write(tmp_path, "ham\ta\n")
    with pytest.raises(ValueError, match="only 1"):
        SMSSpam(tmp_path).paper_split()


@needs_data
def test_the_real_collection_has_its_counts() -> None:
    messages = SMSSpam()
    assert len(messages) == 5574 and messages.labels.sum() == 747
    _, test = messages.paper_split()
    assert len(test) == 3900 and round(1 - test.labels.mean(), 4) == 0.8695
