"""The verbs of the command line: what a bare `vartai` shows, and where each is implemented.

A plain table, so that `vartai --help` needs nothing but this file. A new verb is one more line.
"""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """One verb.

    Attributes:
        words: as typed after `vartai`.
        target: ``module:function`` that does it; imported when it is asked for.
        summary: one line.
        example: a command that can be typed.
    """

    words: tuple[str, ...]
    target: str
    summary: str
    example: str


VERBS = (
    Verb(
        ("demo",),
        "vartai.cli.demo:demo",
        "What order and gates are worth, in a minute; leaves a model to try the verbs on.",
        "vartai demo",
    ),
    Verb(
        ("check",),
        "vartai.cli.check:check",
        "What would be read, guessed and rejected in a table; trains nothing.",
        "vartai check reviews.csv",
    ),
    Verb(
        ("train", "classify"),
        "vartai.cli.classify.train:train_classify",
        "Train a text classifier on a table and set it beside honest baselines.",
        "vartai train classify reviews.csv --text review --label sentiment --out reviews-model",
    ),
    Verb(
        ("train", "tag"),
        "vartai.cli.tag.train:train_tag",
        "Train a tagger: a tag for every word of a sentence.",
        "vartai train tag corpus.conllu --column upos --out tagger",
    ),
    Verb(
        ("train", "generate"),
        "vartai.cli.generate.train:train_generate",
        "Train a language model on text of your own and set it beside counting n-grams.",
        "vartai train generate book.txt --out book-model",
    ),
    Verb(
        ("train", "translate"),
        "vartai.cli.translate.train:train_translate",
        "Train a translator on pairs of sentences and set it beside honest baselines.",
        "vartai train translate pairs.tsv --source en --target de --out en-de-model",
    ),
    Verb(
        ("train", "answer"),
        "vartai.cli.answer.train:train_answer",
        "Train a model that answers questions about passages, or about stories.",
        "vartai train answer squad.json --out reader",
    ),
    Verb(
        ("train", "caption"),
        "vartai.cli.caption.train:train_caption",
        "Train a model that describes pictures, and that shows where it looked.",
        "vartai train caption captions.csv --image path --caption text --out captioner",
    ),
    Verb(
        ("features",),
        "vartai.cli.features:features",
        "What a pretrained encoder sees in pictures, computed once; captioners train on it.",
        "vartai features captions.csv --encoder torchvision:resnet50 --out features",
    ),
    Verb(
        ("compare", "classify"),
        "vartai.cli.compare.classify:compare_classify",
        "Compare cells as text classifiers: equal parameters, equal budget, several seeds.",
        "vartai compare classify names.csv --cells lstm,gru,lstm-no-forget-gate --out compared",
    ),
    Verb(
        ("compare", "tag"),
        "vartai.cli.compare.tag:compare_tag",
        "Compare cells as taggers, likewise.",
        "vartai compare tag corpus.conllu --column upos --cells lstm,gru,slstm --out compared",
    ),
    Verb(
        ("compare", "generate"),
        "vartai.cli.compare.generate:compare_generate",
        "Compare cells as language models, likewise.",
        "vartai compare generate book.txt --cells lstm,gru,slstm --time 2m --out compared",
    ),
    Verb(
        ("evaluate",),
        "vartai.cli.evaluate:evaluate",
        "Score a trained model on examples it has not seen.",
        "vartai evaluate reviews-model test.csv",
    ),
    Verb(
        ("predict",),
        "vartai.cli.predict:predict",
        "Label texts, lines or whole tables.",
        'vartai predict reviews-model "not bad at all"',
    ),
    Verb(
        ("generate",),
        "vartai.cli.generate.generate:generate",
        "Write text that goes on from a prompt.",
        'vartai generate book-model --prompt "It was" --temperature 0.8',
    ),
    Verb(
        ("translate",),
        "vartai.cli.translate.verb:translate",
        "Translate standard input, line by line.",
        "vartai translate en-de-model < in.txt > out.txt",
    ),
    Verb(
        ("stream",),
        "vartai.cli.stream.verb:stream",
        "Answer standard input line by line, the state kept: a label, a tag, a line written on.",
        "tail -f chat.txt | vartai stream mood-model --endless",
    ),
    Verb(
        ("answer",),
        "vartai.cli.answer.ask:answer",
        "Answer questions about a text.",
        'vartai answer reader --context passage.txt "Who wrote it?"',
    ),
    Verb(
        ("caption",),
        "vartai.cli.caption.verb:caption",
        "Describe pictures, a line for each.",
        "vartai caption captioner picture.jpg --attention looks.png",
    ),
    Verb(
        ("pairs",),
        "vartai.cli.pairs:pairs",
        "Sentences that differ in one thing: does the prediction flip, and should it?",
        "vartai pairs demo-model --generate negation",
    ),
    Verb(
        ("flags",),
        "vartai.cli.flags:flags",
        "Which units tell a property of words, corrected for chance, and what they cause.",
        "vartai flags tagger corpus.conllu --column feats:Gender --hold mean",
    ),
    Verb(
        ("find",),
        "vartai.cli.find:find",
        "Where else in a corpus a model's state is what it is after a stretch of text.",
        'vartai find book-model book.txt "it was [not so]"',
    ),
    Verb(
        ("show",),
        "vartai.cli.show:show",
        "What a trained model is: its card, its layers, their shapes.",
        "vartai show reviews-model",
    ),
    Verb(
        ("inspect",),
        "vartai.cli.inspect:inspect",
        "Look inside a model, in the browser: every state and gate, token by token.",
        'vartai inspect reviews-model "not bad at all"',
    ),
    Verb(
        ("memory",),
        "vartai.cli.memory.verb:memory",
        "How far back a model remembers: gradients over distance, saturation of its gates.",
        "vartai memory reviews-model --input reviews.csv --html memory.html",
    ),
    Verb(
        ("export",),
        "vartai.cli.export:export",
        "Write a trained model in another program's form, checked first.",
        "vartai export reviews-model --to onnx --out reviews-onnx",
    ),
    Verb(
        ("import",),
        "vartai.cli.import_:import_model",
        "Make a bundle of weights that another program has trained.",
        "vartai import reviews.toml --out reviews-model",
    ),
    Verb(
        ("serve",),
        "vartai.cli.serve:serve",
        "Serve models over HTTP: predictions, and sessions that keep a model's state.",
        "vartai serve reviews-model --port 8000",
    ),
    Verb(
        ("bench",),
        "vartai.cli.bench:bench",
        "How fast recurrent layers are on this machine, beside torch.nn and ONNX Runtime.",
        "vartai bench --threads 2",
    ),
)


def overview() -> str:
    """The page of `vartai --help`."""
    names = [" ".join(verb.words) for verb in VERBS]
    width = max(map(len, names))
    verbs = [f"  {name:{width}}  {verb.summary}" for name, verb in zip(names, VERBS, strict=True)]
    examples = [f"  {verb.example}" for verb in VERBS]
    return "\n".join(
        [
            "usage: vartai VERB …",
            "",
            "Recurrent networks trained on your own data on an ordinary CPU.",
            "",
            "verbs:",
            *verbs,
            "",
            "for example:",
            *examples,
            "",
            "vartai VERB --help tells all of a verb's options; --json makes a verb end with one",
            "JSON object (translate, caption, stream: one for each line or picture). Exit codes:",
            "0 done, 1 failed, 2 something typed or given is wrong.",
        ]
    )
