"""What every storage backend promises, on a folder and on a real S3 server."""

import socket
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from tests.servers import ACCESS, BUCKET, s3_client
from webapp.core.storage import BACKENDS, Altered, Unreachable, open_storage
from webapp.core.storage.local import LocalStorage

PHOTO = bytes(range(256)) * 4096


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture(params=sorted(BACKENDS))
def url(request, tmp_path):
    if request.param == "file":
        return f"file://{tmp_path}/blobs"
    return request.getfixturevalue("s3_url")


@pytest.fixture
def storage(url):
    return open_storage(url)


def spoil(storage, name: str, data: bytes) -> None:
    """Do what the product never does: put other bytes under a digest."""
    if isinstance(storage, LocalStorage):
        storage.path(name).chmod(0o600)
        storage.path(name).write_bytes(data)
    else:
        client = s3_client(storage.place["endpoint"])
        client.put_object(Bucket=storage.bucket, Key=storage.key(name), Body=data)


@pytest.mark.parametrize("data", [b"", "督查".encode(), PHOTO])
def test_what_was_put_comes_back(storage, data):
    name = storage.put(data)
    assert name == digest(data)
    assert storage.has(name)
    assert storage.get(name) == data


def test_what_was_never_put_is_not_there(storage):
    name = digest(b"never")
    assert not storage.has(name)
    with pytest.raises(KeyError):
        storage.get(name)


def test_another_process_sees_it(storage, url):
    assert open_storage(url).get(storage.put(PHOTO)) == PHOTO


def test_changed_bytes_are_never_handed_out(storage):
    name = storage.put(PHOTO)
    spoil(storage, name, PHOTO[:-1])
    with pytest.raises(Altered):
        storage.get(name)


def test_nothing_is_overwritten(storage):
    name = storage.put(PHOTO)
    spoil(storage, name, b"the evidence that somebody changed it")
    assert storage.put(PHOTO) == name
    with pytest.raises(Altered):
        storage.get(name)


def test_the_same_at_the_same_moment_is_kept_once(storage):
    with ThreadPoolExecutor(8) as many:
        names = set(many.map(storage.put, [PHOTO] * 16))
    assert names == {digest(PHOTO)}
    assert storage.get(digest(PHOTO)) == PHOTO


def test_an_unknown_address_says_how_it_is_written():
    with pytest.raises(ValueError, match="file://, s3://"):
        open_storage("ftp://example.org/x")


# -- a store on another machine ---------------------------------------------------------------


@pytest.fixture
def away(s3_url):
    """Return a store as the environment now says, and the parts of its address."""

    def opened(bucket: str = BUCKET, endpoint: str = s3_url.partition("endpoint=")[2]):
        return open_storage(f"s3://{bucket}?endpoint={endpoint}")

    return opened


def reasons(storage) -> set[str]:
    """Return why each method refuses, in the store's own word."""
    found = set()
    for act in (lambda: storage.put(PHOTO), lambda: storage.get(digest(PHOTO))):
        with pytest.raises(Unreachable) as refusal:
            act()
        assert refusal.value.passes
        assert refusal.value.params["remedy"]
        found.add(str(refusal.value.params["reason"]))
    return found


@pytest.mark.parametrize("url", ["s3:///x", "s3://bucket?endpiont=http://x", "s3:bucket"])
def test_a_wrong_address_says_how_it_is_written(url):
    with pytest.raises(ValueError, match=r"s3://BUCKET"):
        open_storage(url)


def test_a_wrong_secret_is_named(away, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    assert reasons(away()) <= {"403", "SignatureDoesNotMatch"}


def test_missing_credentials_are_named(away, monkeypatch):
    for name in ACCESS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert reasons(away()) == {"NoCredentialsError"}


def test_a_bucket_that_is_not_ours_is_named(away):
    assert reasons(away("elsewhere")) <= {"403", "AccessDenied", "NoSuchBucket"}


def test_a_store_that_is_down_is_named(away):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and never listened on
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert reasons(away(endpoint=endpoint)) == {"EndpointConnectionError"}


def test_no_address_carries_the_secret(away):
    assert not any(ACCESS["AWS_SECRET_ACCESS_KEY"] in str(part) for part in vars(away()).values())


def test_a_file_that_is_being_written_does_not_exist(tmp_path):
    storage = LocalStorage(tmp_path)
    name = storage.put(PHOTO)
    assert [path for path in Path(tmp_path).rglob("*") if path.is_file()] == [storage.path(name)]
