"""A sentence encoder by its name on a model hub: the files that make it up, and no others, into a folder.

By huggingface_hub of the extra `semantic`, imported only here; `HF_ENDPOINT` names another hub than the usual one.
Nobody is signed in for it, and nothing but the name of the model leaves. Nothing that is fetched is run as a program.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from escaltui.i18n import _
from escaltui.policy.model_files import LARGEST, ModelError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
"""How models are named on a hub: owner/name."""
GRAPHS = ("onnx/model.onnx", "model.onnx", "onnx/model_quantized.onnx")
"""Of several graphs the first of these."""
BESIDE = ("config.json", "sentence_bert_config.json", "1_Pooling/config.json", "config_sentence_transformers.json")
_REFUSED = ("RepositoryNotFoundError", "GatedRepoError", "RevisionNotFoundError", "HFValidationError",
            "DisabledRepoError")  # fmt: skip


def is_name(text: str) -> bool:
    """Whether a text names a model on a hub rather than a folder: it has the form, and no such folder is here."""
    return bool(NAME.fullmatch(text)) and not Path(text).exists()


def fetch(name: str, home: Path) -> Path:
    """Fetch a model into a folder of its own under `home`; gives that folder. What is whole is not fetched again.

    Raises ModelError: the extra is missing, the hub is not reached, it has no such model, or that is none for us.
    """
    hub = _library()
    place = home / name.replace("/", "--")
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _fetch(hub, name, place)
    except ModelError:
        raise
    except Exception as error:  # whatever its client of the day raises for a hub that is not there
        raise ModelError(_said(error, name)) from None
    finally:
        shutil.rmtree(place / ".cache", ignore_errors=True)
    return place


def _fetch(hub: Any, name: str, place: Path) -> None:
    endpoint = os.environ.get("HF_ENDPOINT")
    found = hub.HfApi(endpoint=endpoint, token=False).model_info(name, files_metadata=True)
    sizes = {each.rfilename: each.size or 0 for each in found.siblings or ()}
    graph = _graph(name, list(sizes))
    folder = graph.rpartition("/")[0]
    tokenizer = next((each for each in (f"{folder}/tokenizer.json", "tokenizer.json") if each in sizes), "")
    if not tokenizer:
        raise ModelError(_("{name} has no tokenizer.json. Choose another model.").format(name=name))
    if sizes[graph] > LARGEST:
        said = _("{name} is larger than {mib} MiB. Choose a smaller model, or one quantised to int8.")
        raise ModelError(said.format(name=name, mib=LARGEST >> 20))
    for each in (*(one for one in BESIDE if one in sizes), tokenizer, graph):
        hub.hf_hub_download(name, each, revision=found.sha, local_dir=place, endpoint=endpoint, token=False)


def _graph(name: str, files: Sequence[str]) -> str:
    """The one graph to take of a model's files."""
    graphs = [each for each in files if each.endswith(".onnx")]
    chosen = next((each for each in GRAPHS if each in graphs), graphs[0] if len(graphs) == 1 else "")
    if not graphs:
        said = _("{name} has no .onnx file. Choose a model that was exported to ONNX.")
        raise ModelError(said.format(name=name))
    if not chosen:
        said = _("{name} holds several models: {names}. Copy the one you want into a folder, and name that.")
        raise ModelError(said.format(name=name, names=", ".join(sorted(graphs)[:8])))
    if any(each.startswith((f"{chosen}_data", f"{chosen}.data")) for each in files):
        said = _("{path} keeps its weights in a second file. Export it as one file of less than 2 GiB.")
        raise ModelError(said.format(path=f"{name}/{chosen}"))
    return chosen


def _library() -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        return import_module("huggingface_hub")
    except ImportError:
        said = _("Fetching a model by its name needs more packages: python -m pip install 'escaltui[semantic]'. "
                 "Or name a folder.")  # fmt: skip
        raise ModelError(said) from None


def _said(error: Exception, name: str) -> str:
    if any(kind.__name__ in _REFUSED for kind in type(error).__mro__):
        said = _("The hub has no model {name}, or gives it to those it knows alone. Check the name, or name a folder.")
        return said.format(name=name)
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    said = _("{name} could not be fetched from {hub} ({why}). Get its folder here by other means, and name that: "
             "escaltui policy model use PATH.")  # fmt: skip
    return said.format(name=name, hub=hub, why=type(error).__name__)
