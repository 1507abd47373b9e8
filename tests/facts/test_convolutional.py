"""Convolutional networks: stages, block forms, U-Nets and autoencoders, live and from prints."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import nn

from archmagic import explain
from archmagic.facts import Facts, find_facts
from archmagic.read import read

BOTH = pytest.mark.parametrize("given", [lambda model: model, repr], ids=["live", "print"])


def facts(x: object) -> Facts:
    return find_facts(read(x)).facts


def value(found: Facts, key: str, scope: str | None = None) -> object:
    fact = found.get(key, scope)
    return fact and fact.value


class Basic(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(n_in, n_out, 3), nn.BatchNorm2d(n_out)
        self.conv2, self.bn2 = nn.Conv2d(n_out, n_out, 3), nn.BatchNorm2d(n_out)
        if n_in != n_out:
            self.downsample = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride=2), nn.BatchNorm2d(n_out))


class Bottleneck(nn.Module):
    def __init__(self, n_in: int, inner: int, n_out: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(n_in, inner, 1), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, n_out, 1), nn.BatchNorm2d(n_out)
        if n_in != n_out:
            self.downsample = nn.Sequential(nn.Conv2d(n_in, n_out, 1), nn.BatchNorm2d(n_out))


class ResNet(nn.Module):
    def __init__(self, block: Callable[[int, int], nn.Module], counts: tuple[int, ...] = (2, 3, 1)) -> None:
        super().__init__()
        self.conv1, before = nn.Conv2d(3, 16, 7, stride=2), 16
        for i, count in enumerate(counts):
            width = 16 * 2 ** (i + 1)
            setattr(self, f"layer{i + 1}", nn.Sequential(*(block(before if k == 0 else width, width) for k in range(count))))
            before = width
        self.fc = nn.Linear(before, 10)


class DenseLayer(nn.Module):
    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(n_in, 32, 1), nn.Conv2d(32, 8, 3)


class DenseNet(nn.Module):
    """Each layer adds eight channels to what it reads; a transition halves them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.block1 = self._block(16, 4)
        self.transition1 = nn.Conv2d(48, 24, 1)
        self.block2 = self._block(24, 6)

    def _block(self, n_in: int, count: int) -> nn.Module:
        return nn.ModuleDict({f"layer{i + 1}": DenseLayer(n_in + 8 * i) for i in range(count)})


def conv(n_in: int, n_out: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3), nn.BatchNorm2d(n_out), nn.ReLU())


class Inception(nn.Module):
    """Four branches side by side, two of which chain two convolutions."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.branch1, self.branch4 = conv(n_in, n_out), nn.Sequential(nn.MaxPool2d(3), conv(n_in, n_out))
        self.branch2, self.branch3 = (nn.Sequential(conv(n_in, 8), conv(8, n_out)) for _ in range(2))


@BOTH
def test_resnets_of_basic_blocks_and_of_bottlenecks_are_told_with_their_stages(given: Callable[[nn.Module], object]) -> None:
    for block in (Basic, lambda n_in, n_out: Bottleneck(n_in, n_out // 4, n_out)):
        found = facts(given(ResNet(block)))
        assert [value(found, "num_blocks", f"layer{i}") for i in (1, 2, 3)] == [2, 3, 1]
        assert [value(found, key) for key in ("architecture", "family", "num_channels")] == ["convolutional network", "ResNet", 3]


@BOTH
def test_blocks_that_join_all_before_are_stages_too_but_no_resnet(given: Callable[[nn.Module], object]) -> None:
    found = facts(given(DenseNet()))
    assert [value(found, "num_blocks", scope) for scope in ("block1", "block2")] == [4, 6]
    assert value(found, "family") is None


@BOTH
def test_branches_side_by_side_are_no_stages(given: Callable[[nn.Module], object]) -> None:
    inception = nn.ModuleDict({"stem": nn.Conv2d(3, 16, 3), "a": Inception(16, 16), "b": Inception(64, 32), "c": Inception(128, 32)})
    heads = nn.ModuleList([nn.Sequential(conv(n, 16), conv(16, 16), nn.Conv2d(16, 4, 1)) for n in (16, 32, 64)])
    detector = nn.ModuleDict({"stem": nn.Conv2d(3, 16, 3), "boxes": heads, "classes": heads})
    for model in (inception, detector):
        found = facts(given(model))
        assert not [fact for fact in found if fact.key in ("num_blocks", "family")]


@BOTH
def test_a_layer_that_moves_pixels_into_channels_hides_how_many_come_in(given: Callable[[nn.Module], object]) -> None:
    model = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(48, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3))
    assert value(facts(given(model)), "num_channels") is None


@BOTH
@pytest.mark.parametrize(("skips", "kind"), [(1, "U-Net"), (0, "convolutional network")])
def test_a_way_up_is_a_unets_only_if_it_takes_in_what_the_way_down_made(
    given: Callable[[nn.Module], object], skips: int, kind: str
) -> None:
    ways = {"enc1": conv(1, 16), "enc2": conv(16, 32), "bottleneck": conv(32, 64)}
    ups = {"up2": nn.ConvTranspose2d(64, 32, 2), "dec2": conv(32 + 32 * skips, 32)}
    ups |= {"up1": nn.ConvTranspose2d(32, 16, 2), "dec1": conv(16 + 16 * skips, 16)}
    assert value(facts(given(nn.ModuleDict({**ways, **ups, "out": nn.Conv2d(16, 1, 1)}))), "architecture") == kind


@BOTH
def test_a_unet_that_is_one_part_of_a_convolutional_network_is_not_the_whole(given: Callable[[nn.Module], object]) -> None:
    ways = {"down": nn.ModuleList([conv(3, 16), conv(16, 32)]), "mid": conv(32, 32)}
    unet = nn.ModuleDict({**ways, "up": nn.ModuleList([conv(64, 16), conv(32, 16)]), "out": nn.Conv2d(16, 3, 3)})
    encoder = nn.Sequential(conv(3, 16), conv(16, 32), conv(32, 32), nn.Conv2d(32, 8, 3))
    assert value(facts(given(nn.ModuleDict({"unet": unet, "head": nn.Conv2d(3, 3, 3)}))), "architecture") == "U-Net"
    both = given(nn.ModuleDict({"encoder": encoder, "unet": unet}))
    assert value(facts(both), "architecture") == "convolutional network with a U-Net inside"
    assert "is a convolutional network with a U-Net inside, unet." in str(explain(both)).replace("\n", " ")


@BOTH
@pytest.mark.parametrize("first", [1, 3])
def test_a_way_up_that_adds_what_the_way_down_made_is_no_unets(given: Callable[[nn.Module], object], first: int) -> None:
    widths = (16, 16, 32, 64)
    down = {f"encoder{i}": nn.Sequential(conv(widths[i - 1], widths[i]), conv(widths[i], widths[i])) for i in (1, 2, 3)}
    ups = {f"decoder{i}": nn.Sequential(conv(widths[i], 4), nn.ConvTranspose2d(4, 4, 3), conv(4, widths[i - 1])) for i in (1, 2, 3)}
    ordered = dict(sorted(ups.items(), reverse=first == 3))
    parts = {"stem": nn.Conv2d(3, 16, 3), **down, "center": conv(64, 64), **ordered, "out": nn.Conv2d(16, 2, 1)}
    assert value(facts(given(nn.ModuleDict(parts))), "architecture") == "convolutional network"


@BOTH
def test_branches_over_one_input_and_a_single_join_make_no_unet(given: Callable[[nn.Module], object]) -> None:
    """DeepLab's decoder reads the last map by five branches, and what they give once together with an early map."""
    encoder = nn.ModuleList([conv(3, 16), conv(16, 64), conv(64, 256)])
    branches = nn.ModuleList([conv(256, 64) for _ in range(5)])
    decoder = nn.ModuleDict({"branches": branches, "project": conv(5 * 64, 64), "early": nn.Conv2d(16, 16, 1), "last": conv(64 + 16, 64)})
    assert value(facts(given(nn.ModuleDict({"encoder": encoder, "decoder": decoder}))), "architecture") == "convolutional network"


@BOTH
def test_an_autoencoder_gives_back_what_it_takes(given: Callable[[nn.Module], object]) -> None:
    encoder = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3))
    back = nn.Sequential(nn.ConvTranspose2d(32, 16, 3), nn.ReLU(), nn.ConvTranspose2d(16, 3, 3))
    scores = nn.Sequential(nn.ConvTranspose2d(32, 16, 3), nn.ReLU(), nn.ConvTranspose2d(16, 21, 3))
    assert value(facts(given(nn.ModuleDict({"encoder": encoder, "decoder": back}))), "architecture") == "convolutional autoencoder"
    assert value(facts(given(nn.ModuleDict({"encoder": encoder, "decoder": scores}))), "architecture") == "convolutional network"


class Chain(nn.Module):
    """Calls what is no module between its layers, for all that a tree tells."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(8, 128), nn.Linear(128, 64), nn.Linear(64, 2)


@BOTH
def test_linear_layers_alone_are_a_perceptron_or_an_autoencoder(given: Callable[[nn.Module], object]) -> None:
    chain = Chain()
    halves = {"encoder": nn.Sequential(nn.Linear(64, 8), nn.ReLU()), "decoder": nn.Sequential(nn.Linear(8, 64), nn.Sigmoid())}
    assert value(facts(given(chain)), "architecture") == "multi-layer perceptron"
    assert value(facts(given(nn.ModuleDict(halves))), "architecture") == "autoencoder of linear layers"
    assert value(facts(given(nn.ModuleDict({"a": nn.Linear(8, 4), "b": nn.Linear(8, 4)}))), "architecture") is None


@BOTH
def test_a_decoder_that_brings_stages_to_one_width_is_a_pyramid_and_no_unet(given: Callable[[nn.Module], object]) -> None:
    """Sizes at which what a pyramid's convolutions take could be two widths side by side: 112 = 32 + 80, 80 = 32 + 48."""
    widths = (32, 16, 48, 80, 112, 320)
    encoder = nn.Sequential(nn.Conv2d(3, 32, 3, 2), *(nn.Conv2d(a, b, 3, 2) for a, b in zip(widths, widths[1:], strict=False)))

    def gate(n_in: int) -> nn.Module:
        return nn.ModuleDict({"conv1": nn.Conv2d(32, 32, 1), "conv2": nn.Conv2d(n_in, 32, 3, padding=1)})

    pyramid = {"top": nn.Conv2d(320, 32, 1), "gate3": gate(112), "gate2": gate(80), "gate1": gate(48)}
    joined = {"up3": conv(320 + 112, 64), "up2": conv(64 + 80, 40), "up1": conv(40 + 48, 32)}
    for decoder, kind in ((pyramid, "convolutional network"), (joined, "U-Net")):
        model = nn.ModuleDict({"encoder": encoder, "decoder": nn.ModuleDict(decoder), "head": nn.Conv2d(32, 2, 3)})
        assert value(facts(given(model)), "architecture") == kind


class Inner(nn.Module):
    """MONAI's: what it holds, with what went in laid beside."""

    def __init__(self, submodule: nn.Module) -> None:
        super().__init__()
        self.submodule = submodule


def from_inside(widths: tuple[int, ...], n_in: int, n_out: int, join: int = 1) -> nn.Module:
    """A U-Net written from the inside; with `join` 0 nothing is laid beside."""
    width, *deeper = widths
    deepest = len(deeper) == 1
    inner = conv(width, deeper[0]) if deepest else from_inside(tuple(deeper), width, width, join)
    taken = (deeper[0] if deepest else width) + join * width
    return nn.Sequential(nn.Conv2d(n_in, width, 3, 2), Inner(inner), nn.ConvTranspose2d(taken, n_out, 3, 2))


@BOTH
def test_levels_that_stand_one_in_another_make_a_unet_where_what_went_in_is_laid_beside(given: Callable[[nn.Module], object]) -> None:
    e = explain(given(from_inside((16, 32, 64, 128), 3, 5)))
    fact = e.facts.get("architecture")
    assert fact is not None
    assert (fact.value, fact.basis) == ("U-Net", "derived")
    assert "Three levels stand one in another" in e.to_text(width=10**6)
    assert value(facts(given(from_inside((16, 32, 64, 128), 3, 5, join=0))), "architecture") != "U-Net"


@BOTH
def test_a_grid_of_nodes_that_take_all_before_them_in_their_row_is_a_nested_unet(given: Callable[[nn.Module], object]) -> None:
    n = (8, 16, 32, 64)
    nodes: dict[str, nn.Module] = {"pool": nn.MaxPool2d(2)}
    nodes |= {f"conv{i}_0": conv(n[i - 1] if i else 3, n[i]) for i in range(4)}
    nodes |= {f"conv{i}_{j}": conv(j * n[i] + n[i + 1], n[i]) for j in range(1, 4) for i in range(4 - j)}
    model = nn.ModuleDict({**nodes, "final": nn.Conv2d(8, 1, 1)})
    assert value(facts(given(model)), "architecture") == "nested U-Net"
    plain = {name: node for name, node in nodes.items() if name[-1] in "l01"}
    assert value(facts(given(nn.ModuleDict(plain))), "architecture") != "nested U-Net"
