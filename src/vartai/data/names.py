"""Names that columns of text and of labels usually have, casefolded, the most telling first."""

from __future__ import annotations

TEXT_NAMES = (
    "text",
    "tekstas",
    "review",
    "review_text",
    "reviewtext",
    "sentence",
    "tweet",
    "comment",
    "comment_text",
    "message",
    "question",
    "utterance",
    "document",
    "body",
    "content",
    "caption",
    "sakinys",
    "atsiliepimas",
    "komentaras",
    "žinutė",
    "klausimas",
)

LABEL_NAMES = (
    "label",
    "labels",
    "sentiment",
    "class",
    "category",
    "target",
    "intent",
    "topic",
    "polarity",
    "emotion",
    "genre",
    "rating",
    "stars",
    "etiketė",
    "klasė",
    "kategorija",
    "nuotaika",
    "tema",
    "žanras",
)
