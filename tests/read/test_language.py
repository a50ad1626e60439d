import pytest

from foedus.read.language import language


@pytest.mark.parametrize(
    "text",
    [
        "Japan and the United States agreed to upgrade their alliance on Wednesday.",
        "China sanctions US firms",
        "Japanese Prime Minister Fumio Kishida met Indonesian President Joko Widodo in Jakarta.",
        "Prime Minister Narendra Modi congratulated Biden.",
        "Thai protesters blocked Bangkok airport",
        "INDIA EXPELS CANADIAN DIPLOMAT IN TIT-FOR-TAT MOVE",
        "us and china hold talks on trade",
    ],
)
def test_english_is_english(text: str):
    assert language(text).english


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("El gobierno de España condenó el ataque de Rusia contra Ucrania.", "es"),
        ("日本政府は中国の行動を強く非難し、制裁を検討している。", "ja"),
        ("中国政府星期三谴责美国对台军售，称此举违反国际法。", "zh"),
        ("Die Bundesregierung hat am Mittwoch Sanktionen gegen Russland verhängt.", "de"),
        ("Biden trifft Scholz in Berlin", "de"),
        ("Francia expulsa diplomáticos rusos", "es"),
        ("Россия обвинила Украину в нападении на приграничные районы.", "ru"),
        ("اتهمت إيران إسرائيل بالهجوم على قنصليتها في دمشق.", "ar"),
    ],
)
def test_other_languages_are_told(text: str, code: str):
    assert language(text).code == code
    assert not language(text).english


def test_hardly_any_text_is_of_no_language():
    assert language("12 34").code == "und"
