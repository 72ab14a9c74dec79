from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vartai.errors import OptionError
from vartai.images.encoder import PictureEncoder, build_encoder
from vartai.images.options import PictureOptions

SMALL = PictureOptions(picture_size=32, places=4, width=4, annotation_size=12, blocks=1)


def pictures(count: int, size: int = 32) -> Tensor:
    random = torch.Generator().manual_seed(5)
    return torch.randint(0, 256, (count, 3, size, size), generator=random, dtype=torch.uint8)


def encoder(options: PictureOptions = SMALL) -> PictureEncoder:
    torch.manual_seed(3)
    made = build_encoder(options)
    for parameter in made.parameters():  # also those that begin at zero
        torch.nn.init.normal_(parameter, std=0.3)
    return made


@pytest.mark.parametrize(
    ("size", "side"), [(64, 4), (64, 8), (64, 16), (128, 8), (80, 5), (112, 7), (224, 14)]
)
def test_a_picture_becomes_one_vector_a_place(size: int, side: int) -> None:
    made = encoder(PictureOptions(picture_size=size, places=side, width=2, annotation_size=6))
    found = made(pictures(2, size))
    assert found.shape == (2, made.annotations, made.size) == (2, side * side, 6)


def test_a_picture_alone_has_the_very_same_annotations_as_among_others() -> None:
    made = encoder().eval()
    many = pictures(7)
    with torch.no_grad():
        together = made(many)
        for place, picture in enumerate(many):
            assert torch.equal(made(picture[None])[0], together[place])
        assert torch.equal(made(many.flip(0)).flip(0), together)


def test_training_computes_what_inference_does() -> None:
    made = encoder()
    many = pictures(5)
    torch.testing.assert_close(made.train()(many), made.eval()(many), rtol=1e-4, atol=1e-4)


def test_whole_numbers_and_shares_of_255_are_the_same_picture() -> None:
    made = encoder().eval()
    many = pictures(2)
    torch.testing.assert_close(made(many), made(many.float() / 255))


def test_places_are_numbered_row_by_row_from_the_top_left() -> None:
    made = encoder(PictureOptions(picture_size=32, places=4, width=4, annotation_size=8, blocks=0))
    plain = torch.full((1, 3, 32, 32), 128, dtype=torch.uint8)
    spotted = plain.clone()
    spotted[:, :, 8:16, 24:32] = 255  # second row, fourth column
    changed = (made(spotted) - made(plain)).abs().sum(-1)[0]
    assert int(changed.argmax()) == 4 + 3


def test_an_annotation_depends_on_the_square_that_it_says_it_sees() -> None:
    options = PictureOptions(picture_size=128, places=16, width=4, annotation_size=8, blocks=1)
    made = encoder(options)
    assert made.sees == 28
    shades = pictures(1, 128).float().div(255).requires_grad_()
    made(shades)[0, 16 * 8 + 8].square().sum().backward()
    assert shades.grad is not None
    rows, columns = shades.grad.abs().sum((0, 1)).nonzero().unbind(1)
    assert int(rows.max() - rows.min()) + 1 == made.sees
    assert int(columns.max() - columns.min()) + 1 == made.sees


def test_places_alike_are_told_apart_only_by_their_position() -> None:
    plain = torch.full((1, 3, 64, 64), 128, dtype=torch.uint8)
    for positions in (True, False):
        made = encoder(
            PictureOptions(
                picture_size=64, places=8, width=4, annotation_size=8, blocks=0, positions=positions
            )
        )
        inner = made(plain).view(8, 8, 8)[2:-1, 2:-1].flatten(0, 1)
        same = torch.allclose(inner, inner[:1].expand_as(inner), atol=1e-5)
        assert same is not positions


def test_every_weight_is_learned() -> None:
    made = encoder()
    made(pictures(3)).pow(3).sum().backward()
    assert [name for name, p in made.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_dropout_is_of_training_only() -> None:
    made = encoder(
        PictureOptions(
            picture_size=32, places=4, width=4, annotation_size=12, annotation_dropout=0.5
        )
    )
    many = pictures(2)
    assert (made.train()(many) == 0).float().mean() > 0.3
    assert torch.equal(made.eval()(many), made(many))


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(OptionError, match=r"pictures \[B, 3, 32, 32\], found \[1, 3, 64, 64\]"):
        encoder()(pictures(1, 64))


def test_sizes_that_do_not_halve_say_which_do() -> None:
    with pytest.raises(
        OptionError, match="64 pixels cannot .* 7 places a side; possible: 16, 8, 4"
    ):
        PictureOptions(picture_size=64, places=7)
    with pytest.raises(OptionError, match="possible: none: its size is no multiple of 4"):
        PictureOptions(picture_size=65, places=8)


def test_a_model_file_cannot_ask_for_an_immense_encoder() -> None:
    with pytest.raises(OptionError, match="width 512, doubled"):
        PictureOptions(picture_size=1024, places=1, width=512)
    with pytest.raises(OptionError, match="annotation_size must be"):
        PictureOptions(annotation_size=1 << 40)
    with pytest.raises(OptionError, match="at most 1024 annotations, found 65536"):
        PictureOptions(picture_size=1024, places=256)
